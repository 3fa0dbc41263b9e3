"""The words of partner registration (報備): reports, visits, protection (industries 3.1)."""

from collections.abc import Mapping

from service.policies.rulebooks.vocabulary import pack_parameters
from service.policies.rulebooks.vocabulary.declaring import (
    count,
    flag,
    one_of,
    outcome,
    unless_said,
)
from service.policies.rulebooks.vocabulary.kinds import (
    DecisionWords,
    Field,
    Label,
    Number,
    Vocabulary,
)

DAYS = 36_500
MINUTES = 60 * 24 * DAYS

REPORT = DecisionWords(
    "report",
    Label("Is the partner's report accepted?", "報備是否受理", "报备是否受理"),
    facts=(
        flag(
            "partner_may_report",
            "the partner's agreement runs and he is not stopped",
            "渠道協議有效且未停用",
            "渠道协议有效且未停用",
        ),
        one_of(
            "phone_form",
            "MISSING MASKED FULL",
            "how the customer's number is given",
            "客戶電話的填報形式",
            "客户电话的填报形式",
        ),
        count(
            "open_reports",
            1_000_000,
            "reports of the partner that are open now",
            "該渠道未結的報備數",
            "该渠道未结的报备数",
        ),
    ),
    fields=(
        outcome("answer", "ACCEPTED REFUSED", "the answer", "結果", "结果"),
        unless_said(
            "reason",
            "NONE PARTNER_STOPPED PHONE_INCOMPLETE TOO_MANY_OPEN",
            "the reason",
            "理由",
            "理由",
        ),
    ),
    names=("partner", "customer"),
)

CONFIRMATION = DecisionWords(
    "confirmation",
    Label(
        "Does the report hold when the customer visits?",
        "客戶到訪時報備是否有效",
        "客户到访时报备是否有效",
    ),
    facts=(
        count(
            "minutes_since_report",
            MINUTES,
            "whole minutes from the report to the arrival",
            "報備至到訪的分鐘數",
            "报备至到访的分钟数",
        ),
        count(
            "days_since_report",
            DAYS,
            "days from the report to the arrival",
            "報備至到訪的天數",
            "报备至到访的天数",
        ),
        flag(
            "group_owner",
            "the customer owns a unit of another project of the group",
            "客戶為集團其他項目業主",
            "客户为集团其他项目业主",
        ),
        flag(
            "came_himself",
            "the customer had come by himself before the report",
            "報備前客戶曾自行到訪",
            "报备前客户曾自行到访",
        ),
        count(
            "days_since_own_visit",
            DAYS,
            "days from that visit to the report",
            "該次自訪至報備的天數",
            "该次自访至报备的天数",
        ),
        flag(
            "reported_by_other",
            "another partner had reported him before",
            "另一渠道已先報備",
            "另一渠道已先报备",
        ),
        count(
            "days_since_other_report",
            DAYS,
            "days from the other's report to this one",
            "他方報備至本報備的天數",
            "他方报备至本报备的天数",
        ),
        flag(
            "visited_with_other",
            "he has visited with another partner before",
            "曾由另一渠道帶訪",
            "曾由另一渠道带访",
        ),
        count(
            "days_since_other_visit",
            DAYS,
            "days from that visit to this one",
            "該次帶訪至本次到訪的天數",
            "该次带访至本次到访的天数",
        ),
    ),
    fields=(
        outcome("answer", "VALID INVALID", "the report", "報備", "报备"),
        unless_said(
            "reason",
            "NONE GROUP_OWNER OWN_CUSTOMER ANTI_SNATCH VISIT_LATE PROTECTED VISITED_BY_OTHER "
            "REPORTED_BY_OTHER",
            "the reason",
            "理由",
            "理由",
        ),
        Field(
            "protected_days",
            Number(0, DAYS),
            Label("days of deal protection", "成交保護天數", "成交保护天数"),
            0,
        ),
    ),
    axioms=(
        "came_himself or days_since_own_visit <= 0",
        "reported_by_other or days_since_other_report <= 0",
        "visited_with_other or days_since_other_visit <= 0",
    ),
    names=("partner", "customer", "other"),
)

DEAL = DecisionWords(
    "deal",
    Label("Is the deal the partner's?", "成交是否計入渠道", "成交是否计入渠道"),
    facts=(
        flag("visit_confirmed", "a visit on the report is confirmed", "到訪已確認", "到访已确认"),
        count(
            "days_since_visit",
            DAYS,
            "days from the confirmed visit to the deal",
            "確認到訪至成交的天數",
            "确认到访至成交的天数",
        ),
    ),
    fields=(
        outcome("answer", "VALID INVALID", "the deal", "成交", "成交"),
        unless_said("reason", "NONE NOT_VISITED DEAL_LATE", "the reason", "理由", "理由"),
    ),
    names=("partner", "customer"),
)

EXTENSION = DecisionWords(
    "extension",
    Label("Is the protection extended?", "保護期能否延長", "保护期能否延长"),
    facts=(
        count("extensions_made", 100, "extensions made so far", "已延長次數", "已延长次数"),
        count(
            "days_protected",
            DAYS,
            "days it has been protected altogether",
            "累計保護天數",
            "累计保护天数",
        ),
        flag("evidence_given", "a contact record is shown", "已提供跟進憑證", "已提供跟进凭证"),
    ),
    fields=(
        outcome("answer", "EXTENDED REFUSED", "the answer", "結果", "结果"),
        Field("days", Number(0, DAYS), Label("days more", "延長天數", "延长天数"), 0),
        unless_said(
            "reason", "NONE NO_EVIDENCE MOST_EXTENSIONS MOST_DAYS", "the reason", "理由", "理由"
        ),
    ),
    names=("partner", "customer"),
)

REMINDER = DecisionWords(
    "reminder",
    Label("Is the partner reminded?", "是否提醒渠道", "是否提醒渠道"),
    facts=(
        count("days_left", DAYS, "days of protection left", "剩餘保護天數", "剩余保护天数"),
        flag("reminded", "he was reminded of it already", "已提醒過", "已提醒过"),
    ),
    fields=(outcome("reminder", "SENT NOT_SENT", "the reminder", "提醒", "提醒"),),
    names=("partner", "customer"),
)

WORDS: Mapping[str, Label] = {
    "NONE": Label("none", "無", "无"),
    "MISSING": Label("missing", "未填", "未填"),
    "MASKED": Label("first three and last four digits", "前三後四", "前三后四"),
    "FULL": Label("in full", "完整號碼", "完整号码"),
    "ACCEPTED": Label("accepted", "受理", "受理"),
    "REFUSED": Label("refused", "拒絕", "拒绝"),
    "PARTNER_STOPPED": Label("the partner may not report", "渠道無報備資格", "渠道无报备资格"),
    "PHONE_INCOMPLETE": Label("the number is incomplete", "電話不完整", "电话不完整"),
    "TOO_MANY_OPEN": Label("too many open reports", "未結報備過多", "未结报备过多"),
    "VALID": Label("valid", "有效", "有效"),
    "INVALID": Label("invalid", "無效", "无效"),
    "GROUP_OWNER": Label("owner within the group", "集團業主", "集团业主"),
    "OWN_CUSTOMER": Label("came by himself before", "自訪客戶", "自访客户"),
    "ANTI_SNATCH": Label("reported at the door", "防截客", "防截客"),
    "VISIT_LATE": Label("visited too late", "逾期到訪", "逾期到访"),
    "PROTECTED": Label("protected for another partner", "他方保護期內", "他方保护期内"),
    "VISITED_BY_OTHER": Label("visited with another partner", "他方已帶訪", "他方已带访"),
    "REPORTED_BY_OTHER": Label("reported by another partner", "他方已報備", "他方已报备"),
    "NOT_VISITED": Label("no confirmed visit", "未確認到訪", "未确认到访"),
    "DEAL_LATE": Label("the deal came too late", "逾期成交", "逾期成交"),
    "EXTENDED": Label("extended", "已延長", "已延长"),
    "NO_EVIDENCE": Label("no contact record", "無跟進憑證", "无跟进凭证"),
    "MOST_EXTENSIONS": Label("extended as often as allowed", "延長次數已滿", "延长次数已满"),
    "MOST_DAYS": Label("protected as long as allowed", "保護天數已滿", "保护天数已满"),
    "SENT": Label("sent", "已發送", "已发送"),
    "NOT_SENT": Label("not sent", "不發送", "不发送"),
}

PARTNER_REGISTRATION = Vocabulary(
    policy="partner-registration",
    decides=False,
    decisions={one.name: one for one in (REPORT, CONFIRMATION, DEAL, EXTENSION, REMINDER)},
    words=WORDS,
    parameters={},
    orders=(),
    explained=pack_parameters.PARTNER_REGISTRATION,
)
