"""Strangers' files: what cannot be read is told by row and column, and costs little."""

import asyncio
import csv
import re
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from io import BytesIO, StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.errors import Busy, Refusal
from service.exchange import asking, xlsx_reading
from service.exchange.asking import Processes, read_table
from service.exchange.errors import FileUnreadable
from service.exchange.reading import MOST_BLANK, MOST_ROWS, main, table_of
from service.exchange.rules.columns import CHOICES, COLUMNS
from service.exchange.sheets import Amount, Sheet, as_csv, told
from service.exchange.writing import workbook
from service.formulas import guarded, unguarded
from service.targets.tables import TargetKind, TargetLevel, TargetSplit

HEADS = ("key", "amount", "first_day", "pinned")


def faults(told: dict[str, Any]) -> list[tuple[int, str, str]]:
    return [(row, column, code) for row, column, code, _ in told["faults"]]


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    def of(body: bytes | str, kind: str = "csv", encoding: str | None = None) -> dict[str, Any]:
        path = tmp_path / "file"
        path.write_bytes(body.encode() if isinstance(body, str) else body)
        return table_of(path, kind, encoding)

    return of


def book(*rows: Sequence[object], change: Callable[[Any, Any], None] | None = None) -> bytes:
    """Make a workbook with one sheet of targets."""
    made = openpyxl.Workbook()
    sheet = made.active
    for row in (HEADS, *rows):
        sheet.append(row)
    if change is not None:
        change(made, sheet)
    target = BytesIO()
    made.save(target)
    return target.getvalue()


def with_part(body: bytes, name: str, content: str | bytes) -> bytes:
    """Put a part into a workbook, or another in its place."""
    target = BytesIO()
    with zipfile.ZipFile(BytesIO(body)) as old, zipfile.ZipFile(target, "w", 8) as new:
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    return target.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def of_sheet(body: bytes, old: str, new: str) -> bytes:
    with zipfile.ZipFile(BytesIO(body)) as archive:
        text = archive.read(SHEET).decode()
    assert old in text
    return with_part(body, SHEET, text.replace(old, new, 1))


def why(read: Callable[..., Any], *arguments: Any) -> tuple[str, Any]:
    with pytest.raises(Refusal) as refused:
        read(*arguments)
    return refused.value.code, refused.value.values().get("fault")


@pytest.mark.parametrize(
    "text",
    [
        "1.234,56", "1,234", "1e5", "NaN", "Infinity", "１２３", "'123", "--1", "+1", "1.", ".5",
        "0x10", "1 000", "1_000", "１", "٣", "$5", "5%", "一百", "1" * 31,
    ],
)  # fmt: skip
def test_a_number_that_could_be_another_is_none(
    read: Callable[..., dict[str, Any]], text: str
) -> None:
    assert faults(read(f'key,amount\na,5\nb,"{text}"\n')) == [(3, "amount", "NUMBER_NOT_PLAIN")]


def test_plain_numbers_and_days_are_read_as_they_are_written(
    read: Callable[..., dict[str, Any]],
) -> None:
    told = read("key,amount,first_day\na,-12.50,2027-03-31\nb, 7 ,2027/3/1\nc,,\n")

    assert told["faults"] == []
    assert [values for _, values in told["rows"]] == [
        {"key": "a", "amount": "-12.50", "first_day": "2027-03-31"},
        {"key": "b", "amount": "7", "first_day": "2027-03-01"},
        {"key": "c"},
    ]


def test_every_row_is_told_by_its_number_and_column(read: Callable[..., dict[str, Any]]) -> None:
    told = read(
        "key,amount,first_day,pinned,kind,org_unit\n"
        "a,=1+1,31.12.2027,perhaps,SOFT,\n"
        '"b\nc",1,2027-02-30,yes,street,' + "u" * 65 + "\n"
        "d,1,2027-1/2,no,,\x07\n"
        "a,2,,,,\n"
        ",3,,,,\n"
        "f,4,,,,,more\n"
    )

    assert faults(told) == [
        (2, "amount", "CELL_IS_FORMULA"),
        (2, "first_day", "DAY_NOT_PLAIN"),
        (2, "pinned", "INVALID_INPUT"),
        (2, "kind", "INVALID_INPUT"),
        (3, "key", "INVALID_INPUT"),
        (3, "first_day", "DAY_NOT_PLAIN"),
        (3, "org_unit", "INVALID_INPUT"),
        (4, "first_day", "DAY_NOT_PLAIN"),
        (4, "org_unit", "INVALID_INPUT"),
        (6, "key", "INVALID_INPUT"),
        (7, "", "COLUMN_UNKNOWN"),
        (5, "key", "SHEET_ROW_REPEATED"),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    ("heads", "encoding"),
    [
        (("Key", " AMOUNT ", "First day"), "utf-8"),
        (("編號", "目標值", "首日"), "utf-8-sig"),
        (("编号", "目标值", "首日"), "utf-16"),
    ],
)
def test_headings_are_read_in_every_language_and_marked_encoding(
    read: Callable[..., dict[str, Any]], heads: Sequence[str], encoding: str, delimiter: str
) -> None:
    told = read(f"{delimiter.join(heads)}\r\nä,5\r\n".replace(",", delimiter).encode(encoding))

    assert told["rows"] == [[2, {"key": "ä", "amount": "5"}]]
    assert told["about"]["encoding"] == ("UTF-16" if encoding == "utf-16" else "UTF-8")


def test_what_is_not_utf_8_is_read_only_as_the_sender_says(
    read: Callable[..., dict[str, Any]],
) -> None:
    text = "編號,目標值\n臺北,5\n"
    with pytest.raises(Refusal) as refused:
        read(text.encode("big5"))
    simplified = why(read, "编号,目标值\n苏州,5\n".encode("gb18030"))

    assert refused.value.code == "FILE_ENCODING_UNKNOWN"
    assert "Big5" in refused.value.values()["possible"]
    assert simplified[0] == "FILE_ENCODING_UNKNOWN"
    assert read(text.encode("big5"), "csv", "big5")["rows"][0][1]["key"] == "臺北"
    assert why(read, b"\xff\xfe\xff", "csv", "gb18030")[0] == "FILE_UNREADABLE"
    assert why(read, b"key,amount\n\x00,1\n") == ("FILE_UNREADABLE", "FILE_BROKEN")
    assert why(read, b"") == ("FILE_UNREADABLE", "FILE_EMPTY")


def test_headings_that_are_unknown_repeated_or_missing_are_told_and_no_row_is_read(
    read: Callable[..., dict[str, Any]],
) -> None:
    told = read("key,Key,sum\na,b,5\n")

    assert told["rows"] == []
    assert faults(told) == [
        (1, "", "COLUMN_UNKNOWN"),
        (1, "", "COLUMN_UNKNOWN"),
        (1, "amount", "COLUMN_MISSING"),
    ]


def test_of_a_workbook_values_are_read_and_formulas_never_worked_out(
    read: Callable[..., dict[str, Any]],
) -> None:
    told = read(
        book(
            ("a", 1234.56, date(2027, 3, 31), True),
            ("b", "=1+1", datetime(2027, 3, 31, 12), "no"),
            (3, 4.0999999999999996, "2027-04-01", None),
            ("d", 1e15, None, None),
            ("e", "1234567890123456.78", None, None),
            ("f", date(2027, 1, 1), 46000, "#REF!"),
        ),
        "xlsx",
    )

    assert told["about"] == {"sheet": "Sheet"}
    rows = dict(told["rows"])
    assert rows[2] == {"key": "a", "amount": "1234.56", "first_day": "2027-03-31", "pinned": True}
    assert rows[4] == {"key": "3", "amount": "4.1", "first_day": "2027-04-01"}
    assert rows[6] == {"key": "e", "amount": "1234567890123456.78"}
    assert faults(told) == [
        (3, "amount", "CELL_IS_FORMULA"),
        (3, "first_day", "DAY_NOT_PLAIN"),
        (5, "amount", "NUMBER_TOO_PRECISE"),
        (7, "amount", "NUMBER_NOT_PLAIN"),
        (7, "first_day", "DAY_NOT_PLAIN"),
        (7, "pinned", "INVALID_INPUT"),
    ]


def test_merged_cells_are_at_fault_and_hidden_sheets_are_never_read(
    read: Callable[..., dict[str, Any]],
) -> None:
    def change(made: Any, sheet: Any) -> None:
        sheet.merge_cells("B2:B3")
        made.create_sheet("first", 0).append(("key", "amount"))
        made["first"].sheet_state = "hidden"

    told = read(book(("a", 1), ("b", 2), change=change), "xlsx")
    hidden = book(("a", 1))
    hidden = with_part(
        hidden,
        "xl/workbook.xml",
        zipfile.ZipFile(BytesIO(hidden)).read("xl/workbook.xml").replace(b'"visible"', b'"hidden"'),
    )

    assert told["about"] == {"sheet": "Sheet"}
    assert faults(told) == [(2, "amount", "CELL_IS_MERGED")]
    assert why(read, hidden, "xlsx") == ("FILE_UNREADABLE", "FILE_NO_SHEET")


def test_a_cell_too_far_to_the_right_is_told_and_a_blank_one_is_not(
    read: Callable[..., dict[str, Any]],
) -> None:
    def cell(at: str, content: str) -> bytes:
        end = f'<c r="{at}2">{content}</c></row>'
        return of_sheet(book(("a", 1)), "</row></sheetData>", f"{end}</sheetData>")

    for at in ("E", "AZ", "BA", "XFD"):
        assert faults(read(cell(at, "<v>5</v>"), "xlsx")) == [(2, "", "COLUMN_UNKNOWN")]
        assert faults(read(cell(at, ""), "xlsx")) == []


def test_a_sheet_of_more_cells_than_are_read_is_refused_however_few_rows_it_has(
    read: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def row(cells: int) -> bytes:
        return of_sheet(book(("a", 1)), "</sheetData>", f"<row>{'<c/>' * cells}</row></sheetData>")

    # A row of a million is read whole before anybody sees how wide it is.
    assert why(read, row(520_001), "xlsx") == ("FILE_UNREADABLE", "FILE_TOO_MANY_CELLS")
    assert MOST_ROWS * 52 == xlsx_reading.MOST_CELLS
    monkeypatch.setattr(xlsx_reading, "MOST_CELLS", 30)
    of_the_rest = 30 - 4 - 2
    assert faults(read(row(of_the_rest), "xlsx")) == []
    assert why(read, row(of_the_rest + 1), "xlsx")[1] == "FILE_TOO_MANY_CELLS"


ENTITIES = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">'
    '<!ENTITY c SYSTEM "file:///etc/hostname">]><x>&b;&c;</x>'
)


@pytest.mark.parametrize(
    ("part", "content", "fault"),
    [
        (SHEET, ENTITIES, "FILE_DECLARES_ENTITIES"),
        ("xl/sharedStrings.xml", ENTITIES.encode("utf-16"), "FILE_DECLARES_ENTITIES"),
        ("xl/externalLinks/externalLink1.xml", "<x/>", "FILE_LINKS_OUTSIDE"),
        ("xl/vbaProject.bin", b"x", "FILE_WITH_MACROS"),
        ("xl/media/image.bin", b"\0" * 97 * 1024 * 1024, "FILE_UNPACKS_TOO_LARGE"),
        (SHEET, "<worksheet><unclosed>", "FILE_BROKEN"),
        ("xl/workbook.xml", "<x/>", "FILE_NO_SHEET"),
    ],
)
def test_a_workbook_that_could_harm_is_refused_as_a_whole(
    read: Callable[..., dict[str, Any]], part: str, content: str | bytes, fault: str
) -> None:
    assert why(read, with_part(book(("a", 1)), part, content), "xlsx") == ("FILE_UNREADABLE", fault)


def test_what_is_no_workbook_is_said_to_be_none(read: Callable[..., dict[str, Any]]) -> None:
    plain = BytesIO()
    with zipfile.ZipFile(plain, "w") as archive:
        archive.writestr("readme.txt", "no workbook")

    assert why(read, b"key,amount\n", "xlsx")[1] == "FILE_BROKEN"
    assert why(read, plain.getvalue(), "xlsx")[1] == "FILE_NO_WORKBOOK"
    assert why(read, b"\xd0\xcf\x11\xe0\xa1\xb1", "xlsx")[1] == "FILE_LOCKED"


def test_rows_are_bounded_and_blank_ones_too(read: Callable[..., dict[str, Any]]) -> None:
    longest = "key,amount\n" + "".join(f"k{n},1\n" for n in range(MOST_ROWS))
    far = of_sheet(book(("a", 1), ("b", 2)), '<row r="3"', '<row r="1048576"')

    assert len(read(longest)["rows"]) == MOST_ROWS
    assert why(read, longest + "more,1\n")[0] == "SHEET_TOO_LONG"
    assert why(read, "key,amount\n" + ",\n" * (MOST_BLANK + 1))[0] == "SHEET_TOO_LONG"
    assert why(read, far, "xlsx")[0] == "SHEET_TOO_LONG"
    assert faults(read("key,amount\n\n , \na,x\n")) == [(4, "amount", "NUMBER_NOT_PLAIN")]


def test_a_file_that_eats_memory_or_time_costs_a_process_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_text("key,amount\n" + "\U00020000" * 4_000_000)
    confined = (
        "import sys; from service.exchange.limits import confine; confine(100 * 2**20, 60);"
        "from service.exchange.reading import main; sys.stdout.buffer.write(main(*sys.argv[1:]))"
    )

    told = subprocess.run(
        [sys.executable, "-c", confined, str(path), "csv"], capture_output=True, check=True
    )

    assert orjson.loads(told.stdout)["refusal"][1]["fault"] == "FILE_TAKES_TOO_LONG"


async def test_a_few_files_are_read_at_once_and_who_comes_when_many_wait_comes_again(
    tmp_path: Path,
) -> None:
    path = tmp_path / "file"
    path.write_text("key,amount\na,1\n")
    processes = Processes(at_once=1, most=2)
    waiting = [asyncio.ensure_future(read_table(processes, path, "csv")) for _ in range(3)]

    found = await asyncio.gather(*waiting, return_exceptions=True)

    assert [type(one) for one in found if isinstance(one, Exception)] == [Busy]
    with pytest.raises(FileUnreadable):
        await processes.run("service.exchange.nothing")


async def test_a_long_table_is_taken_over_row_by_row_while_others_are_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_text("key,amount\n" + "".join(f"k{n},1\n" for n in range(100)) + "k0,x\n")
    taken: list[tuple[int, int]] = []
    loads = orjson.loads

    def noted(text: bytes) -> Any:
        taken.append((threading.get_ident(), len(text)))
        return loads(text)

    monkeypatch.setattr(asking, "orjson", SimpleNamespace(loads=noted, dumps=orjson.dumps))

    table = await read_table(Processes(), path, "csv")

    assert [row.values["key"] for row in table.rows] == [*(f"k{n}" for n in range(100)), "k0"]
    assert {(fault.row, fault.column) for fault in table.faults} == {(102, "amount"), (102, "key")}
    assert threading.get_ident() not in {thread for thread, _ in taken}
    assert max(length for _, length in taken) < 200


async def test_a_file_that_was_read_before_anybody_looked_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_text("key,amount\na,1\n")
    begun = asyncio.create_subprocess_exec

    async def ended(*given: Any, **named: Any) -> asyncio.subprocess.Process:
        process = await begun(*given, **named)
        await process.wait()
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", ended)

    assert len((await read_table(Processes(), path, "csv")).rows) == 1


SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"
CELLS = st.text(alphabet=st.sampled_from(f"'\"{SIGNS};,|\t\r\n \u3000a1"), max_size=8)


@given(CELLS)
def test_a_guarded_text_is_no_formula_and_nothing_of_it_is_lost(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith((*SIGNS, "\t", "\r", "\n"))


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=3))
@example([["x;=1+1", 'y;"=1+1"', "z\n=1+1"]])
@example([["a", "b;  =1+1", "c|@SUM(1)"]])
def test_however_a_spreadsheet_splits_a_csv_no_part_of_a_text_is_a_formula(
    rows: list[list[str]],
) -> None:
    written = as_csv(Sheet("any", ["a", "b;=1", "c"], rows)).decode("utf-8-sig")

    read = list(csv.reader(StringIO(written, newline="")))
    assert [[unguarded(cell) for cell in row] for row in read[1:]] == rows
    for delimiter in ",;\t|":
        for row in csv.reader(StringIO(written, newline=""), delimiter=delimiter):
            assert not [cell for cell in row if cell.lstrip().startswith(tuple(SIGNS))], delimiter
    # Nor where quotation marks mean nothing to it.
    for part in re.split(r"[;|\t\r\n]", written):
        assert not part.lstrip(' "').startswith(tuple(SIGNS))


def test_written_files_hold_exact_numbers_days_and_no_formula() -> None:
    rows = [["=1+1", Amount("-1234567.89"), date(2027, 3, 31), None],
            ["a", Amount("1234567890123456.78"), None, None]]  # fmt: skip
    sheet = Sheet("plan/2027:[x]", HEADS, rows)

    text = as_csv(sheet).decode("utf-8-sig").splitlines()
    made = openpyxl.load_workbook(BytesIO(workbook(orjson.loads(orjson.dumps(told([sheet]))))))

    assert text[1:] == [
        '"\'=1+1",-1234567.89,2027-03-31,',
        '"a",1234567890123456.78,,',
    ]
    found = made.active
    assert [cell.data_type for cell in found[2]] == ["s", "n", "d", "n"]
    assert [cell.value for cell in found[2]] == ["'=1+1", -1234567.89, datetime(2027, 3, 31), None]
    assert found["B3"].value == "1234567890123456.78"


def test_headings_are_told_apart_and_choices_are_the_words_of_targets() -> None:
    for place in range(3):
        assert len({column.headings[place] for column in COLUMNS}) == len(COLUMNS)
    kinds = {"KIND": TargetKind, "LEVEL": TargetLevel, "SPLIT": TargetSplit}
    assert {form: tuple(one.value for one in kind) for form, kind in kinds.items()} == CHOICES


def test_what_is_read_is_told_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("key,amount\na,1\n")

    _, *lines = main(str(path), "csv").split(b"\n")

    assert [orjson.loads(line) for line in lines] == [[2, {"key": "a", "amount": "1"}]]
