"""What people read for each parameter of the other policies: what it sets."""

from collections.abc import Mapping

from service.policies.rulebooks.vocabulary.kinds import Label

DEALER_FLOOR: Mapping[str, Label] = {
    "standing.order": Label("how turns come", "輪序方式", "轮序方式"),
    "standing.calls_use_turn": Label("a call uses a turn", "來電佔用輪次", "来电占用轮次"),
    "standing.absence_turns": Label(
        "turns missed for leaving the floor without leave", "擅離展廳停輪次數", "擅离展厅停轮次数"
    ),
    "standing.unregistered_turns": Label(
        "turns missed for not registering a customer", "未登記客戶停輪次數", "未登记客户停轮次数"
    ),
    "response.minutes": Label("minutes to answer a lead", "線索響應分鐘數", "线索响应分钟数"),
    "response.hot_minutes": Label(
        "minutes to answer a hot lead or a call", "熱線索或來電響應分鐘數", "热线索或来电响应分钟数"
    ),
    "response.opening_minutes": Label(
        "minutes after opening, for what came while the store was closed",
        "閉店期間線索於開店後響應分鐘數",
        "闭店期间线索于开店后响应分钟数",
    ),
    "response.visit_minutes": Label(
        "minutes to call who was in the showroom", "到店客戶回訪分鐘數", "到店客户回访分钟数"
    ),
    "response.grace_minutes": Label("minutes of grace", "寬限分鐘數", "宽限分钟数"),
    "response.most_times": Label(
        "times a lead is given out before the manager has it",
        "線索分配次數上限，其後歸經理",
        "线索分配次数上限，其后归经理",
    ),
    "cadence.hot_days": Label(
        "days to the next contact, buying within a week", "H 級聯繫間隔天數", "H 级联系间隔天数"
    ),
    "cadence.a_days": Label(
        "days to the next contact, within two weeks", "A 級聯繫間隔天數", "A 级联系间隔天数"
    ),
    "cadence.b_days": Label(
        "days to the next contact, within a month", "B 級聯繫間隔天數", "B 级联系间隔天数"
    ),
    "cadence.c_days": Label(
        "days to the next contact, within a quarter", "C 級聯繫間隔天數", "C 级联系间隔天数"
    ),
    "cadence.ordered_days": Label(
        "days between reports to who has ordered",
        "已訂車客戶通報間隔天數",
        "已订车客户通报间隔天数",
    ),
    "keeping.hot_days": Label(
        "days a customer buying within a week is kept", "H 級保留天數", "H 级保留天数"
    ),
    "keeping.a_days": Label("days kept, within two weeks", "A 級保留天數", "A 级保留天数"),
    "keeping.b_days": Label("days kept, within a month", "B 級保留天數", "B 级保留天数"),
    "keeping.c_days": Label("days kept, within a quarter", "C 級保留天數", "C 级保留天数"),
    "loss.contacts": Label(
        "contacts tried before a customer is lost", "判定戰敗前聯繫次數", "判定战败前联系次数"
    ),
    "credit.helper_percent": Label(
        "percent of the credit for who received for a colleague",
        "協助接待者業績百分比",
        "协助接待者业绩百分比",
    ),
    "credit.untold_forfeits": Label(
        "who did not tell his colleague has no part", "未告知同事者不分業績", "未告知同事者不分业绩"
    ),
}

TERRITORY_ACCOUNTS: Mapping[str, Label] = {
    "holder.dealer_first": Label(
        "an exclusive dealer stands before the representative", "獨家經銷商優先", "独家经销商优先"
    ),
    "sale.reps_need_letter": Label(
        "representatives need a letter of authorisation too", "代表亦須授權書", "代表亦须授权书"
    ),
    "cross_area.agreement_excuses": Label(
        "the holder's written agreement excuses a delivery into his area",
        "持有人書面同意可免責",
        "持有人书面同意可免责",
    ),
    "new_account.months": Label(
        "months without an order that make a new customer",
        "視為新客戶的無訂單月數",
        "视为新客户的无订单月数",
    ),
    "rest.warning_days": Label(
        "days without contact until the holder is warned", "未聯繫預警天數", "未联系预警天数"
    ),
    "rest.contacted_days": Label(
        "days of rest that free an account only contacted", "接觸階段釋放天數", "接触阶段释放天数"
    ),
    "rest.trial_days": Label(
        "days of rest that free a trial", "試用階段釋放天數", "试用阶段释放天数"
    ),
    "rest.listing_days": Label(
        "days of rest that free a listing", "進院階段釋放天數", "进院阶段释放天数"
    ),
    "rest.regular_days": Label(
        "days without an order that free a regular account",
        "正常供貨無訂單釋放天數",
        "正常供货无订单释放天数",
    ),
    "credit.former_percent": Label(
        "percent for the holder before a change of hands",
        "前持有人業績百分比",
        "前持有人业绩百分比",
    ),
    "credit.other_percent": Label(
        "percent for another who took the order", "其他接單者業績百分比", "其他接单者业绩百分比"
    ),
}

LEAD_POOL: Mapping[str, Label] = {
    "capacity.leads": Label("leads an adviser owns at most", "顧問線索容量", "顾问线索容量"),
    "distribution.levels": Label(
        "leads of high level are for senior advisers",
        "高級線索僅分配高級顧問",
        "高级线索仅分配高级顾问",
    ),
    "distribution.most_a_day": Label(
        "leads given to an adviser a day at most", "每日分配線索上限", "每日分配线索上限"
    ),
    "first_contact.minutes": Label(
        "minutes to the first contact", "首次聯繫分鐘數", "首次联系分钟数"
    ),
    "first_contact.most_times": Label(
        "times a lead is given out before it goes to the pool",
        "分配次數上限，其後入公海",
        "分配次数上限，其后入公海",
    ),
    "grab.most_a_day": Label(
        "leads taken from the pool a day", "每日領取公海上限", "每日领取公海上限"
    ),
    "grab.cooling_days": Label(
        "days before a former owner may take it again", "前持有人冷卻天數", "前持有人冷却天数"
    ),
    "grab.fresh_minutes": Label(
        "minutes a lead rests in the pool before it may be taken",
        "新入公海靜置分鐘數",
        "新入公海静置分钟数",
    ),
    "protection.days": Label("days a lead is kept when taken", "領取後保護天數", "领取后保护天数"),
    "protection.contact_days": Label("days a contact keeps it", "聯繫後保護天數", "联系后保护天数"),
    "protection.trial_days": Label(
        "days a trial class keeps it", "試聽後保護天數", "试听后保护天数"
    ),
    "protection.most_days": Label("days it is kept in all", "保護總天數上限", "保护总天数上限"),
    "protection.effective_only": Label(
        "only contacts that reached the customer keep it",
        "僅計已聯繫上的聯繫",
        "仅计已联系上的联系",
    ),
    "recycle.grace_days": Label("days of grace", "寬限天數", "宽限天数"),
    "refund.days": Label("days in which a refund undoes the credit", "退費期天數", "退费期天数"),
}

PARTNER_REGISTRATION: Mapping[str, Label] = {
    "registration.mode": Label(
        "the report protects, or the first visit wins", "報備保護或帶看競爭", "报备保护或带看竞争"
    ),
    "registration.phone": Label(
        "how much of the number is needed", "報備電話完整度", "报备电话完整度"
    ),
    "registration.most_open": Label(
        "open reports of a partner at most", "渠道未結報備上限", "渠道未结报备上限"
    ),
    "registration.group_owners": Label(
        "owners of the group may be reported", "可報備集團業主", "可报备集团业主"
    ),
    "protection.natural_days": Label(
        "days after a visit of his own in which a customer cannot be reported",
        "自然到訪後不可報備天數",
        "自然到访后不可报备天数",
    ),
    "protection.anti_snatch_minutes": Label(
        "minutes a report must be before the arrival", "防截客分鐘數", "防截客分钟数"
    ),
    "protection.visit_days": Label(
        "days in which the partner can bring the customer", "帶看保護天數", "带看保护天数"
    ),
    "protection.deal_days": Label(
        "days from the visit to the deal that are protected", "成交保護天數", "成交保护天数"
    ),
    "extension.days": Label("days an extension adds", "每次延期天數", "每次延期天数"),
    "extension.most": Label("extensions at most", "延期次數上限", "延期次数上限"),
    "extension.most_days": Label("days of protection in all", "保護總天數上限", "保护总天数上限"),
    "reminder.days": Label(
        "days before the end at which the partner is told", "到期前提醒天數", "到期前提醒天数"
    ),
}
