"""The words of explanations about somebody else: what an administrator reads of a member."""

from collections.abc import Mapping
from typing import Final

from service.policies.access.says import Says
from service.policies.access.subjects import Scope

OTHERS: Final[Mapping[str, Mapping[Says, str]]] = {
    "en": {
        Says.GRANTED: "Duty “{duty}” of role “{role}” lets {name} {action} {where}{limit}.",
        Says.GRANTED_FOR_ABSENT: "{name} stands in for a colleague: duty “{duty}” of role "
        "“{role}” lets him {action} {where}{limit}.",
        Says.FOUR_EYES: "{name} asked for this himself, so he may not {action} here: "
        "it takes another pair of eyes.",
        Says.FOUR_EYES_FOR_ABSENT: "A colleague whom {name} stands in for asked for this, so he "
        "may not {action} here: it takes another pair of eyes.",
        Says.FORBIDDEN: "Duty “{duty}” of role “{role}” forbids {name} to {action} {where}.",
        Says.OVER_LIMIT: "Duty “{duty}” of role “{role}” lets {name} {action} {where}{limit}; "
        "here it is {figure}.",
        Says.NO_FIGURE: "Duty “{duty}” of role “{role}” lets {name} {action} {where}{limit}; "
        "here none is recorded.",
        Says.OUT_OF_SCOPE: "Duty “{duty}” of role “{role}” lets {name} {action} {where}; {but}.",
        Says.NOT_DELEGATED: "{name} stands in for a colleague who may {action}, "
        "but the delegation does not list it.",
        Says.NO_DUTY: "None of {name}'s duties lets him {action}.",
        Says.NO_DUTY_BUT: "None of {name}'s duties lets him {action}; this would: {duties}.",
    },
    "zh-Hant": {
        Says.GRANTED: "角色「{role}」的職責「{duty}」准許{name}{where}{action}{limit}。",
        Says.GRANTED_FOR_ABSENT: "{name}代理同事：角色「{role}」的職責「{duty}」"
        "准許其{where}{action}{limit}。",
        Says.FOUR_EYES: "此項由{name}本人提出，不能由其{action}，須由他人處理。",
        Says.FOUR_EYES_FOR_ABSENT: "此項由{name}所代理的同事提出，不能由其{action}，須由他人處理。",
        Says.FORBIDDEN: "角色「{role}」的職責「{duty}」禁止{name}{where}{action}。",
        Says.OVER_LIMIT: "角色「{role}」的職責「{duty}」准許{name}{where}{action}{limit}；"
        "此處為 {figure}。",
        Says.NO_FIGURE: "角色「{role}」的職責「{duty}」准許{name}{where}{action}{limit}；"
        "此處沒有該數值。",
        Says.OUT_OF_SCOPE: "角色「{role}」的職責「{duty}」只准許{name}{where}{action}；{but}。",
        Says.NOT_DELEGATED: "{name}所代理的同事可以{action}，但授權代理未列出此項。",
        Says.NO_DUTY: "{name}的職責中沒有一項准許{action}。",
        Says.NO_DUTY_BUT: "{name}的職責中沒有一項准許{action}；具備以下職責者可以：{duties}。",
    },
    "zh-Hans": {
        Says.GRANTED: "角色“{role}”的职责“{duty}”准许{name}{where}{action}{limit}。",
        Says.GRANTED_FOR_ABSENT: "{name}代理同事：角色“{role}”的职责“{duty}”"
        "准许其{where}{action}{limit}。",
        Says.FOUR_EYES: "此项由{name}本人提出，不能由其{action}，须由他人处理。",
        Says.FOUR_EYES_FOR_ABSENT: "此项由{name}所代理的同事提出，不能由其{action}，须由他人处理。",
        Says.FORBIDDEN: "角色“{role}”的职责“{duty}”禁止{name}{where}{action}。",
        Says.OVER_LIMIT: "角色“{role}”的职责“{duty}”准许{name}{where}{action}{limit}；"
        "此处为 {figure}。",
        Says.NO_FIGURE: "角色“{role}”的职责“{duty}”准许{name}{where}{action}{limit}；"
        "此处没有该数值。",
        Says.OUT_OF_SCOPE: "角色“{role}”的职责“{duty}”只准许{name}{where}{action}；{but}。",
        Says.NOT_DELEGATED: "{name}所代理的同事可以{action}，但授权代理未列出此项。",
        Says.NO_DUTY: "{name}的职责中没有一项准许{action}。",
        Says.NO_DUTY_BUT: "{name}的职责中没有一项准许{action}；具备以下职责者可以：{duties}。",
    },
}

WHERE_OTHERS: Final[Mapping[str, Mapping[Scope, str]]] = {
    "en": {
        Scope.OWN: "for his own records",
        Scope.TEAM: "in his team",
        Scope.TERRITORY: "in his territory",
        Scope.TENANT: "in the whole company",
        Scope.REQUESTED: "where he asked for it himself",
    },
    "zh-Hant": {
        Scope.OWN: "對其本人的記錄",
        Scope.TEAM: "在其團隊",
        Scope.TERRITORY: "在其轄區",
        Scope.TENANT: "在全公司",
        Scope.REQUESTED: "對其本人提出的事項",
    },
    "zh-Hans": {
        Scope.OWN: "对其本人的记录",
        Scope.TEAM: "在其团队",
        Scope.TERRITORY: "在其辖区",
        Scope.TENANT: "在全公司",
        Scope.REQUESTED: "对其本人提出的事项",
    },
}
"""How far a right of somebody else's reaches."""
