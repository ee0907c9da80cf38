"""Simplified Chinese of users, and of what an administrator configures for tickets."""

ZH: dict[str, str] = {}

TITLES: dict[str, str] = {}

WORDS: dict[str, str] = {
    "user": "用户",
    "open tickets": "提交工单",
    "work on tickets": "处理工单",
    "give it either a role or a user": "请给出角色或用户，二者选一",
    "the user of the token is not active": "令牌的用户已停用",
    "a name of 1 to 64 letters, digits, '_', '.', '@', '+' and '-', not 'me'": (
        "1 到 64 个字母、数字、'_'、'.'、'@'、'+' 和 '-' 组成的名称，且不是 'me'"
    ),
    "a string of printable characters": "可打印字符的字符串",
    "an address such as li@example.org": "邮件地址，例如 li@example.org",
    "display": "显示名称",
    "email": "邮箱",
    "roles": "角色",
    "teams": "团队",
    "manager": "主管",
    "active": "启用",
    "no": "否",
    "user {name} is created": "用户 {name} 已创建",
    "user {name} is changed": "用户 {name} 已更改",
    "user {name} is deactivated": "用户 {name} 已停用",
}

PHRASES: dict[str, str] = {
    "'{name}' is below them, or they themselves; name another manager": (
        "'{name}' 是其下级或其本人；请给出另一位主管"
    ),
}
