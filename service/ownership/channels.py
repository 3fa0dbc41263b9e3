"""By which ways a customer is followed up: a closed list, so that figures can be cut by it."""

from collections.abc import Mapping
from typing import Final

# Words are added, never taken away: recorded follow-ups refer to them.
CHANNELS: Final[Mapping[str, Mapping[str, str]]] = {
    "PHONE": {"en": "Telephone", "zh-Hant": "電話", "zh-Hans": "电话"},
    "WECHAT": {"en": "WeChat", "zh-Hant": "微信", "zh-Hans": "微信"},
    "SMS": {"en": "Text message", "zh-Hant": "短信", "zh-Hans": "短信"},
    "VISIT": {"en": "Visit", "zh-Hant": "面談", "zh-Hans": "面谈"},
    "MESSAGE": {"en": "Other messenger", "zh-Hant": "其他訊息", "zh-Hans": "其他消息"},
    "EMAIL": {"en": "E-mail", "zh-Hant": "電子郵件", "zh-Hans": "电子邮件"},
    "OTHER": {"en": "Other", "zh-Hant": "其他", "zh-Hans": "其他"},
}
