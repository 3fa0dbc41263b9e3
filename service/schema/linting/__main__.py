"""Lint the committed schema: one line a fault, exit code 1 when there is one."""

import sys

from graphql import build_schema

from service.schema.description import FILE
from service.schema.linting import faults


def main() -> int:
    """Print the faults of the committed schema."""
    found = faults(build_schema(FILE.read_text("utf-8")))
    for fault in found:
        sys.stderr.write(f"{fault.place}: {fault.message} ({fault.rule})\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
