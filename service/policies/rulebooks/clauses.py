"""How a clause of the tenant's own rulebook is written in short."""

import re

_BRACKETED_NUMERAL = re.compile(r"[((]([一二三四五六七八九十]+)[))]")


def short_clause(clause: str) -> str:
    """Take the brackets from numerals only: 五(五)4 becomes 五五4, (無法確認) stays as it is."""
    return _BRACKETED_NUMERAL.sub(r"\1", clause)
