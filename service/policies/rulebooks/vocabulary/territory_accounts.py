"""The words of territory accounts: hospital by product line, holders, dealers (industries 3.3)."""

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

HOLDER = DecisionWords(
    "holder",
    Label(
        "Who answers for this hospital and product line?",
        "該醫院產品線由誰負責",
        "该医院产品线由谁负责",
    ),
    facts=(
        one_of(
            "holder",
            "NONE ACTIVE ON_LEAVE LEFT",
            "the representative who holds the hospital for this line",
            "持有該醫院產品線的代表",
            "持有该医院产品线的代表",
        ),
        flag(
            "territory_rep",
            "somebody works the territory for this line",
            "轄區內有該產品線代表",
            "辖区内有该产品线代表",
        ),
        one_of(
            "dealer",
            "NONE EXCLUSIVE SHARED",
            "a dealer authorised for this hospital and line today",
            "當日獲授權的經銷商",
            "当日获授权的经销商",
        ),
    ),
    fields=(
        outcome(
            "holder",
            "HOLDER TERRITORY_REP DEALER MANAGER",
            "who answers for it",
            "負責人",
            "负责人",
        ),
        unless_said("helper", "NONE TERRITORY_REP MANAGER", "who helps", "協助者", "协助者"),
    ),
    names=("holder", "manager", "dealer", "hospital"),
)

SALE_RIGHT = DecisionWords(
    "sale_right",
    Label(
        "May this seller sell this product there today?",
        "當日可否向該醫院銷售該產品",
        "当日可否向该医院销售该产品",
    ),
    facts=(
        one_of("seller", "REP DEALER", "who sells", "銷售方", "销售方"),
        flag(
            "certificate_valid",
            "the product's registration certificate is valid",
            "產品註冊證有效",
            "产品注册证有效",
        ),
        flag(
            "letter_covers",
            "a letter of authorisation covers product, hospital and day",
            "授權書涵蓋產品、醫院與日期",
            "授权书涵盖产品、医院与日期",
        ),
        flag(
            "chain_complete",
            "the chain of grants back to the manufacturer is complete",
            "授權鏈完整至廠家",
            "授权链完整至厂家",
        ),
        flag(
            "licence_covers",
            "his operating licence covers the class of product",
            "經營許可涵蓋該類產品",
            "经营许可涵盖该类产品",
        ),
        one_of(
            "exclusive_dealer",
            "NONE SELLER OTHER",
            "who holds the hospital exclusively for this line",
            "該院該產品線的獨家經銷商",
            "该院该产品线的独家经销商",
        ),
    ),
    fields=(
        outcome("answer", "ALLOWED REFUSED", "the answer", "結果", "结果"),
        unless_said(
            "reason",
            "NONE CERTIFICATE_EXPIRED NOT_AUTHORISED CHAIN_BROKEN LICENCE_MISSING "
            "EXCLUSIVE_ELSEWHERE",
            "the reason",
            "理由",
            "理由",
        ),
    ),
    names=("seller", "hospital"),
)

PROTECTION = DecisionWords(
    "protection",
    Label("Is the account still the holder's?", "客戶是否仍屬持有人", "客户是否仍属持有人"),
    facts=(
        one_of(
            "stage",
            "UNTOUCHED CONTACTED TRIAL LISTING REGULAR",
            "how far the department is developed",
            "科室開發階段",
            "科室开发阶段",
        ),
        count(
            "days_since_contact",
            DAYS,
            "days since the last recorded visit",
            "距最近拜訪天數",
            "距最近拜访天数",
        ),
        count(
            "days_since_order",
            DAYS,
            "days since the last order",
            "距最近訂單天數",
            "距最近订单天数",
        ),
    ),
    fields=(
        outcome("account", "HELD WARNED RELEASED", "the account", "客戶", "客户"),
        Field("days", Number(0, DAYS), Label("days it may rest", "可停滯天數", "可停滞天数"), 0),
    ),
    names=("holder", "hospital"),
)

NEW_ACCOUNT = DecisionWords(
    "new_account",
    Label("Does the order count as a new customer?", "訂單是否計為新客戶", "订单是否计为新客户"),
    facts=(
        flag(
            "qualified",
            "the order is paid and of the minimum amount",
            "訂單達標並已付款",
            "订单达标并已付款",
        ),
        flag("ordered_before", "the department has ordered before", "科室曾下單", "科室曾下单"),
        count(
            "months_since_order",
            1_200,
            "whole months since its last order",
            "距上次訂單月數",
            "距上次订单月数",
        ),
    ),
    fields=(outcome("customer", "NEW EXISTING NOT_COUNTED", "the customer", "客戶", "客户"),),
    axioms=("ordered_before or months_since_order <= 0",),
    names=("holder", "hospital"),
)

CROSS_AREA = DecisionWords(
    "cross_area",
    Label("Is this delivery sold across areas?", "此次發貨是否串貨", "此次发货是否串货"),
    facts=(
        flag(
            "lot_traced",
            "lot and place of use are known by the device identifier",
            "已按唯一標識查明批次與使用地",
            "已按唯一标识查明批次与使用地",
        ),
        flag(
            "used_in_own_area",
            "it was used in the seller's own hospitals",
            "使用醫院在銷售方授權範圍內",
            "使用医院在销售方授权范围内",
        ),
        flag(
            "holder_agreed",
            "the holder there had agreed in writing",
            "當地持有人書面同意",
            "当地持有人书面同意",
        ),
    ),
    fields=(outcome("finding", "IN_ORDER CROSS_AREA UNKNOWN", "the finding", "認定", "认定"),),
    names=("seller", "holder", "hospital"),
)

CREDIT = DecisionWords(
    "credit",
    Label("Whose result is the order?", "訂單業績歸誰", "订单业绩归谁"),
    facts=(
        one_of(
            "sold_by",
            "HOLDER OTHER DEALER",
            "through whom the order came",
            "訂單經由何人",
            "订单经由何人",
        ),
        flag("across_areas", "it was found to be sold across areas", "已認定串貨", "已认定串货"),
        flag(
            "handed_over",
            "the account changed hands during the order",
            "訂單期間客戶移交",
            "订单期间客户移交",
        ),
    ),
    fields=(
        outcome("to", "HOLDER FORMER_HOLDER NOBODY", "who gets the credit", "業績歸屬", "业绩归属"),
        Field("percent", Number(0, 100), Label("his share in percent", "百分比", "百分比"), 100),
        unless_said("rest", "NOBODY HOLDER SELLER", "who gets the rest", "餘額歸屬", "余额归属"),
    ),
    names=("holder", "seller", "hospital"),
)

WORDS: Mapping[str, Label] = {
    "NONE": Label("none", "無", "无"),
    "ACTIVE": Label("at work", "在崗", "在岗"),
    "ON_LEAVE": Label("on leave", "休假", "休假"),
    "LEFT": Label("has left", "已離職", "已离职"),
    "EXCLUSIVE": Label("exclusive", "獨家", "独家"),
    "SHARED": Label("beside others", "非獨家", "非独家"),
    "HOLDER": Label("holder", "持有人", "持有人"),
    "TERRITORY_REP": Label("representative of the territory", "轄區代表", "辖区代表"),
    "DEALER": Label("dealer", "經銷商", "经销商"),
    "MANAGER": Label("regional manager", "大區經理", "大区经理"),
    "REP": Label("representative", "代表", "代表"),
    "SELLER": Label("the seller", "銷售方", "销售方"),
    "OTHER": Label("somebody else", "他人", "他人"),
    "ALLOWED": Label("allowed", "准許", "准许"),
    "REFUSED": Label("refused", "拒絕", "拒绝"),
    "CERTIFICATE_EXPIRED": Label("certificate expired", "註冊證失效", "注册证失效"),
    "NOT_AUTHORISED": Label("not authorised", "無授權", "无授权"),
    "CHAIN_BROKEN": Label("the chain of grants is broken", "授權鏈斷裂", "授权链断裂"),
    "LICENCE_MISSING": Label("not covered by his licence", "超出經營許可", "超出经营许可"),
    "EXCLUSIVE_ELSEWHERE": Label("another dealer's exclusively", "他人獨家", "他人独家"),
    "UNTOUCHED": Label("untouched", "未開發", "未开发"),
    "CONTACTED": Label("contacted", "已接觸", "已接触"),
    "TRIAL": Label("on trial", "試用", "试用"),
    "LISTING": Label("being listed", "進院中", "进院中"),
    "REGULAR": Label("orders regularly", "常規用量", "常规用量"),
    "HELD": Label("held", "持有", "持有"),
    "WARNED": Label("held, with a warning", "持有並預警", "持有并预警"),
    "RELEASED": Label("released", "釋放", "释放"),
    "NEW": Label("new", "新客戶", "新客户"),
    "EXISTING": Label("existing", "老客戶", "老客户"),
    "NOT_COUNTED": Label("not counted", "不計", "不计"),
    "IN_ORDER": Label("in order", "合規", "合规"),
    "CROSS_AREA": Label("sold across areas", "串貨", "串货"),
    "UNKNOWN": Label("not known yet", "待查", "待查"),
    "FORMER_HOLDER": Label("former holder", "原持有人", "原持有人"),
    "NOBODY": Label("nobody", "無人", "无人"),
}

TERRITORY_ACCOUNTS = Vocabulary(
    policy="territory-accounts",
    decides=False,
    decisions={
        one.name: one for one in (HOLDER, SALE_RIGHT, PROTECTION, NEW_ACCOUNT, CROSS_AREA, CREDIT)
    },
    words=WORDS,
    parameters={},
    orders=(),
    explained=pack_parameters.TERRITORY_ACCOUNTS,
)
