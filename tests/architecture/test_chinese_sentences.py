"""Chinese sentences have Chinese punctuation: every catalogue, template, rulebook and message."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
HAN = r"[\u3400-\u9fff\uf900-\ufaff]"
# Clauses are quoted as the job descriptions count them; marks and words that are to be typed as
# they stand are quoted too.
AS_WRITTEN = re.compile(
    r"[一二三四五六七八九十]+\([一二三四五六七八九十]+\)|[「“][,:][」”]|policy: |（[dr]: "
)
ASCII = re.compile(
    rf"{HAN}\s?[,;:?!]|[,;:?!]\s?{HAN}|[}}」”）]\s?[,;:?!]\s?({HAN}|[{{「“（]|$)"
    rf"|^[,;:?!]|{HAN}\s?[()]|[()]\s?{HAN}|{HAN}\.(\s|$)"
)
ENGLISH = re.compile(r"[A-Za-z]+ [A-Za-z]+ ")


def half_width(text: str) -> bool:
    """Tell whether a text is Chinese and has a mark that belongs to English."""
    return bool(re.search(HAN, text)) and bool(ASCII.search(AS_WRITTEN.sub("，", text)))


def values(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            # A source is quoted as it is numbered.
            if key != "source":
                yield from values(value)
    elif isinstance(node, list):
        for value in node:
            yield from values(value)
    elif isinstance(node, str):
        yield node


def in_catalogues() -> Iterator[tuple[Path, str]]:
    for folder in ("service", "policies"):
        for file in sorted((ROOT / folder).rglob("*.yaml")):
            for text in values(yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader)):
                yield file, text


def in_code() -> Iterator[tuple[Path, str]]:
    """Yield what is written between quotes; what is told of the code itself is English."""
    for file in sorted((ROOT / "service").rglob("*.py")):
        source = file.read_text("utf-8")
        if re.search(HAN, source):
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    for line in re.split(r"[|\n]", node.value):
                        if not ENGLISH.search(line):
                            yield file, line


@pytest.mark.parametrize("where", [in_catalogues, in_code])
def test_chinese_sentences_have_chinese_punctuation(where: object) -> None:
    assert callable(where)
    found = [(file, text) for file, text in where() if re.search(HAN, text)]

    assert len(found) > 400
    wrong = [f"{file.relative_to(ROOT)}: {text}" for file, text in found if half_width(text)]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("請先簽到,再接待。", True),
        ("{name}代理同事:{action}", True),
        ("角色“{role}”;{but}", True),
        (",{field}不超過 {most}", True),
        ("折讓(基點)", True),
        ("折讓（基點），不超過 3", False),
        ("依五(五)4，由其接待", False),
        ("缺少「,」或「]」", False),
        ("signed, then paid", False),
    ],
)
def test_a_mark_of_english_in_chinese_is_found(text: str, wrong: bool) -> None:
    assert half_width(text) is wrong
