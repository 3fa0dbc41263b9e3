"""The words of explanations in three languages, and how names are fitted into them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from service.policies.access.errors import clipped
from service.policies.access.others import OTHERS, WHERE_OTHERS
from service.policies.access.says import Says
from service.policies.access.subjects import Scope
from service.policies.access.table import Wordings
from service.policies.access.vocabulary import ACTIONS, LIMIT_FIELDS


@dataclass(frozen=True, slots=True)
class Hearer:
    """Who reads an explanation: in which language, and whether it is about himself.

    Attributes:
        about: name of the member it is about; None speaks to him.
    """

    locale: str
    about: str | None = None


_SENTENCES: Final[Mapping[str, Mapping[Says, str]]] = {
    "en": {
        Says.GRANTED: "Duty “{duty}” of role “{role}” lets you {action} {where}{limit}.",
        Says.GRANTED_FOR_ABSENT: "You stand in for a colleague: duty “{duty}” of role “{role}” "
        "lets you {action} {where}{limit}.",
        Says.FOUR_EYES: "You asked for this yourself, so you may not {action} here: "
        "it takes another pair of eyes.",
        Says.FOUR_EYES_FOR_ABSENT: "A colleague you stand in for asked for this, so you may not "
        "{action} here: it takes another pair of eyes.",
        Says.FORBIDDEN: "Duty “{duty}” of role “{role}” forbids you to {action} {where}.",
        Says.OVER_LIMIT: "Duty “{duty}” of role “{role}” lets you {action} {where}{limit}; "
        "here it is {figure}.",
        Says.NO_FIGURE: "Duty “{duty}” of role “{role}” lets you {action} {where}{limit}; "
        "here none is recorded.",
        Says.OUT_OF_SCOPE: "Duty “{duty}” of role “{role}” lets you {action} {where}; {but}.",
        Says.NOT_DELEGATED: "You stand in for a colleague who may {action}, "
        "but the delegation does not list it.",
        Says.NO_DUTY: "None of your duties lets you {action}.",
        Says.NO_DUTY_BUT: "None of your duties lets you {action}; this would: {duties}.",
    },
    "zh-Hant": {
        Says.GRANTED: "角色「{role}」的職責「{duty}」准許您{where}{action}{limit}。",
        Says.GRANTED_FOR_ABSENT: "您代理同事：角色「{role}」的職責「{duty}」"
        "准許您{where}{action}{limit}。",
        Says.FOUR_EYES: "此項由您本人提出，不能由您{action}，須由他人處理。",
        Says.FOUR_EYES_FOR_ABSENT: "此項由您所代理的同事提出，不能由您{action}，須由他人處理。",
        Says.FORBIDDEN: "角色「{role}」的職責「{duty}」禁止您{where}{action}。",
        Says.OVER_LIMIT: "角色「{role}」的職責「{duty}」准許您{where}{action}{limit}；"
        "此處為 {figure}。",
        Says.NO_FIGURE: "角色「{role}」的職責「{duty}」准許您{where}{action}{limit}；"
        "此處沒有該數值。",
        Says.OUT_OF_SCOPE: "角色「{role}」的職責「{duty}」只准許您{where}{action}；{but}。",
        Says.NOT_DELEGATED: "您所代理的同事可以{action}，但授權代理未列出此項。",
        Says.NO_DUTY: "您的職責中沒有一項准許{action}。",
        Says.NO_DUTY_BUT: "您的職責中沒有一項准許{action}；具備以下職責者可以：{duties}。",
    },
    "zh-Hans": {
        Says.GRANTED: "角色“{role}”的职责“{duty}”准许您{where}{action}{limit}。",
        Says.GRANTED_FOR_ABSENT: "您代理同事：角色“{role}”的职责“{duty}”"
        "准许您{where}{action}{limit}。",
        Says.FOUR_EYES: "此项由您本人提出，不能由您{action}，须由他人处理。",
        Says.FOUR_EYES_FOR_ABSENT: "此项由您所代理的同事提出，不能由您{action}，须由他人处理。",
        Says.FORBIDDEN: "角色“{role}”的职责“{duty}”禁止您{where}{action}。",
        Says.OVER_LIMIT: "角色“{role}”的职责“{duty}”准许您{where}{action}{limit}；"
        "此处为 {figure}。",
        Says.NO_FIGURE: "角色“{role}”的职责“{duty}”准许您{where}{action}{limit}；此处没有该数值。",
        Says.OUT_OF_SCOPE: "角色“{role}”的职责“{duty}”只准许您{where}{action}；{but}。",
        Says.NOT_DELEGATED: "您所代理的同事可以{action}，但授权代理未列出此项。",
        Says.NO_DUTY: "您的职责中没有一项准许{action}。",
        Says.NO_DUTY_BUT: "您的职责中没有一项准许{action}；具备以下职责者可以：{duties}。",
    },
}

_WHERE: Final[Mapping[str, Mapping[Scope, str]]] = {
    "en": {
        Scope.OWN: "for your own records",
        Scope.TEAM: "in your team",
        Scope.TERRITORY: "in your territory",
        Scope.TENANT: "in the whole company",
        Scope.REQUESTED: "where you asked for it yourself",
    },
    "zh-Hant": {
        Scope.OWN: "對本人的記錄",
        Scope.TEAM: "在本團隊",
        Scope.TERRITORY: "在本轄區",
        Scope.TENANT: "在全公司",
        Scope.REQUESTED: "對本人提出的事項",
    },
    "zh-Hans": {
        Scope.OWN: "对本人的记录",
        Scope.TEAM: "在本团队",
        Scope.TERRITORY: "在本辖区",
        Scope.TENANT: "在全公司",
        Scope.REQUESTED: "对本人提出的事项",
    },
}

# A scope of somebody else's: the delegate reads whose records, team and territory are meant.
_WHERE_ABSENT: Final[Mapping[str, Mapping[Scope, str]]] = {
    "en": {
        Scope.OWN: "for that colleague's records",
        Scope.TEAM: "in that colleague's team",
        Scope.TERRITORY: "in that colleague's territory",
    },
    "zh-Hant": {
        Scope.OWN: "對該同事的記錄",
        Scope.TEAM: "在該同事的團隊",
        Scope.TERRITORY: "在該同事的轄區",
    },
    "zh-Hans": {
        Scope.OWN: "对该同事的记录",
        Scope.TEAM: "在该同事的团队",
        Scope.TERRITORY: "在该同事的辖区",
    },
}

_BUT: Final[Mapping[str, Mapping[Scope, str]]] = {
    "en": {
        Scope.OWN: "this one is another's",
        Scope.TEAM: "this one belongs to another team",
        Scope.TERRITORY: "this one lies outside it",
    },
    "zh-Hant": {
        Scope.OWN: "這一筆屬於他人",
        Scope.TEAM: "這一筆屬於其他團隊",
        Scope.TERRITORY: "這一筆在轄區之外",
    },
    "zh-Hans": {
        Scope.OWN: "这一笔属于他人",
        Scope.TEAM: "这一笔属于其他团队",
        Scope.TERRITORY: "这一笔在辖区之外",
    },
}

_UP_TO: Final[Mapping[str, str]] = {
    "en": ", with {field} of at most {most}",
    "zh-Hant": "，{field}不超過 {most}",
    "zh-Hans": "，{field}不超过 {most}",
}

_QUOTED: Final[Mapping[str, tuple[str, str]]] = {
    "en": ("“{}”", ", "),
    "zh-Hant": ("「{}」", "、"),
    "zh-Hans": ("“{}”", "、"),
}

_EMPTY: Final[Wordings] = MappingProxyType({})


def worded(says: Says, hearer: Hearer, **parts: str) -> str:
    """Fill the sentence of one kind of answer; a `{` inside a part stays what it is."""
    if hearer.about is None:
        return _SENTENCES[hearer.locale][says].format(**parts)
    return OTHERS[hearer.locale][says].format(name=clipped(hearer.about), **parts)


def where(scope: Scope, hearer: Hearer, *, absent: bool) -> str:
    """Word how far a grant reaches, seen by its holder or by the delegate of an absent one."""
    own = (_WHERE if hearer.about is None else WHERE_OTHERS)[hearer.locale][scope]
    return _WHERE_ABSENT[hearer.locale].get(scope, own) if absent else own


def but(scope: Scope, locale: str) -> str:
    """Word why a record is outside a scope; the whole company has no outside."""
    return _BUT[locale][scope]


def up_to(field: str | None, most: int, locale: str) -> str:
    """Word a limit; nothing for a grant that has none."""
    if field is None:
        return ""
    return _UP_TO[locale].format(field=LIMIT_FIELDS[field].wordings[locale], most=most)


def named(code: str, wordings: Mapping[str, Wordings], locale: str) -> str:
    """Return the tenant's words for a role or duty, in another language if need be, or its code."""
    words = wordings.get(code, _EMPTY)
    return clipped(words.get(locale) or next((text for text in words.values() if text), code))


def listed(names: list[str], locale: str) -> str:
    """Put names into quotation marks and between the commas of the language."""
    form, comma = _QUOTED[locale]
    return comma.join(form.format(name) for name in names)


def action_worded(action: str, locale: str) -> str:
    """Return the vocabulary's words for an action; an unknown one is shown as it was asked."""
    known = ACTIONS.get(action)
    return clipped(action) if known is None else known.wordings[locale]
