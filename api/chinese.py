"""Simplified Chinese: the templates of errors, their titles, and words of the user interface."""

from api import chinese_discovery, chinese_messages, chinese_root_cause, chinese_tickets

ZH: dict[str, str] = {
    "CMDBError": "{detail}",
    "InvalidInput": "{place}：{detail}",
    "NoSuchMoment": "{place}：{value} 不是日志中的时刻；请给出 1 到 {last} 的提交号，"
    "或首次提交之后的 ISO 8601 时间",
    "UnknownName": "{place}：未知的{kind} '{name}'{hint}",
    "WrongValue": "{place}：{name} 的值是 {value}，但必须是{expected}",
    "MissingField": "{place}：缺少必填字段 '{name}'",
    "UnknownField": "{place}：未知的{kind} '{name}'{hint}",
    "ForbiddenCharacter": (
        "{place}：{name} 的值 {value} 在第 {position} 个字符处含有{kind}（{character}）；请删除它"
    ),
    "NotJoinable": (
        "{place}：关系 {relation} 不能从 {from_type} '{from_key}' 连到 {to_type} '{to_key}'；"
        "它可以连接 {fits}"
    ),
    "SelfRelation": "{place}：关系 {relation} 从 '{key}' 连到它自身；请写出两个不同的配置项",
    "DuplicateKey": "{place}：{key} 已在 {first} 给出；请只保留一个",
    "UnknownReference": "{place}：没有键、别名或名称为 '{reference}' 的配置项",
    "AmbiguousReference": (
        "{place}：'{reference}' 可能指以下任意一个：{candidates}；请给出其中一个键"
    ),
    "IdentityConflict": "{place}：'{key}' 及其别名属于不同的配置项：{candidates}",
    "EditedSince": "{place}：'{key}' 在此文件导出之后已被更改；请重新导出后再修改",
    "RemovedSince": (
        "{place}：'{key}' 在此文件导出之后已被移除；请删除此行，或清空其 'exported' 单元格"
    ),
    "WrongPattern": "{place}：第 {position} 个字符 {part}：{detail}",
    "AmbiguousPattern": (
        "{place}：第 {position} 个字符：无法判断 {other} 到哪里结束、{part} 从哪里开始；"
        "请给其中一个指定宽度，或在两者之间加上 - 之类的分隔符"
    ),
    "NoCodeRule": "{place}：类型 {name} 没有编码规则；请在该类型的 'code' 中声明",
    "NumbersUsedUp": (
        "{place}：编号 {number} 放不进 {pattern}，其编号到 {last} 为止；"
        "请在编码规则中加大 'number' 的宽度"
    ),
    "PatternMismatch": "{place}：{name} 是 {value}，但必须符合 {pattern}，例如 {right}",
    "PatternDisagrees": (
        "{place}：{name} 是 {value}，其中 {field} 是 {said}，但 {field} 实为 {actual}；"
        "请改正其中之一"
    ),
    "CodeInUse": (
        "{place}：{name} {value} 已属于配置项 '{other}'；请改正，"
        "或用 'cmdb code give {type}' 领取新编码"
    ),
    "CodeRepeated": (
        "{place}：{name} {value} 已在 {first} 给出；请改正其中之一，"
        "或用 'cmdb code give {type}' 领取新编码"
    ),
    "OutsideGraph": "{place}：'{key}' 的状态是 {status}，不在影响分析图内",
    "UnreadableInput": "{place}：{detail}",
    "NotFound": "没有{kind} '{name}'",
    "UnknownRelation": "{place}：没有关系 {relation}",
    "Conflict": "{kind} '{name}' 已被他人更改；请重新读取后再试",
    "PreconditionFailed": "{kind} '{name}' 的版本是 {current}，而不是 {expected}；请重新读取",
    "IdempotencyMismatch": "Idempotency-Key '{name}' 已用于另一个不同的请求",
    "Unauthenticated": "{detail}；请用 'cmdb token create' 创建令牌",
    "Forbidden": "{actor} 无权执行 {permission}；需要以下角色之一：{roles}",
    "ScopeTooNarrow": "{actor} 仅限于部分站点或类型，而这涉及全部；请改用其他令牌",
    "WrongSource": (
        "{actor} 只能上报来源 '{source}' 的观测，不能上报 '{given}' 的；"
        "请改用该来源的名称，或使用此来源的令牌"
    ),
    "StoreUnavailable": "存储 {address}：{detail}",
    "Rejected": "{count} 个错误：{summary}",
    "AlreadyExists": "{kind} '{name}' 已存在；请改为修改它",
    "NoSuchPath": "没有路径 {path}；可用的路径见 /docs",
    "MethodNotAllowed": "{path} 不接受 {method}；它接受 {allowed}",
    "BodyTooLarge": "请求正文超过 {limit} MiB；请分成几次发送",
    "UnsupportedMediaType": "请求正文的类型是 {given}，但必须是 application/json",
    "NothingWithdrawn": "有错误的行，因此没有撤回任何内容；请改正后重新导入",
    "TooManyVanish": (
        "没有撤回任何内容：{known} 项中有 {lost} 项会同时消失（{examples}…）；"
        "如果它们确实已不存在，请用 --vanish 允许"
    ),
    "KeyTaken": (
        "{place}：'{wish}' 是另一个配置项的键；此配置项改用 '{key}'。"
        '如果指的是同一个，请在 "aliases" 中写明它的来源和键'
    ),
    "NotErased": (
        "{place}：{name} 仍是 {value}，因为其他来源这样说；'{source}' 只能收回自己的值，"
        "除非允许它清除：cmdb source set {source} --may-erase"
    ),
    "LookAlikes": "键 {keys} 看起来一样，但并不相同；如果应当相同，请用同样的字符书写",
    "InternalError": "服务器内部出错；服务器日志里的编号是 {reference}",
    "BadRequest": "{detail}",
    **chinese_discovery.ZH,
    **chinese_messages.ZH,
    **chinese_tickets.ZH,
}
"""Templates by class name of the error; each has exactly the fields of the English one."""

WORDS: dict[str, str] = {
    "source 'manual'": "来源 'manual'",
    "what people said by hand is not withdrawn as a whole; release values instead": (
        "人工录入的内容不能整体撤回；请改为释放相应的值"
    ),
    "ok": "正常",
    "at_risk": "有风险",
    "degraded": "降级",
    "down": "中断",
    "Key": "键",
    "Name": "名称",
    "Type": "类型",
    "State": "状态",
    "Status": "生命周期状态",
    "Distance": "距离",
    "Cause": "原因",
    "Path": "路径",
    "Summary": "汇总",
    "Confidence": "可信度",
    "Services": "服务",
    "Hidden": "无权查看",
    "Unconfirmed": "未确认",
    "Connectivity not evaluated": "未评估连通性",
    "dependency": "依赖",
    "redundancy": "冗余",
    "connectivity": "连通性",
    "planned": "计划中",
    "ordered": "已订购",
    "in_stock": "库存",
    "in_deployment": "部署中",
    "live": "运行中",
    "in_maintenance": "维护中",
    "missing": "缺失",
    "retired": "已退役",
    "disposed": "已处置",
    # what fields of errors say
    "it": "它",
    "configuration item": "配置项",
    "relation": "关系",
    "token": "令牌",
    "maintenance window": "维护时段",
    "window": "维护时段",
    "service": "服务",
    "ends": "结束时间",
    "scenarios": "情景",
    "it must be later than the start": "必须晚于开始时间",
    "give 1 to 20 of them": "请给出 1 到 20 个",
    "it must be 1 to 3": "必须是 1 到 3",
    "an ISO 8601 time such as 2026-12-01T22:00:00Z": "ISO 8601 时间，例如 2026-12-01T22:00:00Z",
    "an ISO 8601 time or null": "ISO 8601 时间或 null",
    "a list of objects": "对象列表",
    "a list of references": "引用列表",
    "claim": "声明",
    "review": "待审项",
    "decision": "决定",
    "source": "来源",
    "precedence": "优先顺序",
    "run": "运行",
    "merge": "合并",
    "split": "拆分",
    "pin": "固定",
    "ignore": "忽略",
    "name at least two configuration items": "请至少给出两个配置项",
    "the claim is what this CI came in with": "此配置项正是由该声明而来",
    "name a review or claims": "请给出待审项或声明",
    "a decision of this kind has none": "这类决定不含此项",
    "give one only": "只能给出一个",
    "give at least one": "请至少给出一个",
    "give at least two": "请至少给出两个",
    "a whole number, at least 0": "不小于 0 的整数",
    "a list of source names": "来源名称列表",
    "a source stands twice in 'sources'": "'sources' 中有重复的来源",
    "request": "请求",
    "CI type": "配置项类型",
    "relation type": "关系类型",
    "field": "字段",
    "query parameter": "查询参数",
    "attribute": "属性",
    "sort field": "排序字段",
    "status": "生命周期状态",
    "state": "状态",
    "role": "角色",
    "read": "读取",
    "write": "写入",
    "administer": "管理",
    "observe": "上报观测",
    "body": "正文",
    "query": "查询参数",
    "filter": "过滤条件",
    "failures": "故障列表",
    "nothing": "无",
    "of no type": "未知类型",
    # codes
    "code": "编码",
    "field of the pattern": "模式字段",
    "a brace alone; write {{ or }} for a brace itself": "单独的大括号；大括号本身请写作 {{ 或 }}",
    "this character is not visible; leave it out": "此字符不可见；请删除它",
    "write {attribute}, or {attribute:02} for digits, {attribute:2} for text; at most :18": (
        "请写作 {属性}，数字用 {属性:02}，文本用 {属性:2}，宽度至多 18"
    ),
    "a counter has digits; write such as {number:03}": "计数器由数字组成；请写作例如 {number:03}",
    "this field stands twice; keep one": "此字段出现了两次；请只保留一个",
    "a code cannot be made from itself": "编码不能由它自己组成",
    "a code needs a counter, such as {number:03}": "编码需要一个计数器，例如 {number:03}",
    "a single string or integer": "单个字符串或整数",
    "any single string": "任意单个字符串",
    # tables
    "column": "列",
    "the first row must name the columns, among them 'key', or 'from' and 'to';"
    " and 'type', unless the sheet is named like a CI type": (
        "第一行必须是列名，其中要有 'key'，或 'from' 和 'to'；"
        "除非工作表以配置项类型命名，还要有 'type'"
    ),
    "its column has no name; name it in the first row, or empty the column": (
        "所在列没有列名；请在第一行填写列名，或清空该列"
    ),
    "this column does not go with a relation; empty the cell": "此列不适用于关系；请清空单元格",
    "this column goes with relations only; empty the cell": "此列只适用于关系；请清空单元格",
    "a value: this field cannot be erased": "一个值：此字段不能清除",
    "a string of 1 to 512 characters": "1 到 512 个字符的字符串",
    "groups with their needs, such as feeds=1; power=50%": (
        "冗余组及其需要的成员数，例如 feeds=1; power=50%"
    ),
    "sources with their keys, such as netbox:dcim.device.7": (
        "来源及其中的键，例如 netbox:dcim.device.7"
    ),
    "as the export wrote it, or empty": "导出时写入的内容，或留空",
    "the cell has more than 131,072 characters; shorten it": "单元格超过 131,072 个字符；请缩短",
    "the cell has more than 32,767 characters; shorten it": "单元格超过 32,767 个字符；请缩短",
    "merged cells hold one value for several rows; unmerge and fill each": (
        "合并单元格使多行共用一个值；请取消合并并逐格填写"
    ),
    "its formula has no stored value; open and save the file in Excel, or enter a value": (
        "公式没有保存的结果；请在 Excel 中打开并保存文件，或直接填写值"
    ),
    "its formula gives an error; correct the formula, or empty the cell": (
        "公式的结果是错误值；请改正公式，或清空单元格"
    ),
    "Excel keeps 15 digits of a number; format the cell as text, enter it again": (
        "Excel 只保留 15 位数字；请把单元格设为文本格式后重新输入"
    ),
    # names
    "a control character": "控制字符",
    "an invisible character": "不可见字符",
    "half a character": "半个字符",
    "a private-use character": "专用区字符",
    "a character that Unicode does not define": "Unicode 未定义的字符",
    "a line break": "换行符",
    "a visible character": "可见的字符",
    "a string": "字符串",
    "an integer": "整数",
    "a number": "数字",
    "an object": "对象",
    "a list": "列表",
    "true or false": "true 或 false",
    "an IP address": "IP 地址",
    "a date such as 2026-03-01": "日期，例如 2026-03-01",
    "name at least one configuration item": "请至少给出一个配置项",
    "a parent type is required": "必须给出上级类型",
    "its parents form a loop": "它的上级类型形成了循环",
    "no token was given": "没有给出令牌",
    "the token is not valid": "令牌无效",
    "the token has expired": "令牌已过期",
    "of this server": "（本服务器）",
    "it does not answer; the server's log says why": "没有响应；原因见服务器日志",
    "it belongs to another list; begin again without a cursor": (
        "它属于另一个列表；请不带游标重新开始"
    ),
    **chinese_discovery.WORDS,
    **chinese_tickets.WORDS,
    **chinese_messages.WORDS,
    **chinese_root_cause.WORDS,
}
"""Words of the user interface, by their English form."""

TITLES: dict[str, str] = {
    "CMDBError": "错误",
    "InvalidInput": "输入有误",
    "NoSuchMoment": "没有这个时刻",
    "UnknownName": "未知的名称",
    "WrongValue": "值有误",
    "MissingField": "缺少字段",
    "UnknownField": "未知的字段",
    "ForbiddenCharacter": "字符不可用",
    "NotJoinable": "不能这样连接",
    "SelfRelation": "连到自身",
    "DuplicateKey": "键重复",
    "UnknownReference": "没有这个配置项",
    "EditedSince": "导出之后已被更改",
    "RemovedSince": "导出之后已被移除",
    "WrongPattern": "模式有误",
    "AmbiguousPattern": "模式有歧义",
    "NoCodeRule": "没有编码规则",
    "NumbersUsedUp": "编号用尽",
    "PatternMismatch": "不符合模式",
    "PatternDisagrees": "与属性不一致",
    "CodeInUse": "编码已被使用",
    "CodeRepeated": "编码重复",
    "AmbiguousReference": "指代不明",
    "IdentityConflict": "身份冲突",
    "OutsideGraph": "不在影响分析图内",
    "UnreadableInput": "无法读取",
    "NotFound": "未找到",
    "UnknownRelation": "没有这个关系",
    "Conflict": "冲突",
    "PreconditionFailed": "版本不符",
    "IdempotencyMismatch": "幂等键不符",
    "Unauthenticated": "未认证",
    "Forbidden": "无权限",
    "ScopeTooNarrow": "范围过窄",
    "WrongSource": "来源不符",
    "StoreUnavailable": "存储不可用",
    "Rejected": "被拒绝",
    "AlreadyExists": "已存在",
    "NoSuchPath": "没有这个路径",
    "MethodNotAllowed": "不允许的方法",
    "BodyTooLarge": "正文过大",
    "UnsupportedMediaType": "不支持的媒体类型",
    "NothingWithdrawn": "没有撤回",
    "TooManyVanish": "消失过多",
    "KeyTaken": "键已被占用",
    "NotErased": "没有清除",
    "LookAlikes": "形似的键",
    "InternalError": "内部错误",
    "BadRequest": "请求有误",
    **chinese_discovery.TITLES,
    **chinese_messages.TITLES,
    **chinese_tickets.TITLES,
}
"""What kind of error it is, by class name; in English it is the class name in words."""
