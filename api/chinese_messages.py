"""Simplified Chinese of notifications: errors, words and phrases."""

ZH: dict[str, str] = {
    "NotDelivered": "{target}：{detail}",
    "RouteDown": "{target}：{detail}",
    "Undeliverable": "{target}：{detail}",
    "BadSignature": "Webhook 的签名无效：{detail}",
}
"""Templates by class name of the error."""

TITLES: dict[str, str] = {
    "NotDelivered": "未送达",
    "RouteDown": "接收方不可用",
    "Undeliverable": "无法送达",
    "BadSignature": "签名无效",
}
"""What kind of error it is."""

WORDS: dict[str, str] = {
    "webhook": "Webhook",
    "template": "模板",
    "message template": "消息模板",
    "notification": "通知",
    "placeholder": "占位符",
    "language": "语言",
    "event": "事件",
    # command line
    "pending": "待发送",
    "dead": "已放弃",
    "email": "邮件",
    "channel": "渠道",
    "recipient": "收件方",
    "about": "关于",
    "attempts": "尝试次数",
    "due": "下次尝试",
    "error": "错误",
    "events": "事件",
    "overridden": "已改写",
    "all": "全部",
    "url": "地址",
    "subject": "主题",
    "an object with 'en' or 'zh' is needed": "需要含有 'en' 或 'zh' 的对象",
    "message {number} will be tried again": "消息 {number} 将重新发送",
    "message {number} is discarded": "消息 {number} 已丢弃",
    "name the messages by their numbers, or give --all": "请给出消息编号，或使用 --all",
    "give either --email or --webhook": "请给出 --email 或 --webhook 之一",
    "the test message is sent": "测试消息已发送",
    "webhook {name} is declared": "Webhook {name} 已声明",
    "webhook {name} is removed": "Webhook {name} 已移除",
    "template {name} is changed": "模板 {name} 已更改",
    "template {name} says again what it did": "模板 {name} 已恢复原文",
}
"""Words of the user interface, by their English form."""

PHRASES: dict[str, str] = {
    "write smtp://user@host:587, smtps://user@host:465 or smtp+plain://host:25": (
        "请写 smtp://user@host:587、smtps://user@host:465 或 smtp+plain://host:25"
    ),
    "a password would be sent in the clear; use smtp:// or smtps:// with a user": (
        "密码会以明文发送；有用户名时请使用 smtp:// 或 smtps://"
    ),
    "user and password must be of ASCII characters": "用户名和密码只能含 ASCII 字符",
    "give the sender's address, such as cmdb@example.org or CMDB <cmdb@example.org>": (
        "请给出发件人地址，例如 cmdb@example.org 或 CMDB <cmdb@example.org>"
    ),
    "write https://host or https://host/path": "请写 https://host 或 https://host/path",
    "there is no mail server; name one in CMDB_SMTP": "没有邮件服务器；请在 CMDB_SMTP 中指明",
    "there is no such webhook any more": "这个 Webhook 已不存在",
    "give the words of a language: en or zh": "请给出一种语言的文字：en 或 zh",
    "'subject' or 'text'": "'subject' 或 'text'",
    "an object with 'subject' and 'text'": "含有 'subject' 和 'text' 的对象",
    "a text of 1 to {most} characters": "1 到 {most} 个字符的文本",
    "'whsec_' and 24 to 64 bytes in Base64": "'whsec_' 加 24 到 64 个字节的 Base64",
    "an https URL without user and fragment": "不含用户名和片段的 https 地址",
    "an https URL; http only to this machine itself, or where 'plain_http' allows it": (
        "https 地址；http 只能指向本机，或由 'plain_http' 允许"
    ),
    "it is no address of mail": "不是邮件地址",
    "it does not let this user in: {what}": "它不允许此用户登录：{what}",
    "a fault of this service: {said}": "本服务的故障：{said}",
    "the server says {said}": "服务器回答 {said}",
    "it has not answered within {count} seconds": "{count} 秒内没有回答",
    "the answer is {count}": "回答是 {count}",
    "the answer is {count}; redirects are not followed": "回答是 {count}；不跟随重定向",
    "the answer is {count}: {said}": "回答是 {count}：{said}",
    "a header webhook-id, -timestamp or -signature is missing": (
        "缺少请求头 webhook-id、webhook-timestamp 或 webhook-signature"
    ),
    "the webhook-id is too long": "webhook-id 过长",
    "the webhook-timestamp is no whole number of seconds": "webhook-timestamp 不是整数秒",
    "it was signed too long ago, or the clocks differ": "签名时间太久，或双方时钟不一致",
    "no signature fits the secret and the body": "没有与密钥和正文相符的签名",
}
"""What errors say in detail."""
