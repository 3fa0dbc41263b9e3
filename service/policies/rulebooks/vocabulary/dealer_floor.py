"""The words of a car dealer's floor: order of standing, clocks, grades (industries 3.2)."""

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

RECEPTION = DecisionWords(
    "reception",
    Label("Who receives this customer?", "由誰接待客戶", "由谁接待客户"),
    facts=(
        one_of("contact", "WALK_IN CALL APPOINTMENT", "how he comes", "到店方式", "到店方式"),
        one_of(
            "keeper_state",
            "NONE FREE BUSY AWAY OFF",
            "where the consultant is whose customer he is, or with whom he has the appointment",
            "原跟進（或預約）顧問現況",
            "原跟进（或预约）顾问现况",
        ),
        one_of(
            "floor",
            "EMPTY BUSY FREE",
            "the best state anybody of the standing order is in",
            "順位中最佳狀態",
            "顺位中最佳状态",
        ),
    ),
    fields=(
        outcome(
            "receiver",
            "NEXT_IN_STANDING KEEPER LEAST_LOADED MANAGER",
            "who receives",
            "接待者",
            "接待者",
        ),
        outcome("owner", "RECEIVER KEEPER COMPANY", "whose customer he is", "客戶歸屬", "客户归属"),
        unless_said("turn", "NONE RECEIVER", "whose turn it uses", "佔用順位", "占用顺位"),
    ),
    axioms=("keeper_state is not FREE or floor is FREE",),
    names=("receiver", "owner"),
)

STANDING = DecisionWords(
    "standing",
    Label("What becomes of a consultant's place?", "顧問順位如何變動", "顾问顺位如何变动"),
    facts=(
        one_of(
            "event",
            "RECEIVED RECEIVED_OWN CALL_TAKEN LEFT_WITH_LEAVE LEFT_WITHOUT_LEAVE NOT_AT_DOOR "
            "NOT_REGISTERED BUSY",
            "what happened when his turn came, or in it",
            "輪到時或接待中的情形",
            "轮到时或接待中的情形",
        ),
    ),
    fields=(
        outcome("place", "KEEP LOSE", "his place", "順位", "顺位"),
        Field(
            "turns_missed",
            Number(0, 10),
            Label("turns he misses besides", "另停輪次", "另停轮次"),
            0,
        ),
    ),
    names=("rep",),
)

FIRST_RESPONSE = DecisionWords(
    "first_response",
    Label("By when must a lead be answered?", "線索須何時首次響應", "线索须何时首次响应"),
    facts=(
        one_of(
            "source",
            "MANUFACTURER PORTAL OWN_SITE CALL SHOWROOM",
            "where the lead comes from",
            "線索來源",
            "线索来源",
        ),
        flag("open_now", "the store is open", "門店營業中", "门店营业中"),
        flag("hot", "he means to buy within a week", "一週內有購車意向", "一周内有购车意向"),
    ),
    fields=(
        Field("minutes", Number(0, MINUTES), Label("minutes", "分鐘數", "分钟数")),
        outcome("counted_from", "RECEIPT NEXT_OPENING", "counted from", "起算時點", "起算时点"),
    ),
    names=("rep", "customer"),
)

OVERDUE = DecisionWords(
    "overdue",
    Label("What becomes of a lead not answered?", "逾時未響應如何處理", "逾时未响应如何处理"),
    facts=(
        count(
            "minutes_over", MINUTES, "minutes after the clock ran out", "逾時分鐘數", "逾时分钟数"
        ),
        count("times_given", 100, "how often it was given out", "已分配次數", "已分配次数"),
    ),
    fields=(outcome("lead", "STAYS GIVEN_ANEW TO_MANAGER", "the lead", "線索去向", "线索去向"),),
    names=("rep", "customer"),
)

CADENCE = DecisionWords(
    "cadence",
    Label("When is the next follow-up due?", "下次跟進何時到期", "下次跟进何时到期"),
    facts=(
        one_of(
            "grade",
            "N O H A B C F",
            "the customer's grade, by when he will buy",
            "客戶級別",
            "客户级别",
        ),
    ),
    fields=(
        Field("days", Number(0, DAYS), Label("days to the next", "下次間隔天數", "下次间隔天数")),
        Field(
            "keeps_days",
            Number(0, DAYS),
            Label("days he stays the consultant's", "保護天數", "保护天数"),
        ),
    ),
    names=("rep", "customer"),
)

LOSS = DecisionWords(
    "loss",
    Label("Is the customer written off as lost?", "是否同意戰敗", "是否同意战败"),
    facts=(
        flag("reason_given", "the reason is stated", "已說明原因", "已说明原因"),
        count("contacts_made", 1_000, "contacts on record", "跟進次數", "跟进次数"),
        flag("manager_agrees", "the manager has agreed", "經理已同意", "经理已同意"),
    ),
    fields=(outcome("answer", "AGREED PENDING REFUSED", "the answer", "結果", "结果"),),
    names=("rep", "customer"),
)

TEST_DRIVE = DecisionWords(
    "test_drive",
    Label("May the test drive begin?", "可否開始試駕", "可否开始试驾"),
    facts=(
        flag("licence_valid", "his driving licence is valid", "駕照有效", "驾照有效"),
        flag("agreement_signed", "the agreement is signed", "已簽試駕協議", "已签试驾协议"),
        flag("companion_there", "a consultant sits beside him", "有顧問陪同", "有顾问陪同"),
    ),
    fields=(outcome("answer", "ALLOWED REFUSED", "the answer", "結果", "结果"),),
    names=("customer",),
)

CREDIT = DecisionWords(
    "credit",
    Label("Whose result is the order?", "訂單業績歸誰", "订单业绩归谁"),
    facts=(
        one_of(
            "closed_by",
            "KEEPER HELPER OTHER",
            "who took the order: the customer's consultant, one who received for him, another",
            "簽單者：原顧問、代接者或他人",
            "签单者：原顾问、代接者或他人",
        ),
        flag(
            "keeper_protected",
            "his consultant's days still run",
            "原顧問保護期內",
            "原顾问保护期内",
        ),
        flag(
            "keeper_told", "his consultant was told at once", "已即時告知原顧問", "已即时告知原顾问"
        ),
    ),
    fields=(
        outcome("to", "KEEPER CLOSER", "who gets the credit", "業績歸屬", "业绩归属"),
        Field("percent", Number(0, 100), Label("his share in percent", "百分比", "百分比"), 100),
        unless_said("rest", "NOBODY CLOSER KEEPER", "who gets the rest", "餘額歸屬", "余额归属"),
    ),
    names=("owner", "receiver", "customer"),
)

WORDS: Mapping[str, Label] = {
    "SIGN_IN": Label("in the order of signing in", "按簽到順序", "按签到顺序"),
    "FEWEST_NEW": Label("fewest new customers first", "新客戶最少者優先", "新客户最少者优先"),
    "NONE": Label("none", "無", "无"),
    "WALK_IN": Label("walk-in", "自然到店", "自然到店"),
    "CALL": Label("telephone call", "來電", "来电"),
    "APPOINTMENT": Label("by appointment", "預約到店", "预约到店"),
    "FREE": Label("free", "空閒", "空闲"),
    "BUSY": Label("with a customer", "接待中", "接待中"),
    "AWAY": Label("on duty but out", "當班外出", "当班外出"),
    "OFF": Label("not on duty", "不當班", "不当班"),
    "EMPTY": Label("nobody on the floor", "無人在場", "无人在场"),
    "NEXT_IN_STANDING": Label("next in the order of standing", "下一順位", "下一顺位"),
    "KEEPER": Label("the customer's consultant", "原跟進顧問", "原跟进顾问"),
    "LEAST_LOADED": Label("least loaded consultant", "客戶最少者", "客户最少者"),
    "MANAGER": Label("showroom manager", "展廳經理", "展厅经理"),
    "RECEIVER": Label("receiver", "接待者", "接待者"),
    "COMPANY": Label("the store", "門店", "门店"),
    "RECEIVED": Label("received a new customer", "接待新客戶", "接待新客户"),
    "RECEIVED_OWN": Label("received his own customer", "接待自己的客戶", "接待自己的客户"),
    "CALL_TAKEN": Label("took a call", "接聽來電", "接听来电"),
    "LEFT_WITH_LEAVE": Label("left with the manager's leave", "經准離開", "经准离开"),
    "LEFT_WITHOUT_LEAVE": Label("left without leave", "擅自離開", "擅自离开"),
    "NOT_AT_DOOR": Label("was not at the door", "未在門口候客", "未在门口候客"),
    "NOT_REGISTERED": Label("did not register the customer", "客戶離店未登記", "客户离店未登记"),
    "KEEP": Label("keeps his place", "保留順位", "保留顺位"),
    "LOSE": Label("goes to the tail", "排至末位", "排至末位"),
    "MANUFACTURER": Label("from the manufacturer", "廠家下發", "厂家下发"),
    "PORTAL": Label("from a portal", "垂直媒體", "垂直媒体"),
    "OWN_SITE": Label("from the store's own site", "自有平台", "自有平台"),
    "SHOWROOM": Label("from a showroom visit", "展廳到店", "展厅到店"),
    "RECEIPT": Label("from its receipt", "收到時起", "收到时起"),
    "NEXT_OPENING": Label("from the next opening", "下次開門起", "下次开门起"),
    "STAYS": Label("stays his", "保留", "保留"),
    "GIVEN_ANEW": Label("given to somebody else", "重新分配", "重新分配"),
    "TO_MANAGER": Label("to the manager", "轉交經理", "转交经理"),
    "N": Label("new", "新客戶", "新客户"),
    "O": Label("ordered", "已訂車", "已订车"),
    "H": Label("buys within a week", "一週內購車", "一周内购车"),
    "A": Label("buys within two weeks", "兩週內購車", "两周内购车"),
    "B": Label("buys within a month", "一個月內購車", "一个月内购车"),
    "C": Label("buys within a quarter", "三個月內購車", "三个月内购车"),
    "F": Label("lost", "戰敗", "战败"),
    "AGREED": Label("agreed", "同意", "同意"),
    "PENDING": Label("waits for the manager", "待經理審批", "待经理审批"),
    "ALLOWED": Label("allowed", "准許", "准许"),
    "REFUSED": Label("refused", "拒絕", "拒绝"),
    "HELPER": Label("who received for him", "代接者", "代接者"),
    "OTHER": Label("another consultant", "其他顧問", "其他顾问"),
    "CLOSER": Label("who took the order", "簽單者", "签单者"),
    "NOBODY": Label("nobody", "無人", "无人"),
}

DEALER_FLOOR = Vocabulary(
    policy="dealer-floor",
    decides=False,
    decisions={
        one.name: one
        for one in (
            RECEPTION,
            STANDING,
            FIRST_RESPONSE,
            OVERDUE,
            CADENCE,
            LOSS,
            TEST_DRIVE,
            CREDIT,
        )
    },
    words=WORDS,
    parameters={},
    orders=("SIGN_IN", "FEWEST_NEW"),
    explained=pack_parameters.DEALER_FLOOR,
)
