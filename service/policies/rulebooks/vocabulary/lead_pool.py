"""The words of a lead pool (公海、私海): distribution, grabbing, protection, recycling (3.7)."""

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
LEADS = 1_000_000

DISTRIBUTION = DecisionWords(
    "distribution",
    Label("Is this lead given to the adviser?", "線索是否分配給該顧問", "线索是否分配给该顾问"),
    facts=(
        flag("works_now", "he is inside his working hours", "在工作時間內", "在工作时间内"),
        count("owned_leads", LEADS, "leads he owns now", "現有線索數", "现有线索数"),
        count("given_today", LEADS, "leads given to him today", "今日已分配數", "今日已分配数"),
        one_of("lead_level", "NORMAL HIGH", "the level of the lead", "線索等級", "线索等级"),
        one_of("adviser_level", "NORMAL SENIOR", "the adviser's level", "顧問等級", "顾问等级"),
        flag("asked_for", "the customer asked for him", "客戶指定該顧問", "客户指定该顾问"),
    ),
    fields=(
        outcome("answer", "GIVEN PASSED_OVER", "the answer", "結果", "结果"),
        unless_said(
            "reason", "NONE OFF_HOURS AT_CAPACITY DAY_FULL LEVEL_TOO_LOW", "why not", "原因", "原因"
        ),
    ),
    names=("adviser", "customer"),
)

FIRST_CONTACT = DecisionWords(
    "first_contact",
    Label("Was the lead contacted in time?", "首次聯繫是否及時", "首次联系是否及时"),
    facts=(
        flag("made", "the first contact is made", "已首次聯繫", "已首次联系"),
        count(
            "minutes_since_given",
            MINUTES,
            "working minutes from being given to the contact, or to now",
            "分配至聯繫（或現在）的工作分鐘數",
            "分配至联系（或现在）的工作分钟数",
        ),
        count("times_given", 1_000, "how often the lead was given out", "已分配次數", "已分配次数"),
    ),
    fields=(
        outcome("service", "MET DUE BREACHED", "the service level", "服務水準", "服务水准"),
        unless_said(
            "lead", "STAYS GIVEN_ANEW TO_POOL", "where the lead goes", "線索去向", "线索去向"
        ),
    ),
    names=("adviser", "customer"),
)

PROTECTION = DecisionWords(
    "protection",
    Label("How long is the lead his own?", "私海保護多久", "私海保护多久"),
    facts=(
        one_of("event", "TAKEN CONTACT TRIAL_CLASS", "what happened", "事件", "事件"),
        flag("connected", "the customer was reached", "已聯繫上客戶", "已联系上客户"),
    ),
    fields=(
        Field(
            "days", Number(0, DAYS), Label("days from the event", "自事件起天數", "自事件起天数")
        ),
        Field(
            "most_days",
            Number(0, DAYS),
            Label("days from taking it at the longest", "自領取起最長天數", "自领取起最长天数"),
        ),
    ),
    names=("adviser", "customer"),
)

RECYCLE = DecisionWords(
    "recycle",
    Label("Does the lead go back to the pool?", "線索是否回收公海", "线索是否回收公海"),
    facts=(
        flag("paid", "the customer has paid", "客戶已付款", "客户已付款"),
        flag("trial_booked", "a trial class is booked ahead", "已預約試聽", "已预约试听"),
        count("days_over", DAYS, "days since the protection ended", "保護期滿天數", "保护期满天数"),
        flag("protected", "the protection still runs", "仍在保護期", "仍在保护期"),
        flag("adviser_left", "the adviser has left", "顧問已離職", "顾问已离职"),
    ),
    fields=(
        outcome("lead", "STAYS TO_POOL TO_LEADER", "where the lead goes", "線索去向", "线索去向"),
    ),
    axioms=("not protected or days_over <= 0",),
    names=("adviser", "customer"),
)

GRAB = DecisionWords(
    "grab",
    Label("May he take this lead from the pool?", "可否從公海領取", "可否从公海领取"),
    facts=(
        count("owned_leads", LEADS, "leads he owns now", "現有線索數", "现有线索数"),
        count("grabbed_today", LEADS, "leads he took today", "今日已領取數", "今日已领取数"),
        flag("owned_before", "he owned it before", "曾持有該線索", "曾持有该线索"),
        count(
            "days_since_owned",
            DAYS,
            "days since he last owned it",
            "距上次持有天數",
            "距上次持有天数",
        ),
        count(
            "minutes_in_pool",
            MINUTES,
            "minutes since it came into the pool",
            "進入公海的分鐘數",
            "进入公海的分钟数",
        ),
        flag("leader_gives", "the team leader gives it to him", "組長指派", "组长指派"),
    ),
    fields=(
        outcome("answer", "ALLOWED REFUSED", "the answer", "結果", "结果"),
        unless_said(
            "reason",
            "NONE AT_CAPACITY DAY_FULL COOLING_OFF TOO_FRESH",
            "the reason",
            "理由",
            "理由",
        ),
    ),
    axioms=("owned_before or days_since_owned <= 0",),
    names=("adviser", "customer"),
)

CREDIT = DecisionWords(
    "credit",
    Label("Whose result is the order?", "訂單業績歸誰", "订单业绩归谁"),
    facts=(
        flag("refunded", "the order was paid back", "訂單已退費", "订单已退费"),
        count(
            "days_to_refund",
            DAYS,
            "days from the payment to the refund",
            "付款至退費天數",
            "付款至退费天数",
        ),
        one_of(
            "owner",
            "ADVISER POOL",
            "whose the lead was when he paid",
            "付款時線索歸屬",
            "付款时线索归属",
        ),
    ),
    fields=(
        outcome("to", "ADVISER TEAM NOBODY", "who gets the credit", "業績歸屬", "业绩归属"),
        outcome("final", "AT_ONCE REFUND_WINDOW", "when it is final", "何時確定", "何时确定"),
    ),
    axioms=("refunded or days_to_refund <= 0",),
    names=("adviser", "customer"),
)

WORDS: Mapping[str, Label] = {
    "NONE": Label("none", "無", "无"),
    "NORMAL": Label("normal", "普通", "普通"),
    "HIGH": Label("high", "高意向", "高意向"),
    "SENIOR": Label("senior", "資深", "资深"),
    "GIVEN": Label("given to him", "分配", "分配"),
    "PASSED_OVER": Label("passed over", "略過", "略过"),
    "OFF_HOURS": Label("outside his hours", "非工作時間", "非工作时间"),
    "AT_CAPACITY": Label("owns as many as allowed", "庫容已滿", "库容已满"),
    "DAY_FULL": Label("has had the day's number", "已達當日上限", "已达当日上限"),
    "LEVEL_TOO_LOW": Label("his level is too low", "等級不足", "等级不足"),
    "MET": Label("met", "達成", "达成"),
    "DUE": Label("due", "待辦", "待办"),
    "BREACHED": Label("breached", "未達成", "未达成"),
    "STAYS": Label("stays his", "保留", "保留"),
    "GIVEN_ANEW": Label("given to somebody else", "重新分配", "重新分配"),
    "TO_POOL": Label("to the public pool", "回收公海", "回收公海"),
    "TO_LEADER": Label("to the team leader", "轉交組長", "转交组长"),
    "TAKEN": Label("given or taken", "分配或領取", "分配或领取"),
    "CONTACT": Label("a contact", "跟進", "跟进"),
    "TRIAL_CLASS": Label("a trial class", "試聽", "试听"),
    "ALLOWED": Label("allowed", "准許", "准许"),
    "REFUSED": Label("refused", "拒絕", "拒绝"),
    "COOLING_OFF": Label("he owned it too recently", "前持有人冷卻期", "前持有人冷却期"),
    "TOO_FRESH": Label("it has just come into the pool", "新入公海", "新入公海"),
    "ADVISER": Label("the adviser", "顧問", "顾问"),
    "POOL": Label("the public pool", "公海", "公海"),
    "TEAM": Label("the team", "團隊", "团队"),
    "NOBODY": Label("nobody", "無人", "无人"),
    "AT_ONCE": Label("at once", "即時", "即时"),
    "REFUND_WINDOW": Label("at the end of the refund window", "退費期滿", "退费期满"),
}

LEAD_POOL = Vocabulary(
    policy="lead-pool",
    decides=False,
    decisions={
        one.name: one for one in (DISTRIBUTION, FIRST_CONTACT, PROTECTION, RECYCLE, GRAB, CREDIT)
    },
    words=WORDS,
    parameters={},
    orders=(),
    explained=pack_parameters.LEAD_POOL,
)
