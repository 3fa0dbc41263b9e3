"""Names and sentences of the demo: invented people, in the simplified Chinese of its tenants."""

from collections.abc import Callable

from service.simulation.lending import Chance

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = (
    "伟",
    "芳",
    "娜",
    "敏",
    "静",
    "丽",
    "强",
    "磊",
    "军",
    "洋",
    "勇",
    "艳",
    "杰",
    "娟",
    "涛",
    "明",
    "超",
    "秀英",
    "霞",
    "平",
    "建国",
    "志强",
    "雅婷",
    "俊杰",
    "思远",
    "晓彤",
    "文博",
    "嘉欣",
    "子涵",
    "浩然",
    "雨桐",
    "国栋",
    "海燕",
    "玉兰",
    "晨曦",
    "立新",
    "佳怡",
    "一鸣",
    "天宇",
    "梦洁",
)
_PREFIXES = ("135", "136", "137", "138", "139", "150", "151", "158", "159", "186", "187", "188")
_EIGHT_DIGITS = 99_999_999

NEEDS = ("询问户型与总价", "询问付款方式", "询问交付时间", "询问最近的优惠", "预约周末到访")
SOURCES = ("户外广告", "朋友介绍", "线上平台", "短视频", "路过")
CONTENTS = (
    "电话回访，客户仍在比较，约好周末再来。",
    "客户对价格有顾虑，已说明付款方式。",
    "发送了资料，客户表示与家人商量。",
    "客户询问优惠截止日期，已答复。",
    "客户近期出差，约下周再联系。",
    "客户已看过竞品，倾向我方，继续跟进。",
)
UNREACHED = ("无人接听，已发短信。", "客户正在开会，稍后再联系。")
CHANNELS = ("PHONE", "PHONE", "WECHAT", "PHONE", "SMS")
EVIDENCE = "客户此前由我接待并登记，当日留的是本人另一号码，附通话与聊天记录。"


def a_name(chance: Chance) -> str:
    """Invent a full name."""
    return chance.choice(_SURNAMES) + chance.choice(_GIVEN)


def numbers(chance: Chance) -> Callable[[], str]:
    """Return a maker of telephone numbers, each only once."""
    given: set[str] = set()

    def a_number() -> str:
        while True:
            number = f"+86{chance.choice(_PREFIXES)}{chance.randint(10_000_000, _EIGHT_DIGITS)}"
            if number not in given:
                given.add(number)
                return number

    return a_number
