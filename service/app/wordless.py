"""Modules loaded without what their functions say of themselves: two megabytes nobody reads.

`python -OO` would do it, but would also leave out every assertion of every library.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from opcode import opmap
from types import CodeType, ModuleType
from typing import Final

_IN_A_FUNCTION: Final = 0x3  # CO_OPTIMIZED and CO_NEWLOCALS
_HAS_WORDS: Final = 0x4000000  # CO_HAS_DOCSTRING, said since Python 3.13
_IS_SAID: Final = sys.version_info >= (3, 13)
_FIRST_CONSTANT: Final = [
    bytes((opmap[name], 0)) for name in ("LOAD_CONST", "RETURN_CONST") if name in opmap
]
# SQLAlchemy adds to the words of its events while it declares them.
_ADDED_TO: Final = ".events"


@contextmanager
def functions_without_words() -> Iterator[None]:
    """Let the functions of every module loaded meanwhile be without docstrings.

    What is loaded later, like a debugger, may live on them.
    """
    sys.meta_path.insert(0, _Finder)
    try:
        yield
    finally:
        sys.meta_path.remove(_Finder)


class _Loader(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType | None:
        """Return the module's code, as it is kept or as it is compiled, without words."""
        code = super().get_code(fullname)
        return code and without_words(code)


class _Finder(PathFinder):
    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return what Python would find, with our loader where it would read Python's source."""
        spec = super().find_spec(fullname, path, target)
        if spec is None or fullname.endswith(_ADDED_TO):
            return spec
        if type(spec.loader) is SourceFileLoader:
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


def without_words(code: CodeType) -> CodeType:
    """Return code that does the same and whose functions have no docstrings."""
    constants = tuple(
        without_words(one) if isinstance(one, CodeType) else one for one in code.co_consts
    )
    if _has_words(code):
        constants = (None, *constants[1:])
    return code.replace(co_consts=constants)


def _has_words(code: CodeType) -> bool:
    """Tell whether the first constant is a function's docstring, and nothing but that."""
    if code.co_flags & _IN_A_FUNCTION != _IN_A_FUNCTION or code.co_name.startswith("<"):
        return False
    if _IS_SAID and not code.co_flags & _HAS_WORDS:
        return False
    if not (code.co_consts and isinstance(code.co_consts[0], str)):
        return False
    steps = code.co_code
    return not any(steps[at : at + 2] in _FIRST_CONSTANT for at in range(0, len(steps), 2))
