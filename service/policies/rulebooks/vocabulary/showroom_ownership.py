"""The words of ownership: registers, tracking, claims and credit (rulebook 2.4 and 2.5)."""

from service.policies.rulebooks.vocabulary.declaring import (
    count,
    flag,
    one_of,
    outcome,
    unless_said,
)
from service.policies.rulebooks.vocabulary.kinds import DecisionWords, Field, Label, Number

DAYS = 36_500
MINUTES = 60 * 24 * DAYS

OBLIGATIONS = "NONE OLD_CUSTOMER NAMED_REP DAY_OFF"

REGISTRATION = DecisionWords(
    "registration",
    Label("Is the registration valid?", "登記是否有效", "登记是否有效"),
    facts=(
        flag(
            "survey_visitor",
            "declared or exposed as a survey",
            "已表明或識破的採盤",
            "已表明或识破的采盘",
        ),
        flag("name_given", "the full name is there", "有全名", "有全名"),
        flag("phone_given", "a phone is there", "有聯繫電話", "有联系电话"),
        flag("document_given", "an identity document is there", "有身份證件", "有身份证件"),
        flag("face_given", "a face is on record", "有人臉登記", "有人脸登记"),
        count("days_since_reception", DAYS, "days since the reception", "距接待天數", "距接待天数"),
        count(
            "minutes_since_reception",
            MINUTES,
            "whole minutes since the reception",
            "距接待分鐘數",
            "距接待分钟数",
        ),
    ),
    fields=(
        outcome(
            "result",
            "VALID INVALID_INCOMPLETE INVALID_LATE REFUSED_SURVEY",
            "the registration",
            "登記",
            "登记",
        ),
    ),
    names=("rep", "customer"),
)

RECOGNITION = DecisionWords(
    "recognition",
    Label(
        "Is a customer found by what the visitor shows the visitor?",
        "憑來訪者所示查得的客戶是否為其本人",
        "凭来访者所示查得的客户是否为其本人",
    ),
    facts=(
        flag("by_phone", "a number he gives is the customer's", "電話相符", "电话相符"),
        flag("by_document", "a document he shows is the customer's", "證件相符", "证件相符"),
        flag("by_face", "his face is the customer's", "人臉相符", "人脸相符"),
        flag(
            "document_of_another",
            "a document he shows is another customer's",
            "證件屬他人",
            "证件属他人",
        ),
        flag("face_of_another", "his face is another customer's", "人臉屬他人", "人脸属他人"),
    ),
    fields=(outcome("customer", "SAME OTHER", "the customer", "客戶", "客户"),),
    axioms=("by_phone or by_document or by_face",),
    names=("customer",),
)

RENEWAL = DecisionWords(
    "renewal",
    Label("Does this contact renew the tracking?", "是否重新起算跟蹤期", "是否重新起算跟踪期"),
    facts=(
        one_of("contact", "FOLLOW_UP RECEPTION", "the contact", "聯繫方式", "联系方式"),
        flag("by_same_rep", "made by the registering rep himself", "由登記者本人", "由登记者本人"),
        one_of("window", "LIVE LAPSED", "the tracking at that moment", "當時跟蹤期", "当时跟踪期"),
        flag("connected", "the customer was reached", "已聯繫上客戶", "已联系上客户"),
    ),
    fields=(outcome("window", "RENEWED UNCHANGED", "the tracking", "跟蹤期", "跟踪期"),),
    names=("rep", "customer"),
)

FIRST_FOLLOW_UP = DecisionWords(
    "first_follow_up",
    Label("Was the first follow-up in time?", "首次跟蹤是否及時", "首次跟踪是否及时"),
    facts=(
        flag("made", "the first follow-up is made", "已作首次跟蹤", "已作首次跟踪"),
        count(
            "days_since_leaving",
            DAYS,
            "days from the customer's leaving to the first follow-up, or to today",
            "客戶離開至首次跟蹤（或今日）的天數",
            "客户离开至首次跟踪（或今日）的天数",
        ),
    ),
    fields=(outcome("service", "DUE MET BREACHED", "the service level", "服務水準", "服务水准"),),
    names=("rep", "customer"),
)

MERGE = DecisionWords(
    "merge",
    Label("Are two persons one customer?", "是否視為同一客戶", "是否视为同一客户"),
    facts=(
        one_of(
            "relation",
            "none spouse parent child sibling superior subordinate colleague",
            "how the two are related",
            "雙方關係",
            "双方关系",
        ),
        flag("same_unit", "both want the same unit", "意向單位相同", "意向单位相同"),
    ),
    fields=(outcome("customer", "ONE TWO", "the customer", "客戶", "客户"),),
    names=("customer",),
)

CLAIM_WINDOW = DecisionWords(
    "claim_window",
    Label("How long may the deal be claimed?", "認領期限", "认领期限"),
    facts=(
        flag(
            "unconfirmed_return",
            "the closing visit was an old customer who could not be confirmed",
            "成交來訪為無法確認的老客戶",
            "成交来访为无法确认的老客户",
        ),
    ),
    fields=(
        Field("days", Number(0, DAYS), Label("days after the event", "天數", "天数")),
        outcome(
            "counted_from", "SUBSCRIPTION PROVISIONAL CONTRACT", "the event", "起算事件", "起算事件"
        ),
    ),
)

CLAIM = DecisionWords(
    "claim",
    Label("Is the claim admitted?", "認領是否受理", "认领是否受理"),
    facts=(
        one_of(
            "basis",
            "NONE SAME MERGED STATED OTHER",
            "whom the claimant registered: nobody, this customer, one merged with him, one he "
            "states to be the same person, somebody else",
            "認領人所登記者：無、本客戶、合併者、聲明為同一人者、他人",
            "认领人所登记者：无、本客户、合并者、声明为同一人者、他人",
        ),
        flag(
            "own_word_after_signing",
            "that it is this customer the claimant himself said only after the signing",
            "簽約後僅憑認領人本人所述為本客戶",
            "签约后仅凭认领人本人所述为本客户",
        ),
        flag("register_void", "that registration is void", "該登記已作廢", "该登记已作废"),
        flag(
            "live_on_closing_day",
            "it was live on the arrival day of the closing visit",
            "成交來訪當日仍在跟蹤期內",
            "成交来访当日仍在跟踪期内",
        ),
        flag(
            "closing_owner_is_earlier",
            "the owner of the closing visit holds an earlier live registration",
            "成交來訪歸屬人登記更早且有效",
            "成交来访归属人登记更早且有效",
        ),
        flag(
            "live_on_first_day",
            "it was live on the day the customer first came to who closed",
            "客戶首次由成交者接待當日仍在跟蹤期內",
            "客户首次由成交者接待当日仍在跟踪期内",
        ),
        flag(
            "closing_owner_was_earlier",
            "the owner of the closing visit holds an earlier registration that was live that day",
            "成交來訪歸屬人登記更早且當日有效",
            "成交来访归属人登记更早且当日有效",
        ),
        flag(
            "received_after_signing",
            "the reception or call it was made of came after the signing",
            "所據接待或來電在成交簽約之後",
            "所据接待或来电在成交签约之后",
        ),
        flag("filed_in_time", "filed inside the claim window", "於期限內提出", "于期限内提出"),
    ),
    fields=(
        outcome("answer", "ADMITTED REJECTED", "the answer", "結果", "结果"),
        unless_said(
            "reason",
            "NONE NOT_REGISTERED NOT_SAME_CUSTOMER OWN_WORD REGISTER_VOID LAPSED AFTER_SIGNING"
            " EARLIER_REGISTRATION LATE",
            "the reason",
            "理由",
            "理由",
        ),
    ),
    names=("claimant", "owner", "customer"),
)

CREDIT = DecisionWords(
    "credit",
    Label("Whose result is this deal?", "業績歸誰", "业绩归谁"),
    facts=(
        one_of(
            "dispute",
            "NONE OPEN SETTLED APPEALABLE DECIDED",
            "a dispute on the deal",
            "業務交叉",
            "业务交叉",
        ),
        flag("claimed", "a claim is admitted", "有受理的認領", "有受理的认领"),
        one_of(
            "closing_owner",
            "MEMBER COMPANY",
            "whose customer the closing visit was",
            "成交來訪歸屬",
            "成交来访归属",
        ),
        one_of(
            "obligation",
            OBLIGATIONS,
            "why the closing visit was received for another",
            "成交來訪的義務接待原因",
            "成交来访的义务接待原因",
        ),
    ),
    fields=(
        outcome(
            "to",
            "EARLIEST_CLAIMANT FIRST_CLAIMANT CLOSING_OWNER COMPANY AS_RESOLVED NOBODY",
            "who gets the credit",
            "業績歸屬",
            "业绩归属",
        ),
        Field("percent", Number(0, 100), Label("his share in percent", "百分比", "百分比"), 100),
        unless_said(
            "rest", "NOBODY CLOSING_OWNER RECEIVER", "who gets the rest", "餘額歸屬", "余额归属"
        ),
        outcome(
            "final",
            "AT_ONCE CLAIM_WINDOW APPEAL_WINDOW OPEN",
            "when it is final",
            "何時確定",
            "何时确定",
        ),
    ),
    names=("owner", "receiver", "claimant"),
)

DECISIONS = (
    RECOGNITION,
    REGISTRATION,
    RENEWAL,
    FIRST_FOLLOW_UP,
    MERGE,
    CLAIM_WINDOW,
    CLAIM,
    CREDIT,
)
