"""What a simulation showed, as a workbook and as a plot: no name of anybody is ever a formula."""

import zipfile
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.formulas import guarded
from service.simulation.periods.charting import Bar, chart
from service.simulation.periods.comparing import Comparison
from service.simulation.periods.showing import CAPTIONS, Findings, write

HOSTILE = ("=1+1", "+86", "-2", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x","y")', "薄文静")

COLUMNS = (
    *("position", "happened_at", "site", "subject", "visit", "rule_before", "rule_after"),
    *("receiver_before", "receiver_after", "owner_before", "owner_after"),
    *("credit_before", "credit_after"),
)


def test_a_workbook_holds_what_was_found_and_not_one_formula(tmp_path: Path) -> None:
    path = tmp_path / "found.xlsx"
    sums = [
        {
            **dict.fromkeys(
                (
                    "visits_before",
                    "visits_after",
                    "turns_before",
                    "turns_after",
                    "credit_before",
                    "credit_after",
                    "receiver_changed",
                    "owner_changed",
                    "credit_changed",
                ),
                3,
            ),
            "tally_of": "MEMBER",
            "member": name,
            "site": None,
            "rule": None,
        }
        for name in HOSTILE
    ]
    shares = [
        {"holder": "COMPANY", "name": None, "basis_points": 6000},
        {"holder": "MEMBER", "name": "安志远", "basis_points": 4000},
    ]
    cases = [{"position": 1, "happened_at": "2026-03-02 09:30", "credit": shares}]

    write(path, Findings({"visits": 7, "before": {"waiting": 0}}, sums, cases))

    with zipfile.ZipFile(path) as book:
        sheets = [book.read(f"xl/worksheets/sheet{n}.xml").decode() for n in (1, 2, 3)]
        shared = book.read("xl/sharedStrings.xml").decode()
    assert not any("<f>" in sheet for sheet in sheets)
    assert "company 60 %, 安志远 40 %" in shared
    assert all(ET.fromstring(sheet) is not None for sheet in sheets)  # noqa: S314 - our own
    assert "薄文静" in shared


@pytest.mark.parametrize("locale", CAPTIONS)
def test_a_workbook_speaks_the_language_of_who_asks(tmp_path: Path, locale: str) -> None:
    path = tmp_path / "found.xlsx"
    summary = Comparison().summary()
    sums = [defaultdict(int, tally_of="SITE")]
    cases = [dict.fromkeys(COLUMNS) | {"subject": "DEAL"}]

    write(path, Findings({"kind": "STATELESS", **summary}, sums, cases, locale))

    with zipfile.ZipFile(path) as book:
        words = ET.fromstring(book.read("xl/sharedStrings.xml"))  # noqa: S314 - our own
        names = ET.fromstring(book.read("xl/workbook.xml"))  # noqa: S314 - our own
    read = [one.text or "" for one in words.iter() if one.tag.endswith("}t")]
    read += [one.attrib["name"] for one in names.iter() if one.tag.endswith("}sheet")]
    assert not any("_" in one or one.isupper() for one in read)
    assert all(one.isascii() == (locale == "en") for one in read)


@given(st.text())
def test_no_text_begins_as_a_formula_does(text: str) -> None:
    assert guarded(text)[:1] not in {"=", "+", "-", "@", "\t", "\r"}


def test_a_plot_is_a_picture_whatever_people_are_called() -> None:
    bars = [Bar('<b>&"薄', (3, 5), (1.5, 0)), Bar("安志远", (0, 0), (0, 2))]

    for captions in CAPTIONS.values():
        drawn = ET.fromstring(chart(bars, captions))  # noqa: S314 - our own
        texts = [node.text for node in drawn.iter("{http://www.w3.org/2000/svg}text")]
        assert '<b>&"薄' in texts
        assert {"3", "5", "1.5"} <= set(texts)
    assert ET.fromstring(chart([], CAPTIONS["en"])) is not None  # noqa: S314 - our own


def test_what_somebody_is_called_is_no_formula_wherever_a_saved_csv_is_split(
    tmp_path: Path,
) -> None:
    path = tmp_path / "found.xlsx"
    cases = [dict.fromkeys(COLUMNS) | {"subject": "DEAL", "site": "x;=1+1"}]

    write(path, Findings({"kind": "STATELESS", **Comparison().summary()}, [], cases, "en"))

    with zipfile.ZipFile(path) as book:
        assert "<t>x;'=1+1</t>" in book.read("xl/sharedStrings.xml").decode()
