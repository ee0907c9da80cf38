"""Simplified Chinese of users, and of what an administrator configures for tickets."""

ZH: dict[str, str] = {}

TITLES: dict[str, str] = {}

WORDS: dict[str, str] = {
    "user": "用户",
    "see tickets": "查看工单",
    "open tickets": "提交工单",
    "work on tickets": "处理工单",
    "give it either a role or a user": "请给出角色或用户，二者选一",
    "the user of the token is not active": "令牌的用户已停用",
    "a name of 1 to 64 letters, digits, '_', '.', '@', '+' and '-', not 'me'": (
        "1 到 64 个字母、数字、'_'、'.'、'@'、'+' 和 '-' 组成的名称，且不是 'me'"
    ),
    "a string of printable characters": "可打印字符的字符串",
    "an address such as li@example.org": "邮件地址，例如 li@example.org",
    "1 to 64 letters, digits, '_', '.' and '-', and not 'schema'": (
        "1 到 64 个字母、数字、'_'、'.' 和 '-'，且不是 'schema'"
    ),
    "a group with 'count' for the rule at_least, and only for that": (
        "仅在规则为 at_least 时带有 'count' 的审批组"
    ),
    "a group with 'share' for the rule share, and only for that": (
        "仅在规则为 share 时带有 'share' 的审批组"
    ),
    "a group with members: users, or a role": "有成员（用户或角色）的审批组",
    "a group with no more approvals than members": "所需批准数不多于成员数的审批组",
    "a plan with either 'every_days' or 'cron'": "带有 'every_days' 或 'cron' 之一的计划",
    "a plan with CIs, or with types of them": "带有配置项或配置项类型的计划",
    "a small letter, then small letters, digits and '_', at most 32": (
        "以小写字母开头，由小写字母、数字和 '_' 组成，至多 32 个字符"
    ),
    "2 to 8 capital letters": "2 到 8 个大写字母",
    "an item with 'group' where a group approves it, and only there": (
        "仅在由审批组批准时带有 'group' 的目录项"
    ),
    "a calendar in which no day is both closed and open": "没有既休息又工作之日的日历",
    "a calendar with hours, where it has holidays or days of its own": (
        "有节假日或自定日期时带有工作时段的日历"
    ),
    "a calendar with some hours, or with none for around the clock": (
        "带有工作时段的日历；全天候则不写工作时段"
    ),
    "a span of a day such as 08:00-17:00; 24:00 is its end": (
        "一天中的时段，例如 08:00-17:00；24:00 表示一天结束"
    ),
    "spans that do not overlap": "互不重叠的时段",
    "a country by ISO 3166, such as CN or DE-BY, whose holidays are known": (
        "节假日已知的国家（ISO 3166），例如 CN 或 DE-BY"
    ),
    "a time such as 30m, 4h, 1d (a day of its calendar) or 1d 4h, or whole seconds": (
        "时长，例如 30m、4h、1d（日历中的一天）或 1d 4h，或整数秒"
    ),
    "a list in which each share stands once": "每个比例只出现一次的列表",
    "a media type such as image/png, in lower case": "小写的媒体类型，例如 image/png",
    "a rule with a team, category, line or assignee, or that raises the priority": (
        "给出团队、类别、支持级别或处理人，或调整优先级的规则"
    ),
    "a text that is not empty": "非空文本",
    "it is a default, which cannot be removed; put another of its name": (
        "这是默认设置，不能移除；请用同名的设置取代它"
    ),
    "tickets follow the version they began with; put a new version instead": (
        "工单沿用开始时的版本；请改为提交新版本"
    ),
    "kind of setting": "设置种类",
    "kind of ticket": "工单种类",
    "service level": "服务级别",
    "calendar": "日历",
    "approval group": "审批组",
    "process": "流程",
    "effect": "自动动作",
    "clock": "时钟",
    "step": "步骤",
    "origin": "来历",
    "own": "自定",
    "default": "默认",
    "a setting must be an object": "设置必须是一个对象",
    "a setting must have a '{field}'": "设置必须有 '{field}'",
    "name one; 'cmdb ticket config list {kind}' lists them": (
        "请给出名称；'cmdb ticket config list {kind}' 列出全部"
    ),
    "{kind} {name} is set": "{kind} {name} 已设置",
    "{kind} {name} is removed": "{kind} {name} 已移除",
    "{kind} {name} is the default again": "{kind} {name} 恢复为默认设置",
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
    "a plan whose form has the field '{name}', as it is named": "表单中有字段 '{name}' 的计划",
    "an item whose form has the field '{name}', as it is required": (
        "表单中有必填字段 '{name}' 的目录项"
    ),
    "fields with a name each, but '{name}' stands twice": (
        "名称互不相同的字段，但 '{name}' 出现了两次"
    ),
    "the prefix {prefix} is that of '{name}'; choose another": (
        "前缀 {prefix} 已属于 '{name}'；请另选一个"
    ),
    "there is one of this kind; name it '{name}'": "这种设置只有一个；请命名为 '{name}'",
    "{most}, the next version": "{most}，即下一个版本",
    "{name}, as it has been": "{name}，与之前相同",
    "{name}, as it is called here": "{name}，与此处的名称相同",
    "at most {most}": "至多 {most}",
    "at most {most} bytes": "至多 {most} 字节",
    "greater than {least}": "大于 {least} 的值",
    "greater than or equal to {least}": "不小于 {least} 的值",
    "less than or equal to {most}": "不大于 {most} 的值",
    "a list of at least {least} item": "至少 {least} 项的列表",
    "a list of at least {least} items": "至少 {least} 项的列表",
    "a list of at most {most} items": "至多 {most} 项的列表",
}
