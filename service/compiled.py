"""Finds the compiled modules of a package, as long as they are of the text that is there.

`make compiled` compiles what computes the most (mypyc) into the folder `compiled` of its package,
beside a list of the sources they were made of. Without them, after a change of any source, or under
another Python than they were made for, the sources run as they stand: slower, to the same end.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

FOLDER: Final = "compiled"
LIST: Final = "made_of.json"
_SERVICE: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class MadeOf:
    """What compiled modules were made of, and which files they are.

    Attributes:
        sources: SHA-256s by the paths of sources below `service`.
        modules: names of files.
    """

    sources: dict[str, str]
    modules: list[str]

    def write(self, folder: Path) -> None:
        """Write it down beside the modules."""
        (folder / LIST).write_text(json.dumps(asdict(self), indent=1) + "\n")


def read(folder: Path) -> MadeOf | None:
    """Return what a folder's modules were made of; None where that or one of them is not there."""
    try:
        found = MadeOf(**json.loads((folder / LIST).read_bytes()))
    except (OSError, ValueError, TypeError):
        # Whoever made it was stopped halfway, or it was never made.
        return None
    return found if all((folder / name).is_file() for name in found.modules) else None


def digests(sources: Iterable[str]) -> dict[str, str]:
    """Return SHA-256s of sources, by their paths below `service`; of nothing if they are gone."""
    return {name: _digest(_SERVICE / name) for name in sources}


def compiled(package: Path) -> list[str]:
    """Return the folder of a package's compiled modules; none where they are of another text."""
    folder = package / FOLDER
    made = read(folder)
    return [str(folder)] if made is not None and digests(made.sources) == made.sources else []


def _digest(path: Path) -> str:
    return sha256(path.read_bytes() if path.exists() else b"").hexdigest()
