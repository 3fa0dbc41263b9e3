"""The columns of a plan as a file: codes, headings in three languages, forms. Pure."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from service.errors import LOCALES


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the file.

    Attributes:
        code: understood as a heading in every language.
        form: how its cells are read, a word of `values`.
        headings: what people call it, in the order of the product's languages.
    """

    code: str
    form: str
    headings: tuple[str, str, str]


COLUMNS: Final = (
    Column("key", "LINE", ("Key", "編號", "编号")),
    Column("parent_key", "LINE", ("Parent key", "上級編號", "上级编号")),
    Column("holder", "IGNORED", ("Holder", "承擔者", "承担者")),
    Column("metric", "LINE", ("Metric", "指標", "指标")),
    Column("org_unit", "LINE", ("Unit", "部門", "部门")),
    Column("territory", "LINE", ("Territory", "區域", "区域")),
    Column("member", "LINE", ("Member", "成員", "成员")),
    Column("channel", "LINE", ("Channel", "渠道", "渠道")),
    Column("product", "LINE", ("Product", "產品", "产品")),
    Column("seat", "LINE", ("Seat", "席位", "席位")),
    Column("first_day", "DAY", ("First day", "首日", "首日")),
    Column("last_day", "DAY", ("Last day", "末日", "末日")),
    Column("kind", "KIND", ("Kind", "類別", "类别")),
    Column("level", "LEVEL", ("Level", "級別", "级别")),
    Column("split", "SPLIT", ("Split", "分解方式", "分解方式")),
    Column("amount", "NUMBER", ("Amount", "目標值", "目标值")),
    Column("currency", "LINE", ("Currency", "幣種", "币种")),
    Column("pinned", "TRUTH", ("Pinned", "固定", "固定")),
    Column("vacant", "TRUTH", ("Vacant", "空缺", "空缺")),
    Column("unassigned", "TRUTH", ("Unassigned", "未分配", "未分配")),
    Column("over_assignment", "NUMBER", ("Over-assignment %", "超額分配 %", "超额分配 %")),
)
# The words of `service.targets.tables`: whoever reads a file loads no tables.
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "KIND": ("COMMITMENT", "STREET", "OVERLAY"),
    "LEVEL": ("TARGET", "STRETCH", "CHALLENGE"),
    "SPLIT": ("BREAKDOWN", "PERIOD"),
}
NEEDED: Final = ("key", "amount")
BY_CODE: Final[Mapping[str, Column]] = {column.code: column for column in COLUMNS}


def _plain(heading: str) -> str:
    folded = unicodedata.normalize("NFKC", heading).casefold()
    return "".join(character for character in folded if character.isalnum())


_KNOWN: Final[Mapping[str, str]] = {
    _plain(text): column.code for column in COLUMNS for text in (column.code, *column.headings)
}


def column_of(heading: str) -> str | None:
    """Return the code of the column with a heading, in whichever language; None for another."""
    return _KNOWN.get(_plain(heading))


def headings(locale: str) -> Sequence[str]:
    """Return the headings in a language, in the order of the columns."""
    return [column.headings[LOCALES.index(locale)] for column in COLUMNS]
