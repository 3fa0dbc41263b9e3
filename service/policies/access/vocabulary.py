"""The closed vocabulary: every object and action there is, in the words of sentences.

A tenant combines these and adds none. English wordings follow "may", Chinese ones stand after
「可以」 or inside 「」. A mask of a field is an action with two dots.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Domain(StrEnum):
    """Where an action exists: inside a tenant, or among the platform's operators."""

    TENANT = "tenant"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class ActionDescription:
    """One action of one object, as permissions, resolvers and sentences name it."""

    object: str
    action: str
    wordings: Mapping[str, str]
    domains: frozenset[Domain]

    @property
    def key(self) -> str:
        """Return `object.action`, the name used everywhere in code."""
        return f"{self.object}.{self.action}"

    @property
    def masks(self) -> str | None:
        """Return the field this action unmasks, or None when it is no mask."""
        _, _, field = self.action.partition(".")
        return field or None


@dataclass(frozen=True, slots=True)
class LimitField:
    """A figure that a limit may bound, the objects whose records have it, and its words."""

    name: str
    objects: frozenset[str]
    wordings: Mapping[str, str]


_TENANT: Final = frozenset({Domain.TENANT})
_PLATFORM: Final = frozenset({Domain.PLATFORM})

# Each line: the object, the action, then its words in English, 繁體 and 简体.
_IN_TENANTS: Final = """
tenant: view = see the company's settings | 查看公司設定 | 查看公司设置
tenant: edit = change the company's settings | 修改公司設定 | 修改公司设置
org_unit: view = see org units | 查看組織單元 | 查看组织单元
org_unit: create = create org units | 新建組織單元 | 新建组织单元
org_unit: edit = change org units | 修改組織單元 | 修改组织单元
org_unit: retire = retire org units | 停用組織單元 | 停用组织单元
territory: view = see territories | 查看轄區 | 查看辖区
territory: create = create territories | 新建轄區 | 新建辖区
territory: edit = change territories | 修改轄區 | 修改辖区
territory: retire = retire territories | 停用轄區 | 停用辖区
territory: assign = say who answers for a territory | 指定轄區負責人員 | 指定辖区负责人员
territory_model: view = see drafts of the territories | 查看轄區方案草稿 | 查看辖区方案草稿
territory_model: create = draft the territories anew | 起草轄區方案 | 起草辖区方案
territory_model: edit = change drafts of the territories | 修改轄區方案草稿 | 修改辖区方案草稿
territory_model: place = place territories in a draft | 在草稿中調整轄區 | 在草稿中调整辖区
territory_model: activate = put territories in force | 啟用轄區方案 | 启用辖区方案
account_trait: declare = say what is known of customers | 設定客戶特徵 | 设置客户特征
member: view = see members | 查看成員 | 查看成员
member: create = add members | 新增成員 | 新增成员
member: edit = change members | 修改成員 | 修改成员
member: leave = record that a member leaves the company | 登記成員離職 | 登记成员离职
role: view = see roles | 查看角色 | 查看角色
role: create = create roles | 新建角色 | 新建角色
role: edit = change roles | 修改角色 | 修改角色
role: retire = retire roles | 停用角色 | 停用角色
duty: view = see duties | 查看崗位職責 | 查看岗位职责
duty: create = create duties | 新建崗位職責 | 新建岗位职责
duty: edit = change duties | 修改崗位職責 | 修改岗位职责
duty: retire = retire duties | 停用崗位職責 | 停用岗位职责
assignment: view = see who holds which role | 查看任職 | 查看任职
assignment: create = give a member a role | 任命成員 | 任命成员
assignment: end = end a member's role | 結束任職 | 结束任职
delegation: view = see delegations | 查看授權代理 | 查看授权代理
delegation: create = delegate commands to a colleague | 設立授權代理 | 设立授权代理
delegation: end = end a delegation | 結束授權代理 | 结束授权代理
api_key: view = see API keys | 查看 API 金鑰 | 查看 API 密钥
api_key: create = create API keys | 建立 API 金鑰 | 创建 API 密钥
api_key: revoke = revoke API keys | 撤銷 API 金鑰 | 撤销 API 密钥
leave: view = see leave | 查看請假 | 查看请假
leave: record = record leave | 登記請假 | 登记请假
access: explain = ask why somebody may or may not do something | 查詢權限說明 | 查询权限说明
site: view = see sites | 查看案場 | 查看案场
site: create = create sites | 新建案場 | 新建案场
site: edit = change sites | 修改案場 | 修改案场
shift: view = see shifts | 查看排班 | 查看排班
shift: plan = plan shifts | 安排排班 | 安排排班
reception_queue: view = see the rotation | 查看輪序 | 查看轮序
reception_queue: sign_in = sign in for reception | 簽到 | 签到
reception_queue: sign_out = sign out from reception | 簽退 | 签退
reception_queue: go_away = go away from the rotation for a while | 登記暫離 | 登记暂离
reception_queue: come_back = come back to the rotation | 登記返回 | 登记返回
reception_queue: take_day_off = take a day off from the rotation | 登記休息日 | 登记休息日
visit: view = see visits | 查看來訪 | 查看来访
visit: record = record arrivals | 登記來訪 | 登记来访
visit: take = take a visitor | 自行接待來訪客戶 | 自行接待来访客户
visit: name = record whom a visitor names | 登記客戶指明的銷售代表 | 登记客户指明的销售代表
visit: expose = record that a visitor is a survey visitor | 登記同行採盤 | 登记同行采盘
visit: reassign = reassign visits | 改派來訪 | 改派来访
visit: note_stage = note how far a reception has come | 登記接待環節 | 登记接待环节
visit: close = close visits | 結束接待 | 结束接待
call: view = see telephone enquiries | 查看來電 | 查看来电
call: record = record telephone enquiries | 登記來電 | 登记来电
party: view = see customers | 查看客戶 | 查看客户
party: create = add customers | 新增客戶 | 新增客户
party: edit = change customers | 修改客戶資料 | 修改客户资料
party: link = link customers with one another | 關聯客戶 | 关联客户
party: reveal_phone = reveal a customer's telephone number | 揭示客戶電話 | 揭示客户电话
party: view.phone = see customers' telephone numbers unmasked | 查看客戶完整電話 | 查看客户完整电话
register: view = see registrations | 查看登記本 | 查看登记本
register: append = register customers | 登記客戶 | 登记客户
register: void = void a register | 作廢登記本 | 作废登记本
follow_up: view = see follow-ups | 查看跟進 | 查看跟进
follow_up: record = record follow-ups | 登記跟進 | 登记跟进
follow_up: correct = correct follow-ups | 更正跟進記錄 | 更正跟进记录
deal: view = see deals | 查看成交 | 查看成交
deal: record = record deals | 登記成交 | 登记成交
deal: contract = record contracts of deals | 登記成交的合同 | 登记成交的合同
deal: cancel = cancel deals that fall through | 登記退訂 | 登记退订
claim: view = see claims | 查看業績認領 | 查看业绩认领
claim: file = claim the credit of a deal | 認領業績 | 认领业绩
claim: vouch = vouch for others' claims | 代人認領業績並作證 | 代人认领业绩并作证
departure: view = see planned departures of members | 查看離任安排 | 查看离任安排
pool: view = see the company's customers without a representative | 查看公司客戶池 | 查看公司客户池
pool: assign = hand out customers of the company | 分配公司客戶 | 分配公司客户
dispute: view = see disputes | 查看業績爭議 | 查看业绩争议
dispute: open = dispute a deal | 提出業績爭議 | 提出业绩争议
dispute: settle = settle a dispute with the colleague | 與同事協商解決爭議 | 与同事协商解决争议
dispute: decide = decide disputes | 裁定業績爭議 | 裁定业绩争议
dispute: appeal = appeal against a verdict | 對裁定提出上訴 | 对裁定提出上诉
dispute: decide_appeal = decide appeals in disputes | 裁定爭議上訴 | 裁定争议上诉
credit: view = see credit | 查看業績 | 查看业绩
penalty_case: view = see cases of misconduct | 查看違規處理記錄 | 查看违规处理记录
penalty_case: close = record what is done about misconduct | 登記違規處理結果 | 登记违规处理结果
contract: view = see contracts | 查看合同 | 查看合同
payment: record = record payments | 登記收款 | 登记收款
metric: view = see metrics | 查看指標 | 查看指标
metric: edit = change metrics | 維護指標 | 维护指标
target_plan: view = see target plans | 查看目標計劃 | 查看目标计划
target_plan: edit = set target plans | 編制目標計劃 | 编制目标计划
target_plan: approve = approve target plans | 批准目標計劃 | 批准目标计划
target_plan: publish = publish target plans | 發佈目標計劃 | 发布目标计划
metric_credit: view = see what counts toward metrics | 查看業績明細 | 查看业绩明细
metric_credit: record = record what counts toward metrics | 登記業績明細 | 登记业绩明细
target: view = see targets | 查看銷售目標 | 查看销售目标
target: view_total = see totals of published targets | 查看已發佈目標的總數 | 查看已发布目标的总数
target: distribute = break targets down | 分解銷售目標 | 分解销售目标
target: propose = propose targets | 提報銷售目標 | 提报销售目标
target: approve = approve the targets of those below | 審批下級的銷售目標 | 审批下级的销售目标
target: acknowledge = acknowledge targets | 確認銷售目標 | 确认销售目标
target: adjust = adjust published targets | 調整已發佈的銷售目標 | 调整已发布的销售目标
opportunity_stage: view = see the stages of opportunities | 查看商機階段 | 查看商机阶段
opportunity_stage: edit = change the stages of opportunities | 維護商機階段 | 维护商机阶段
opportunity: view = see opportunities | 查看商機 | 查看商机
opportunity: record = record opportunities | 登記商機 | 登记商机
scorecard: view = see scorecards and bonus schemes | 查看考覈表與獎金方案 | 查看考核表与奖金方案
scorecard: edit = change scorecards and bonus schemes | 維護考覈表與獎金方案 | 维护考核表与奖金方案
campaign: view = see campaigns | 查看推廣活動 | 查看推广活动
campaign: edit = plan and change campaigns | 策劃及修改推廣活動 | 策划及修改推广活动
campaign: attribute = say which campaign brought whom | 登記客戶來源活動 | 登记客户来源活动
campaign_cost: view = see what campaigns cost and brought | 查看推廣活動成效 | 查看推广活动成效
campaign_cost: record = record what campaigns cost | 登記推廣活動費用 | 登记推广活动费用
work_item: view = see work plans | 查看工作計劃 | 查看工作计划
work_item: plan = plan work for targets | 制定工作計劃 | 制定工作计划
work_item: report = report what came of planned work | 回報工作計劃結果 | 回报工作计划结果
inspection_item: view = see what is looked at on the floor | 查看檢查項目 | 查看检查项目
inspection_item: edit = change what is looked at on the floor | 維護檢查項目 | 维护检查项目
inspection: view = see inspections of conduct | 查看檢查記錄 | 查看检查记录
inspection: record = record inspections of conduct | 登記檢查記錄 | 登记检查记录
decision: view = see decisions and their reasons | 查看判定及理由 | 查看判定及理由
audit: view = read the audit log | 查看審計記錄 | 查看审计记录
rulebook: view = read the rulebook | 查看規則手冊 | 查看规则手册
rulebook: review = see drafts of the rulebook | 查看規則手冊草稿 | 查看规则手册草稿
rulebook: draft = draft the rulebook | 草擬規則手冊 | 草拟规则手册
rulebook: publish = publish the rulebook | 發佈規則手冊 | 发布规则手册
task: view = see tasks | 查看任務 | 查看任务
task: assign = assign tasks | 指派任務 | 指派任务
task: complete = complete tasks | 完成任務 | 完成任务
"""

_AMONG_OPERATORS: Final = """
tenant: create = create tenants | 新建租戶 | 新建租户
tenant: suspend = suspend tenants | 暫停租戶 | 暂停租户
tenant: resume = resume tenants | 恢復租戶 | 恢复租户
tenant: restrict = restrict tenants' documents | 限制租戶的查詢文件 | 限制租户的查询文档
tenant: admit = admit people to tenants | 開通租戶成員 | 开通租户成员
tenant: view = see tenants | 查看租戶 | 查看租户
"""


def _wordings(text: str) -> Mapping[str, str]:
    english, traditional, simplified = (words.strip() for words in text.split("|"))
    return MappingProxyType({"en": english, "zh-Hant": traditional, "zh-Hans": simplified})


def _described(lines: str, domains: frozenset[Domain]) -> Iterable[ActionDescription]:
    for line in lines.strip().splitlines():
        name, _, words = line.partition(" = ")
        object_name, _, action = name.partition(": ")
        yield ActionDescription(object_name, action, _wordings(words), domains)


def _registry() -> Mapping[str, ActionDescription]:
    actions = {entry.key: entry for entry in _described(_IN_TENANTS, _TENANT)}
    for entry in _described(_AMONG_OPERATORS, _PLATFORM):
        # tenant.view is an action of both domains; a tenant's members read its words more often.
        known = actions.get(entry.key)
        kept = entry if known is None else known
        domains = entry.domains if known is None else entry.domains | known.domains
        actions[entry.key] = ActionDescription(kept.object, kept.action, kept.wordings, domains)
    return MappingProxyType(actions)


ACTIONS: Final[Mapping[str, ActionDescription]] = _registry()
"""Every action there is by `object.action`; what is not here is never allowed."""

LIMIT_FIELDS: Final[Mapping[str, LimitField]] = MappingProxyType(
    {
        field.name: field
        for field in (
            LimitField(
                "amount_minor",
                frozenset({"deal"}),
                _wordings(
                    "an amount (in minor units) | 金額（最小貨幣單位） | 金额（最小货币单位）"
                ),
            ),
            LimitField(
                "discount_bp",
                frozenset({"deal"}),
                _wordings("a discount (in basis points) | 折讓（基點） | 折让（基点）"),
            ),
        )
    }
)
"""Every figure a limit may bound."""


def actions_of(object_name: str, domain: Domain = Domain.TENANT) -> tuple[str, ...]:
    """Return the actions of one object in one domain, in the order of the registry."""
    found = ACTIONS.values()
    return tuple(e.key for e in found if e.object == object_name and domain in e.domains)
