"""What the printed schema must be, whatever its domains say.

`python -m service.schema.linting` is part of the checks and names every fault with its place. One
rule is one function; what is excepted stands beside the rules, each with its reason. The server
itself never imports this.
"""

from service.schema.linting.rules import RULES, Fault, faults

__all__ = ["RULES", "Fault", "faults"]
