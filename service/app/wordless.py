"""Modules loaded without what they say of themselves: four megabytes nobody reads.

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
_LOADING: Final = frozenset(opmap[name] for name in ("LOAD_CONST", "RETURN_CONST") if name in opmap)
# A module's words are the first it keeps, a class's come after its two names.
_FIRST_NAMES: Final = 4
_FIRST_STEPS: Final = 20
_LOAD: Final = opmap["LOAD_CONST"]
_STORE: Final = opmap["STORE_NAME"]
_WORDS: Final = "__doc__"
# SQLAlchemy adds to the words of its events while it declares them.
_ADDED_TO: Final = ".events"


@contextmanager
def nothing_said() -> Iterator[None]:
    """Let every module loaded meanwhile, its classes and functions be without docstrings.

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
    """Return code that does the same and has no docstrings: its own, and those of all in it."""
    constants = [without_words(one) if isinstance(one, CodeType) else one for one in code.co_consts]
    words = _words_of(code)
    if words is not None:
        constants[words] = None
    return code.replace(co_consts=tuple(constants))


def _words_of(code: CodeType) -> int | None:
    """Return which constant is a docstring and nothing but that."""
    if code.co_flags & _IN_A_FUNCTION == _IN_A_FUNCTION:
        return 0 if _has_words(code) else None
    if _WORDS not in code.co_names[:_FIRST_NAMES]:
        return None
    stored = (_STORE, code.co_names.index(_WORDS))
    steps = code.co_code[:_FIRST_STEPS]
    for at in range(2, len(steps), 2):
        if (steps[at], steps[at + 1]) == stored and steps[at - 2] == _LOAD:
            which = steps[at - 1]
            said = isinstance(code.co_consts[which], str)
            return which if said and _times_loaded(code.co_code, which) == 1 else None
    return None


def _has_words(code: CodeType) -> bool:
    """Tell whether the first constant is a function's docstring, and nothing but that."""
    if code.co_name.startswith("<"):
        return False
    if _IS_SAID and not code.co_flags & _HAS_WORDS:
        return False
    if not (code.co_consts and isinstance(code.co_consts[0], str)):
        return False
    return not _times_loaded(code.co_code, 0)


def _times_loaded(steps: bytes, which: int) -> int:
    """Return how often code loads a constant, one of the first 256."""
    kinds, given = steps[::2], steps[1::2]
    found = 0
    for kind in _LOADING:
        at = kinds.find(kind)
        while at >= 0:
            found += given[at] == which
            at = kinds.find(kind, at + 1)
    return found
