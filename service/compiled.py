"""Finds the compiled modules of a package, as long as they are of the text that is there.

`make compiled` compiles what computes the most (mypyc) into the folder `compiled` of its package,
beside a list of the sources they were made of. Without them, after a change of any source, or under
another Python than they were made for, the sources run as they stand: slower, to the same end.
"""

import json
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Final

FOLDER: Final = "compiled"
LIST: Final = "sources.json"
_SERVICE: Final = Path(__file__).parent


def digests(sources: Iterable[str]) -> dict[str, str]:
    """Return SHA-256s of sources, by their paths below `service`; of nothing if they are gone."""
    return {name: _digest(_SERVICE / name) for name in sources}


def compiled(package: Path) -> list[str]:
    """Return the folder of a package's compiled modules; none where they are of another text."""
    folder = package / FOLDER
    try:
        made_of: dict[str, str] = json.loads((folder / LIST).read_bytes())
    except FileNotFoundError:
        return []
    return [str(folder)] if digests(made_of) == made_of else []


def _digest(path: Path) -> str:
    return sha256(path.read_bytes() if path.exists() else b"").hexdigest()
