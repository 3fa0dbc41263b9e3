"""What people read for each parameter of a showroom's rulebook: what it sets."""

from collections.abc import Mapping

from service.policies.rulebooks.vocabulary.kinds import Label

# In the order in which a document is written out.
EXPLAINED: Mapping[str, Label] = {
    "rotation.order": Label("how turns come", "輪序方式", "轮序方式"),
    "rotation.weight": Label("a rep's share of the turns", "代表所佔輪次比重", "代表所占轮次比重"),
    "rotation.capacity_per_day": Label(
        "new customers a rep is given by turn on a day at most; 0: no limit",
        "每名代表每日輪接新客戶上限；0 為不限",
        "每名代表每日轮接新客户上限；0 为不限",
    ),
    "rotation.by_shift": Label(
        "reps stand in the rotation during their planned shifts only",
        "僅於排班時段內參與輪序",
        "仅于排班时段内参与轮序",
    ),
    "rotation.skip_busy": Label(
        "the place of a rep who is with a customer when his turn comes",
        "輪到時正在接待者的位次",
        "轮到时正在接待者的位次",
    ),
    "rotation.skip_away_business": Label(
        "the place of a rep who is out on business when his turn comes",
        "輪到時因公外出者的位次",
        "轮到时因公外出者的位次",
    ),
    "rotation.skip_away_personal": Label(
        "the place of a rep who is out on private matters when his turn comes",
        "輪到時因私外出者的位次",
        "轮到时因私外出者的位次",
    ),
    "rotation.all_busy": Label(
        "who receives when every rep is busy",
        "全部代表均在接待時的處理",
        "全部代表均在接待时的处理",
    ),
    "rotation.named_consumes_turn": Label(
        "being asked for uses the rep's turn", "指名接待佔用輪次", "指名接待占用轮次"
    ),
    "rotation.survey_consumes_turn": Label(
        "a suspected survey visitor uses a turn", "疑似採盤佔用輪次", "疑似采盘占用轮次"
    ),
    "rotation.obligatory_receiver": Label(
        "who makes an obligatory reception", "義務接待者", "义务接待者"
    ),
    "rotation.obligatory_fallback": Label(
        "who makes it when nobody is free", "無人空閒時的義務接待者", "无人空闲时的义务接待者"
    ),
    "rotation.ask_first_visit_penalty": Label(
        "what a rep loses who did not ask whether it is a first visit",
        "未詢問是否首次來訪的處罰",
        "未询问是否首次来访的处罚",
    ),
    "rotation.refuse_penalty_days": Label(
        "days out of the rotation for refusing a visitor; 0: none",
        "拒絕接待者停輪天數；0 為不停輪",
        "拒绝接待者停轮天数；0 为不停轮",
    ),
    "named.evidence": Label("what bears a naming out", "指名所需依據", "指名所需依据"),
    "named.must_be_call_taker": Label(
        "the named rep must have taken the call himself",
        "來電須由被指名者接聽",
        "来电须由被指名者接听",
    ),
    "named.busy": Label(
        "who receives when the named rep is busy", "被指名者正忙時", "被指名者正忙时"
    ),
    "named.away": Label("how a named rep counts who is out", "被指名者外出時", "被指名者外出时"),
    "named.off_duty": Label(
        "how a visitor counts whose named rep is not on shift",
        "被指名者不當班時",
        "被指名者不当班时",
    ),
    "returning.busy_owner": Label(
        "who receives an old customer whose rep is busy",
        "老客戶所屬代表正忙時",
        "老客户所属代表正忙时",
    ),
    "returning.customer_choice": Label(
        "whom an old customer gets who asks for another rep",
        "老客戶指名他人時由誰接待",
        "老客户指名他人时由谁接待",
    ),
    "returning.lapsed": Label(
        "who receives an old customer whose tracking has lapsed",
        "跟蹤期已過的老客戶由誰接待",
        "跟踪期已过的老客户由谁接待",
    ),
    "returning.unconfirmed_claim_days": Label(
        "days to claim a visitor whose registration could not be confirmed",
        "無法確認登記時的認領天數",
        "无法确认登记时的认领天数",
    ),
    "referral.unnamed": Label(
        "how a referred visitor counts who asks for nobody",
        "老客戶介紹而未指名者",
        "老客户介绍而未指名者",
    ),
    "offday.owner": Label(
        "whose is a new customer received on a day off",
        "休息當天接待的新客戶歸屬",
        "休息当天接待的新客户归属",
    ),
    "phone.creates_registration": Label(
        "a call creates a registration", "來電形成登記", "来电形成登记"
    ),
    "phone.registration_days": Label(
        "days such a registration lasts", "來電登記有效天數", "来电登记有效天数"
    ),
    "phone.max_rings": Label(
        "rings before a call is answered, at most", "接聽前鈴聲上限", "接听前铃声上限"
    ),
    "customer.identity_scope": Label(
        "where a customer is the same one", "同一客戶的認定範圍", "同一客户的认定范围"
    ),
    "phone.max_seconds": Label("seconds of a call, at most", "通話秒數上限", "通话秒数上限"),
    "visit.group_policy": Label(
        "who receives parties that come together and buy apart",
        "同行而分別購買者由誰接待",
        "同行而分别购买者由谁接待",
    ),
    "visit.greet_seconds": Label(
        "seconds until an arrival is greeted, at most",
        "來訪接待等候秒數上限",
        "来访接待等候秒数上限",
    ),
    "register.match": Label(
        "by what two entries are one customer, and what a valid one needs beside the name",
        "登記比對依據及除全名外所需資料",
        "登记比对依据及除全名外所需资料",
    ),
    "register.deadline": Label("until when a reception is registered", "登記期限", "登记期限"),
    "register.deadline_minutes": Label(
        "minutes after the reception, where the deadline is in minutes",
        "以分鐘計時的登記期限",
        "以分钟计时的登记期限",
    ),
    "register.scope": Label(
        "registrations stay with the site, or go with the member",
        "登記隨案場或隨人員",
        "登记随案场或随人员",
    ),
    "tracking.days": Label(
        "days a registration protects the rep, day of reception not counted",
        "跟蹤保護天數，接待當日不計",
        "跟踪保护天数，接待当日不计",
    ),
    "tracking.renewal": Label(
        "what starts the days anew", "跟蹤期重新起算的條件", "跟踪期重新起算的条件"
    ),
    "tracking.max_total_days": Label(
        "days of tracking in all; 0: no cap",
        "跟蹤期總天數上限；0 為不限",
        "跟踪期总天数上限；0 为不限",
    ),
    "tracking.effective_only": Label(
        "only contacts that reached the customer count",
        "僅計已聯繫上客戶的跟蹤",
        "仅计已联系上客户的跟踪",
    ),
    "tracking.test_event": Label(
        "which arrival must fall into the tracking for a claim",
        "認領所依據的來訪",
        "认领所依据的来访",
    ),
    "followup.first_due_days": Label(
        "days until the first follow-up is due", "首次跟蹤期限天數", "首次跟踪期限天数"
    ),
    "claim.days": Label("days after the deal to claim it", "成交後認領天數", "成交后认领天数"),
    "claim.deal_event": Label("what counts as the deal", "視為成交的事件", "视为成交的事件"),
    "claim.exclude_start_day": Label(
        "the day of the deal is not counted among the days to claim it",
        "成交當天不計入認領天數",
        "成交当天不计入认领天数",
    ),
    "claim.tie_break": Label("who wins of several claimants", "多人認領時歸屬", "多人认领时归属"),
    "claim.split_owner": Label(
        "percent of the credit for the claimant", "認領人業績百分比", "认领人业绩百分比"
    ),
    "claim.auto_notify": Label(
        "who tracks the customer is told that a colleague has sold to him",
        "同事成交時自動通知跟蹤者",
        "同事成交时自动通知跟踪者",
    ),
    "obligatory.credit_split": Label(
        "percent of the credit for the owner after an obligatory reception",
        "義務接待成交時歸屬人業績百分比",
        "义务接待成交时归属人业绩百分比",
    ),
    "merge.family": Label(
        "relatives who are one customer", "視為同一客戶的親屬", "视为同一客户的亲属"
    ),
    "merge.company": Label(
        "colleagues who are one customer", "視為同一客戶的同公司人員", "视为同一客户的同公司人员"
    ),
    "merge.same_unit": Label(
        "only where both want the same unit", "須購買同一單位", "须购买同一单位"
    ),
    "merge.order_by": Label(
        "which of two entries of one customer is the earlier: by entry, or by reception",
        "同一客戶多項登記的先後依據：登記時間或接待時間",
        "同一客户多项登记的先后依据：登记时间或接待时间",
    ),
    "member.offboarding": Label(
        "to whom the customers of a member who leaves go", "離職者客戶的去向", "离职者客户的去向"
    ),
    "tamper.scope": Label(
        "how much falls with a finding", "作假認定後失效的範圍", "作假认定后失效的范围"
    ),
    "deal.first": Label(
        "a customer signs while a dispute of his is open",
        "爭議未決時仍可簽約",
        "争议未决时仍可签约",
    ),
    "dispute.customers": Label(
        "a customer may be disputed before he signs",
        "成交前可就客戶提出爭議",
        "成交前可就客户提出争议",
    ),
    "dispute.private_until": Label(
        "how long the two may settle among themselves", "私下和解期限", "私下和解期限"
    ),
    "dispute.private_hours": Label(
        "hours, where that is in hours", "以小時計的和解期限", "以小时计的和解期限"
    ),
    "dispute.allow_manager_split": Label(
        "the manager may divide the credit", "經理可分配業績", "经理可分配业绩"
    ),
    "dispute.company_requires_aggravated": Label(
        "the company takes a deal only after an aggravated finding",
        "情節嚴重時方歸公司",
        "情节严重时方归公司",
    ),
    "dispute.appeal": Label("who hears an appeal", "申訴受理人", "申诉受理人"),
    "dispute.appeal_days": Label("days to appeal", "申訴天數", "申诉天数"),
}
