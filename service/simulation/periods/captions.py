"""What a simulation's workbook calls its sheets, columns and figures, in three languages."""

from collections.abc import Mapping
from typing import Final

from service.errors import LOCALES

_CAPTIONS: Final[Mapping[str, tuple[str, str, str]]] = {
    "totals": ("Totals", "總計", "总计"),
    "sums": ("Sums", "分項合計", "分项合计"),
    "cases": ("Cases", "個案", "个案"),
    "figure": ("figure", "項目", "项目"),
    "value": ("value", "數值", "数值"),
    "before": ("as it was", "原規則", "原规则"),
    "after": ("under the text", "新規則", "新规则"),
    # totals
    "kind": ("kind", "模擬方式", "模拟方式"),
    "first day": ("first day", "首日", "首日"),
    "last day": ("last day", "末日", "末日"),
    "visits": ("visits", "來訪", "来访"),
    "deals": ("deals", "成交", "成交"),
    "receiver_changed": ("receiver changes", "接待人改變", "接待人改变"),
    "owner_changed": ("owner changes", "歸屬改變", "归属改变"),
    "credit_changed": ("credit changes", "業績改變", "业绩改变"),
    "not_reproduced": (
        "seen otherwise under the old rules",
        "按原規則重演即與記錄不同",
        "按原规则重演即与记录不同",
    ),
    "turns_spread": (
        "turns by which the busiest rep of a day was ahead",
        "每日最多與最少輪次之差",
        "每日最多与最少轮次之差",
    ),
    "waiting": ("visitors nobody received", "無人接待的來訪", "无人接待的来访"),
    "crossings": ("deals a colleague could claim", "同事可主張的成交", "同事可主张的成交"),
    "claims_admitted": ("claims admitted", "獲准的業績主張", "获准的业绩主张"),
    "claims_late": ("claims too late", "逾期的業績主張", "逾期的业绩主张"),
    "claims_rejected": ("claims rejected", "被駁回的業績主張", "被驳回的业绩主张"),
    # columns
    "tally_of": ("sum by", "合計依據", "合计依据"),
    "member": ("rep", "銷售代表", "销售代表"),
    "site": ("site", "案場", "案场"),
    "rule": ("rule", "規則", "规则"),
    "visits_before": ("visits as it was", "來訪（原規則）", "来访（原规则）"),
    "visits_after": ("visits under the text", "來訪（新規則）", "来访（新规则）"),
    "turns_before": ("turns as it was", "輪次（原規則）", "轮次（原规则）"),
    "turns_after": ("turns under the text", "輪次（新規則）", "轮次（新规则）"),
    "credit_before": ("credit as it was", "業績（原規則）", "业绩（原规则）"),
    "credit_after": ("credit under the text", "業績（新規則）", "业绩（新规则）"),
    "position": ("number", "序號", "序号"),
    "happened_at": ("when, at the site", "時間（案場當地）", "时间（案场当地）"),
    "subject": ("about", "對象", "对象"),
    "visit": ("visit", "來訪編號", "来访编号"),
    "rule_before": ("rule as it was", "條款（原規則）", "条款（原规则）"),
    "rule_after": ("rule under the text", "條款（新規則）", "条款（新规则）"),
    "receiver_before": ("receiver as it was", "接待人（原規則）", "接待人（原规则）"),
    "receiver_after": ("receiver under the text", "接待人（新規則）", "接待人（新规则）"),
    "owner_before": ("owner as it was", "歸屬（原規則）", "归属（原规则）"),
    "owner_after": ("owner under the text", "歸屬（新規則）", "归属（新规则）"),
    # words
    "STATEFUL": ("stateful", "逐事重演", "逐事重演"),
    "STATELESS": ("stateless", "逐項重判", "逐项重判"),
    "MEMBER": ("rep", "銷售代表", "销售代表"),
    "SITE": ("site", "案場", "案场"),
    "RULE": ("rule", "規則", "规则"),
    "VISIT": ("visit", "來訪", "来访"),
    "DEAL": ("deal", "成交", "成交"),
    "COMPANY": ("company", "公司", "公司"),
    "NOBODY": ("nobody", "無人", "无人"),
}


def caption(name: str, locale: str) -> str:
    """Return what people read for a name; a name that has no caption is its own."""
    known = _CAPTIONS.get(name)
    return name if known is None else known[LOCALES.index(locale)]
