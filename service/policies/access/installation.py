"""A check at the start of every process: is the `casbin` that would run really casbin?"""

from importlib.metadata import PackageNotFoundError, version


class PycasbinInstalled(RuntimeError):
    """Two distributions own the files of the module `casbin`; nobody can say whose code runs."""


def refuse_pycasbin() -> None:
    """Stop the start when `pycasbin` lies over the files of `casbin`.

    Third-party adapters pull it in; either distribution alone is fine.

    Raises:
        PycasbinInstalled: both are installed; says what to do.
    """
    try:
        found = [f"{name} {version(name)}" for name in ("casbin", "pycasbin")]
    except PackageNotFoundError:
        return
    raise PycasbinInstalled(
        f"{' and '.join(found)} overwrite each other's files: uninstall both, then install casbin."
    )
