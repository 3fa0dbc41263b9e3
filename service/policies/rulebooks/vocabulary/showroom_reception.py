"""The words of reception: naming, receiving, turns and calls (rulebook 2.3 and 2.7)."""

from service.policies.rulebooks.vocabulary.declaring import (
    count,
    flag,
    one_of,
    outcome,
    unless_said,
)
from service.policies.rulebooks.vocabulary.kinds import DecisionWords, Field, Label, Number

DAYS = 36_500

REP_STATES = "NONE FREE BUSY AWAY OFF"
QUEUE_STATES = "EMPTY AWAY BUSY FREE"
OBLIGATIONS = "NONE OLD_CUSTOMER NAMED_REP DAY_OFF"
PEOPLE = ("receiver", "owner", "named")

NAMING = DecisionWords(
    "naming",
    Label("Does naming a rep count?", "指名是否有效", "指名是否有效"),
    facts=(
        flag("assigned", "the reception is already assigned", "接待已分派", "接待已分派"),
        one_of(
            "evidence",
            "NONE CALL REFERRAL",
            "what bears the naming out: a recorded call of this phone, or a registered referrer",
            "指名的依據：此電話的來電記錄，或已登記的介紹人",
            "指名的依据：此电话的来电记录，或已登记的介绍人",
        ),
        flag(
            "named_took_call",
            "the named rep took that call himself",
            "該來電由被指名者接聽",
            "该来电由被指名者接听",
        ),
    ),
    fields=(outcome("naming", "COUNTS UNPROVEN TOO_LATE", "the naming", "指名", "指名"),),
    names=PEOPLE,
)

RECEPTION = DecisionWords(
    "reception",
    Label("Who receives this visitor, and for whom?", "由誰接待，為誰接待", "由谁接待，为谁接待"),
    facts=(
        one_of(
            "survey",
            "NONE UNDECLARED DECLARED",
            "a survey by a competitor or a salesman",
            "同行採盤或推銷",
            "同行采盘或推销",
        ),
        flag(
            "taken_on_day_off",
            "a rep on his day off is the one receiving",
            "由休息當天的代表接待",
            "由休息当天的代表接待",
        ),
        one_of(
            "registration",
            "NONE LIVE LAPSED",
            "registrations that match: one at least is live, or all have lapsed",
            "相符的登記：至少一項有效，或全部逾期",
            "相符的登记：至少一项有效，或全部逾期",
        ),
        one_of(
            "owner_state",
            REP_STATES,
            "where the rep of the earliest live registration is (of the earliest lapsed one where "
            "none is live)",
            "最早有效登記的代表現況（無有效登記時，為最早逾期登記者）",
            "最早有效登记的代表现况（无有效登记时，为最早逾期登记者）",
        ),
        flag(
            "owner_is_taker",
            "that rep is the one receiving on his day off",
            "該代表即休息當天接待者",
            "该代表即休息当天接待者",
        ),
        one_of(
            "naming",
            "NONE COUNTS UNPROVEN",
            "the visitor names a rep (as the decision `naming` found)",
            "來訪者指名代表",
            "来访者指名代表",
        ),
        one_of(
            "evidence", "NONE CALL REFERRAL", "what bears the naming out", "指名依據", "指名依据"
        ),
        one_of("named_state", REP_STATES, "where the named rep is", "被指名者現況", "被指名者现况"),
        flag("named_is_next", "the named rep is next in turn", "正輪到被指名者", "正轮到被指名者"),
        flag("said_before", "says that he came before", "自稱來過", "自称来过"),
        one_of("arrival", "WALK_IN PHONE REFERRAL", "the way of arrival", "來訪途徑", "来访途径"),
        one_of(
            "referrer_rep_state",
            REP_STATES,
            "where the referrer's own rep is",
            "介紹人所屬代表現況",
            "介绍人所属代表现况",
        ),
        one_of(
            "queue",
            QUEUE_STATES,
            "the best state anybody of the rotation is in (AWAY: all signed in are out); who is "
            "held off it does not count",
            "當前輪序中最佳狀態（暫不參與輪序者不計）",
            "当前轮序中最佳状态（暂不参与轮序者不计）",
        ),
        flag(
            "held_off",
            "somebody signed in is held off the rotation: he has had his day's number, is off "
            "shift or is barred",
            "有已簽到者暫不參與輪序：接待已達當日上限、不在班次內或停輪",
            "有已签到者暂不参与轮序：接待已达当日上限、不在班次内或停轮",
        ),
        one_of(
            "companion_state",
            REP_STATES,
            "where the rep is who receives the party he came with and buys apart from",
            "與其同行而分別購買者的接待代表現況",
            "与其同行而分别购买者的接待代表现况",
        ),
        flag(
            "taken_from_floor",
            "a rep takes the visitor from the open floor",
            "有代表主動接手（先到先接）",
            "有代表主动接手（先到先接）",
        ),
    ),
    fields=(
        outcome(
            "receiver",
            "NEXT_IN_ROTATION LEAST_LOADED STAND_IN OWNER FORMER_OWNER NAMED REFERRER_REP TAKER "
            "COMPANION_REP MANAGER NOBODY",
            "who receives",
            "接待者",
            "接待者",
        ),
        outcome(
            "owner",
            "RECEIVER OWNER FORMER_OWNER NAMED REFERRER_REP HEAD_OF_QUEUE TAKER COMPANY NOBODY",
            "whose customer it is",
            "客戶歸屬",
            "客户归属",
        ),
        outcome(
            "mode",
            "TURN DOUBLE OWN_RETURN NAMED OBLIGATORY SURVEY MANAGER WAIT",
            "the mode of reception",
            "接待方式",
            "接待方式",
        ),
        unless_said("turn", "NONE RECEIVER HEAD", "whose turn it uses", "佔用輪次", "占用轮次"),
        unless_said(
            "obligation",
            OBLIGATIONS,
            "why somebody receives for another",
            "義務接待原因",
            "义务接待原因",
        ),
    ),
    axioms=(
        "registration is NONE or owner_state is not NONE",
        "registration is not NONE or owner_state is NONE",
        "not owner_is_taker or (taken_on_day_off and owner_state is OFF)",
        "naming is NONE or named_state is not NONE",
        "naming is not NONE or named_state is NONE",
        "not named_is_next or named_state is FREE",
        "named_state is not FREE or queue is FREE or held_off",
        "named_state is not BUSY or queue in (BUSY, FREE) or held_off",
        "named_state is not AWAY or queue is not EMPTY or held_off",
        "owner_state is not FREE or queue is FREE or held_off",
        "owner_state is not BUSY or queue in (BUSY, FREE) or held_off",
        "owner_state is not AWAY or queue is not EMPTY or held_off",
        "referrer_rep_state is not FREE or queue is FREE or held_off",
        "referrer_rep_state is not BUSY or queue in (BUSY, FREE) or held_off",
        "referrer_rep_state is not AWAY or queue is not EMPTY or held_off",
        "not named_is_next or queue is FREE or taken_from_floor",
        "not taken_from_floor or queue is not EMPTY or held_off",
    ),
    names=PEOPLE,
)

STAND_IN = DecisionWords(
    "stand_in",
    Label("Who receives for another?", "由誰義務接待", "由谁义务接待"),
    facts=(
        one_of(
            "others",
            QUEUE_STATES,
            "the best state anybody in the live queue is in, the one received for left out",
            "除所代者外，輪序中最佳狀態",
            "除所代者外，轮序中最佳状态",
        ),
        one_of(
            "buddy_state",
            REP_STATES,
            "where the chosen stand-in is",
            "指定代班者現況",
            "指定代班者现况",
        ),
    ),
    fields=(
        outcome(
            "receiver",
            "LAST_IN_ROTATION NEXT_IN_ROTATION BUDDY HEAD_OF_QUEUE MANAGER NOBODY",
            "who receives",
            "接待者",
            "接待者",
        ),
    ),
    axioms=("buddy_state is not FREE or others is FREE",),
    names=PEOPLE,
)

ROTATION_SKIP = DecisionWords(
    "rotation_skip",
    Label(
        "Does a rep who is passed over keep his place?", "略過者是否保留位次", "略过者是否保留位次"
    ),
    facts=(
        one_of(
            "state",
            "BUSY AWAY_BUSINESS AWAY_PRIVATE OWES_A_TURN",
            "what he was doing when his turn came, or that he owes a turn",
            "輪到時的狀態（或應罰停一輪）",
            "轮到时的状态（或应罚停一轮）",
        ),
    ),
    fields=(outcome("place", "KEEP LOSE", "his place", "位次", "位次"),),
    names=("rep",),
)

PENALTY = DecisionWords(
    "penalty",
    Label(
        "What does a rep lose who breaks a rule of the floor?",
        "違反接待規定如何處罰",
        "违反接待规定如何处罚",
    ),
    facts=(
        one_of(
            "breach",
            "FIRST_VISIT_NOT_ASKED VISITOR_REFUSED",
            "what the rep did: he did not ask whether it was a first visit, or refused a visitor",
            "違規事項：未詢問是否首次來訪，或拒絕接待",
            "违规事项：未询问是否首次来访，或拒绝接待",
        ),
    ),
    fields=(
        Field("turns", Number(0, 100), Label("turns he is passed over", "停輪次數", "停轮次数"), 0),
        Field(
            "days",
            Number(0, 365),
            Label("days he is out of the rotation", "停輪天數", "停轮天数"),
            0,
        ),
    ),
    names=("rep",),
    required=False,
)

TAKE = DecisionWords(
    "take",
    Label("May a rep take this visitor?", "可否自行接待", "可否自行接待"),
    facts=(
        flag("customer_is_new", "the visitor is a new customer", "新客戶", "新客户"),
        flag(
            "serving_new_customer",
            "the rep is already with a new customer",
            "正接待另一新客戶",
            "正接待另一新客户",
        ),
        flag("another_is_free", "another rep in the queue is free", "另有代表空閒", "另有代表空闲"),
        flag(
            "manager_override",
            "the manager ordered it, with a reason",
            "經理說明理由後指派",
            "经理说明理由后指派",
        ),
    ),
    fields=(outcome("answer", "ALLOWED REFUSED", "the answer", "結果", "结果"),),
    names=("rep",),
)

EXPOSE = DecisionWords(
    "expose",
    Label("Is the turn given back?", "是否補回輪次", "是否补回轮次"),
    facts=(
        flag(
            "admitted", "exposed in front of others, and admits", "當眾識破並承認", "当众识破并承认"
        ),
        flag("turn_used", "the reception used a turn", "接待已佔用輪次", "接待已占用轮次"),
    ),
    fields=(outcome("turn", "RESTORED UNCHANGED", "the turn", "輪次", "轮次"),),
    names=("receiver",),
)

CALL_SERVICE = DecisionWords(
    "call_service",
    Label("Was the call answered well?", "接聽是否達標", "接听是否达标"),
    facts=(
        count("rings", 1_000, "rings before the answer", "接聽前鈴聲數", "接听前铃声数"),
        count("seconds", 86_400, "length of the call", "通話秒數", "通话秒数"),
    ),
    fields=(
        outcome("rings", "OK BREACH", "the answer", "接聽", "接听"),
        outcome("length", "OK BREACH", "the length", "時長", "时长"),
    ),
    names=("rep",),
)

CALL_RIGHT = DecisionWords(
    "call_right",
    Label("Does a call create a registration?", "來電是否形成登記", "来电是否形成登记"),
    facts=(
        flag("name_given", "the caller gave his full name", "留下全名", "留下全名"),
        flag("phone_given", "the caller's phone is known", "留下電話", "留下电话"),
    ),
    fields=(
        outcome("right", "NONE REGISTRATION", "the right", "權利", "权利"),
        Field("days", Number(0, DAYS), Label("its days", "天數", "天数"), 0),
    ),
    names=("rep",),
)

DAY_SECONDS = 86_400

STAGE_SERVICE = DecisionWords(
    "stage_service",
    Label("Was the stage reached in time?", "接待環節是否及時", "接待环节是否及时"),
    facts=(
        one_of(
            "stage",
            "GREETED MODEL_TOUR SEATED UNIT_RECOMMENDED QUOTED "
            "UNIT_CHECKED DEPOSIT_SLIP ESCORTED_OUT DESK_RESET",
            "the stage reached",
            "接待環節",
            "接待环节",
        ),
        count(
            "seconds_since_arrival",
            DAY_SECONDS,
            "seconds since the visitor arrived",
            "距到訪秒數",
            "距到访秒数",
        ),
    ),
    fields=(outcome("service", "OK BREACH", "the service level", "服務水準", "服务水准"),),
)

DECISIONS = (
    NAMING,
    RECEPTION,
    STAND_IN,
    ROTATION_SKIP,
    PENALTY,
    TAKE,
    EXPOSE,
    CALL_SERVICE,
    CALL_RIGHT,
    STAGE_SERVICE,
)
