"""Modules without docstrings do what they did with them."""

import textwrap
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from service.app.wordless import nothing_said, without_words


def _run(source: str) -> dict[str, Any]:
    made: dict[str, Any] = {}
    exec(without_words(compile(textwrap.dedent(source), "module", "exec")), made)  # noqa: S102
    return made


def test_a_function_no_longer_says_what_it_does() -> None:
    made = _run('''
        def doubled(number):
            """Return twice a number."""
            def inner():
                """Return it."""
                return number * 2
            assert inner.__doc__ is None
            return inner()
    ''')

    assert made["doubled"].__doc__ is None
    assert made["doubled"](4) == 8


def test_a_class_and_its_methods_fall_silent() -> None:
    made = _run('''
        class Visit:
            """Somebody came."""
            kind = "visit"
            def close(self):
                """End it."""
                return "closed"
    ''')

    assert made["Visit"].__doc__ is None
    assert made["Visit"].close.__doc__ is None
    assert (made["Visit"].kind, made["Visit"]().close()) == ("visit", "closed")


def test_a_module_falls_silent() -> None:
    made = _run('"""What comes."""\ncome = "a visitor"')

    assert made["__doc__"] is None
    assert made["come"] == "a visitor"


@pytest.mark.parametrize(
    ("source", "name", "answer"),
    [
        ('"""same"""\nsaid = "same"', "said", "same"),
        ('class A:\n    """same"""\n    said = "same"\nsaid = A.said', "said", "same"),
        ('class A:\n    """A"""\nsaid = A.__qualname__', "said", "A"),
        ('class A:\n    kind = "first"\nsaid = A.kind', "said", "first"),
        ('said = "of a caller"\n__doc__ = said', "__doc__", "of a caller"),
        ('a = b = c = d = "many"\n__doc__ = "later"', "__doc__", "later"),
    ],
)
def test_what_a_class_and_a_module_hold_besides_is_kept(
    source: str, name: str, answer: str
) -> None:
    assert _run(source)[name] == answer


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ('def f():\n    """same"""\n    return "same"', "same"),
        ('def f():\n    """same"""\n    x = ("same", 1)\n    return x[0]', "same"),
        ('def f():\n    return "no docstring"', "no docstring"),
        ('def f(x="default"):\n    return x', "default"),
        ('f = lambda: "of a lambda"', "of a lambda"),
        ('def f():\n    return [one for one in ("a",)][0]', "a"),
        ('def f():\n    """Yield."""\n    return next(y for y in ("b",))', "b"),
        ('async def g():\n    """Wait."""\ndef f():\n    """"""\n    return "c"', "c"),
    ],
)
def test_what_a_function_says_elsewhere_is_kept(source: str, answer: str) -> None:
    assert _run(source)["f"]() == answer


def test_what_is_loaded_meanwhile_and_nothing_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("silenced_one", "speaking_one"):
        (tmp_path / f"{name}.py").write_text('def f():\n    """Say it."""\n', "utf-8")

    with nothing_said():
        silenced = import_module("silenced_one")
    speaking = import_module("speaking_one")

    assert silenced.f.__doc__ is None
    assert speaking.f.__doc__ == "Say it."


def test_whole_modules_answer_as_before() -> None:
    made = _run(Path(textwrap.__file__).read_text("utf-8"))

    text = "A customer comes in the morning and asks for the flat on the third floor."
    assert made["wrap"](text, 20) == textwrap.wrap(text, 20)
    assert made["wrap"].__doc__ is None
