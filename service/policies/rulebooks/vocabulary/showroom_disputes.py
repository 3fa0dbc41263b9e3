"""The words of disputes: opening, settling in private, the verdict, the appeal (rulebook 2.5)."""

from service.policies.rulebooks.vocabulary.declaring import flag, one_of, outcome, unless_said
from service.policies.rulebooks.vocabulary.kinds import DecisionWords, Field, Label, Number

HOURS = 24 * 366
DAYS = 36_500

SUBJECT = one_of(
    "subject",
    "DEAL CUSTOMER",
    "what is disputed: the credit of a deal, or a customer who has not signed",
    "爭議對象：成交業績，或尚未成交的客戶",
    "争议对象：成交业绩，或尚未成交的客户",
)

DISPUTE = DecisionWords(
    "dispute",
    Label("May it be disputed, and how long in private?", "能否提出爭議", "能否提出争议"),
    facts=(
        SUBJECT,
        flag("disputed_before", "a dispute on it is on record", "已有爭議記錄", "已有争议记录"),
        flag("credit_is_final", "its credit is final", "業績已確定", "业绩已确定"),
        flag(
            "theirs",
            "one of the two tracks the customer or has received him today",
            "一方正在跟蹤該客戶或於今日接待",
            "一方正在跟踪该客户或于今日接待",
        ),
    ),
    fields=(
        outcome("answer", "ADMITTED REJECTED", "the answer", "結果", "结果"),
        unless_said(
            "reason",
            "NONE DISPUTED_BEFORE CREDIT_IS_FINAL NEEDS_DEAL NOT_THEIR_CUSTOMER",
            "the reason",
            "理由",
            "理由",
        ),
        unless_said(
            "private_until",
            "NONE END_OF_DAY HOURS",
            "until when the two settle it among themselves",
            "私下協商期限",
            "私下协商期限",
        ),
        Field(
            "private_hours",
            Number(0, HOURS),
            Label("hours among themselves", "私下協商小時數", "私下协商小时数"),
            0,
        ),
    ),
    names=("first", "second"),
)

PRIVATE_PHASE = DecisionWords(
    "private_phase",
    Label("Is the dispute over among the two?", "雙方能否私下了結", "双方能否私下了结"),
    facts=(
        SUBJECT,
        flag("split", "the proposal divides it", "所提結果為拆分", "所提结果为拆分"),
        one_of(
            "phase", "PRIVATE MANAGER OVER", "where the dispute is", "爭議所處階段", "争议所处阶段"
        ),
        one_of(
            "wish",
            "SETTLEMENT HANDOVER",
            "what is proposed: an outcome, or to hand the case over early",
            "所提：結果或提前移交",
            "所提：结果或提前移交",
        ),
        flag("both_confirm", "both have confirmed the same", "雙方確認一致", "双方确认一致"),
    ),
    fields=(
        outcome(
            "answer", "SETTLED HANDED_OVER PENDING REFUSED", "the dispute", "爭議結果", "争议结果"
        ),
        unless_said("reason", "NONE CUSTOMER_NOT_DIVIDED", "the reason", "理由", "理由"),
    ),
    names=("first", "second"),
)

VERDICT = DecisionWords(
    "verdict",
    Label("May this verdict be given?", "能否如此裁定", "能否如此裁定"),
    facts=(
        SUBJECT,
        one_of(
            "phase",
            "PRIVATE MANAGER APPEAL OVER",
            "where the dispute is",
            "爭議所處階段",
            "争议所处阶段",
        ),
        flag("split", "the verdict divides the credit", "裁定拆分業績", "裁定拆分业绩"),
        flag("to_company", "the verdict gives to the company", "裁定歸公司", "裁定归公司"),
        flag(
            "aggravated",
            "the manager finds aggravated misconduct, with reasons",
            "經理認定情節嚴重並說明理由",
            "经理认定情节严重并说明理由",
        ),
    ),
    fields=(
        outcome("answer", "ALLOWED REFUSED", "the answer", "結果", "结果"),
        unless_said(
            "reason",
            "NONE STILL_PRIVATE DISPUTE_IS_OVER SPLIT_NOT_ALLOWED NOT_AGGRAVATED"
            " CUSTOMER_NOT_DIVIDED",
            "the reason",
            "理由",
            "理由",
        ),
        Field(
            "appeal_days",
            Number(0, DAYS),
            Label("days for an appeal", "上訴天數", "上诉天数"),
            0,
        ),
    ),
    names=("first", "second", "manager"),
)

APPEAL = DecisionWords(
    "appeal",
    Label("Is the appeal heard?", "上訴是否受理", "上诉是否受理"),
    facts=(
        flag("decided", "a manager has decided", "經理已裁定", "经理已裁定"),
        flag("appealable", "the verdict left room for an appeal", "裁定可上訴", "裁定可上诉"),
        flag("in_time", "made inside its days", "於期限內提出", "于期限内提出"),
    ),
    fields=(
        outcome("answer", "ADMITTED REJECTED", "the answer", "結果", "结果"),
        unless_said("reason", "NONE NOT_DECIDED NO_APPEAL LATE", "the reason", "理由", "理由"),
    ),
    names=("first", "second"),
)

FALSIFICATION = DecisionWords(
    "falsification",
    Label("What falls with a false register?", "登記本作假的後果", "登记本作假的后果"),
    facts=(
        one_of(
            "names",
            "NOTHING ENTRY PERIOD",
            "what the finding names besides the register",
            "認定所指明的範圍",
            "认定所指明的范围",
        ),
    ),
    fields=(
        outcome(
            "scope",
            "WHOLE_REGISTER ENTRY PERIOD",
            "how much becomes void",
            "作廢範圍",
            "作废范围",
        ),
        outcome(
            "disputes",
            "HANDED_OVER UNCHANGED",
            "his disputes that are still private",
            "其尚在私下協商的爭議",
            "其尚在私下协商的争议",
        ),
    ),
    names=("rep", "manager"),
)

SALE = DecisionWords(
    "sale",
    Label("May the customer sign?", "客戶能否簽署", "客户能否签署"),
    facts=(
        flag(
            "disputed",
            "a dispute over him or another deal of his is open",
            "其本人或另一成交的爭議未決",
            "其本人或另一成交的争议未决",
        ),
    ),
    fields=(outcome("answer", "ALLOWED REFUSED", "the answer", "結果", "结果"),),
)

DEPARTURE = DecisionWords(
    "departure",
    Label(
        "Where do the customers of a member who goes go?",
        "離任者的客戶如何安排",
        "离任者的客户如何安排",
    ),
    facts=(
        one_of("kind", "LEAVING TRANSFER", "how he goes", "離任方式", "离任方式"),
        one_of(
            "wish",
            "NONE POOL SUCCESSOR ROTATION",
            "where somebody wants them to go",
            "指定去向",
            "指定去向",
        ),
    ),
    fields=(
        outcome(
            "registrations",
            "POOL SUCCESSOR ROTATION KEPT",
            "his live registrations",
            "其有效登記",
            "其有效登记",
        ),
    ),
    names=("rep",),
)

IDENTITY = DecisionWords(
    "identity",
    Label(
        "Is he the same customer at another site?",
        "在另一案場是否視為同一客戶",
        "在另一案场是否视为同一客户",
    ),
    facts=(flag("same_site", "registered at this site", "於本案場登記", "于本案场登记"),),
    fields=(outcome("customer", "ONE TWO", "the customer", "客戶", "客户"),),
)

DECISIONS = (IDENTITY, DISPUTE, PRIVATE_PHASE, VERDICT, APPEAL, FALSIFICATION, SALE, DEPARTURE)
