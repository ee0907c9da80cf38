"""Simplified Chinese of what errors and findings say in detail, filled with data or not."""

import re
from collections.abc import Mapping

from api import chinese_messages, chinese_tickets

IN_WORDS = frozenset({"detail", "expected", "problem", "reason", "remedy", "what", "why"})
"""Fields of phrases that hold our words; the others hold data, which stays as it is."""

NUMBERS = frozenset({"least", "most", "count", "line", "column", "byte", "levels", "width"})
"""Fields of phrases that hold a number."""

PHRASES: dict[str, str] = {
    # files
    "there is no such file; check the path": "没有这个文件；请检查路径",
    "this is a directory; give a file in it": "这是一个目录；请给出其中的文件",
    "the file is empty": "文件是空的",
    "the file cannot be read: {reason}": "无法读取文件：{reason}",
    "{file} cannot be read: {reason}": "无法读取 {file}：{reason}",
    "Permission denied": "没有权限",
    "No space left on device": "磁盘空间不足",
    "the file is {name}; save it as UTF-8": "文件的编码是 {name}；请另存为 UTF-8",
    "byte {byte} (line {line}, column {column}) is not UTF-8; save it as UTF-8": (
        "第 {byte} 个字节（第 {line} 行第 {column} 列）不是 UTF-8；请另存为 UTF-8"
    ),
    "byte {byte} is not {encoding}; save it as 'CSV UTF-8', or convert it"
    " (iconv -f GB18030 -t UTF-8)": (
        "第 {byte} 个字节不是 {encoding}；请另存为 'CSV UTF-8'，"
        "或转换编码（iconv -f GB18030 -t UTF-8）"
    ),
    "it does not fit into memory; split it into several files": "内存放不下；请拆分成几个文件",
    "it is larger than {size}, the limit for a {what}; {remedy}": (
        "超过了 {size}，这是{what}的上限；{remedy}"
    ),
    "file": "文件",
    "line": "一行",
    "YAML file": "YAML 文件",
    "split it": "请拆分",
    "split it into several files": "请拆分成几个文件",
    "save it as JSON, or split it": "请存为 JSON，或拆分",
    "line {line}, column {column}: {problem}": "第 {line} 行第 {column} 列：{problem}",
    "this is not JSON: {said}": "这不是 JSON：{said}",
    "it is not JSON: {said}": "这不是 JSON：{said}",
    "lists and objects are nested too deep; flatten them": "列表和对象嵌套过深；请展平",
    "the file ends in the middle of its content; get it again in full": (
        "文件在内容中间结束；请重新获取完整的文件"
    ),
    "this is not YAML": "这不是 YAML",
    "this is not YAML: {said}": "这不是 YAML：{said}",
    "nested deeper than {levels} levels; flatten the structure": (
        "嵌套超过 {levels} 层；请展平结构"
    ),
    "a second document begins; split the file": "这里开始了第二个文档；请拆分文件",
    "no anchor '&{anchor}' before it": "在它之前没有锚点 '&{anchor}'",
    "alias '*{anchor}' stands inside its own value; remove it": (
        "别名 '*{anchor}' 位于它自己的值之内；请删除它"
    ),
    "aliases expand to more than {count} values; write them out": (
        "别名展开后超过 {count} 个值；请直接写出"
    ),
    "'<<' must name a mapping, or a list of them": "'<<' 必须指向映射或映射的列表",
    "the name {name} is not a string; put it in quotes": "名称 {name} 不是字符串；请加引号",
    "the tag '{tag}' is not allowed here; remove it": "此处不允许标签 '{tag}'；请删除它",
    # tables
    "this is not text; save it as CSV UTF-8": "这不是文本；请另存为 CSV UTF-8",
    "the first row must name the columns": "第一行必须是列名",
    "this is not CSV ({said}); is a quote left open?": "这不是 CSV（{said}）；是否有未闭合的引号？",
    "it has more than {count} rows": "超过了 {count} 行",
    "this is not an Excel workbook (.xlsx)": "这不是 Excel 工作簿（.xlsx）",
    "this is not a sound Excel workbook ({said}); save it again as .xlsx": (
        "这个 Excel 工作簿已损坏（{said}）；请重新另存为 .xlsx"
    ),
    "the sheet cannot be read ({said}); save the file again as .xlsx": (
        "无法读取工作表（{said}）；请重新另存为 .xlsx"
    ),
    "it is an old Excel file (.xls), or one with a password; save it as .xlsx without a password": (
        "这是旧版 Excel 文件（.xls）或有密码的文件；请去掉密码另存为 .xlsx"
    ),
    "it unpacks to more than {parts} parts or {size} MiB; split it": (
        "解压后超过 {parts} 个部分或 {size} MiB；请拆分"
    ),
    "part {part} grows to {size} MiB, more than {times} times its size; this looks like a ZIP bomb."
    " Save it again from Excel": (
        "部分 {part} 解压到 {size} MiB，超过原大小的 {times} 倍，像是 ZIP 炸弹；请用 Excel 重新保存"
    ),
    "part {part} {why}; save the file again from Excel": "部分 {part} {why}；请用 Excel 重新保存",
    "is in {encoding}, not UTF-8": "的编码是 {encoding}，而不是 UTF-8",
    "holds a document type or entities, which Excel never writes": (
        "含有文档类型或实体，Excel 从不写入这些"
    ),
    "holds more than {size} MiB of texts; split the file": "含有超过 {size} MiB 的文本；请拆分文件",
    "has a text of more than {size} MiB": "含有超过 {size} MiB 的文本",
    "has a text of more than {size} MiB at cell {cell}": (
        "在单元格 {cell} 处含有超过 {size} MiB 的文本"
    ),
    "it is too large to be copied with comments; split it, or use CSV": (
        "文件太大，无法复制并加批注；请拆分，或使用 CSV"
    ),
    "the cell has more than {count} characters; shorten it": "单元格超过 {count} 个字符；请缩短",
    "{name} of '{key}' has more than {count} characters; export as csv": (
        "'{key}' 的 {name} 超过 {count} 个字符；请导出为 csv"
    ),
    "more than {count} rows, the limit of Excel; export as csv": (
        "超过 {count} 行，这是 Excel 的上限；请导出为 csv"
    ),
    # forms
    "an estate must be an object with the lists 'cis' and 'relations'": (
        "estate 必须是含有列表 'cis' 和 'relations' 的对象"
    ),
    "'{name}' is {value}, but must be a list of objects": "'{name}' 是 {value}，但必须是对象列表",
    "a GLPI inventory must be an object, or a list of objects": "GLPI 清单必须是对象或对象列表",
    "an object with the sections of the inventory": "含有清单各部分的对象",
    "its key would have {count} characters, of {most} at most; shorten its name": (
        "它的键会有 {count} 个字符，而上限是 {most} 个；请缩短其名称"
    ),
    "a NetBox dump must be a list of rows with 'model', 'pk' and 'fields'; make one with"
    " 'manage.py dumpdata'": (
        "NetBox 转储必须是含有 'model'、'pk' 和 'fields' 的行的列表；请用 'manage.py dumpdata' 生成"
    ),
    "field '{name}' refers to {target}, which is not in the dump; dump that model too, or clear the"
    " field": "字段 '{name}' 指向 {target}，但转储中没有它；请也转储该模型，或清空此字段",
    "{path}: this is no page of NetBox": "{path}：这不是 NetBox 的页面",
    "NetBox status": " NetBox 状态",
    "format": "格式",
    "type": "类型",
    "record": "记录",
    "a row with 'model'": "含有 'model' 的行",
    "a number or a string": "数字或字符串",
    "it is neither zlib nor gzip, as its Content-Type says": (
        "它既不是 zlib 也不是 gzip，与其 Content-Type 不符"
    ),
    "it ends in the middle; send it again in full": "内容在中间结束；请重新完整发送",
    # what a value must be
    "one of {choices}": "以下之一：{choices}",
    "'item' or 'relation'": "'item' 或 'relation'",
    "'hard' or 'soft'": "'hard' 或 'soft'",
    "'A' or 'B'": "'A' 或 'B'",
    "NAME=VALUE": "名称=值",
    "a string of 1 to {most} characters": "1 到 {most} 个字符的字符串",
    "a string of at least {least} character": "至少 {least} 个字符的字符串",
    "a string of at least {least} characters": "至少 {least} 个字符的字符串",
    "a string of at most {most} characters": "至多 {most} 个字符的字符串",
    "a string without control characters": "不含控制字符的字符串",
    "1 to {most} characters": "1 到 {most} 个字符",
    "1 to {most} printable characters": "1 到 {most} 个可打印字符",
    "1 to {most} printable characters without a colon": "1 到 {most} 个可打印字符，不含冒号",
    "an object whose names are strings": "名称均为字符串的对象",
    'an object such as {"need": 1}': '对象，例如 {"need": 1}',
    "nested no deeper than {levels} levels": "嵌套不超过 {levels} 层",
    "an integer of at least 1, or 1% to 100% as a string such as '50%'": (
        "不小于 1 的整数，或 1% 到 100% 的字符串，例如 '50%'"
    ),
    "a whole number from {least} to {most}": "{least} 到 {most} 的整数",
    "a number from 0 to 1": "0 到 1 的数字",
    "a list, each {expected}": "列表，其中每个都是{expected}",
    "{expected} in {unit}": "{expected}，单位 {unit}",
    "{expected} from {least} to {most}": "{least} 到 {most} 的{expected}",
    "{expected} from {least}": "不小于 {least} 的{expected}",
    "{expected} to {most}": "不大于 {most} 的{expected}",
    "{width} visible characters, none of {others}": "{width} 个可见字符，不含 {others}",
    "visible characters, none of {others}": "可见字符，不含 {others}",
    "{width} visible characters": "{width} 个可见字符",
    "visible characters": "可见字符",
    "a commit number or an ISO 8601 time": "提交号或 ISO 8601 时间",
    "a span such as 90d, 12h or 30m": "时长，例如 90d、12h 或 30m",
    "a time since 1970 that is not in the future; set the source's clock": (
        "1970 年以来且不在将来的时间；请校准来源的时钟"
    ),
    "a time with zone such as 2026-03-01T08:00:00+00:00": (
        "带时区的时间，例如 2026-03-01T08:00:00+00:00"
    ),
    "a time zone is missing": "带时区的时间",
    "an IP address with prefix length such as 10.0.0.1/24": (
        "带前缀长度的 IP 地址，例如 10.0.0.1/24"
    ),
    "an IP network such as 10.0.0.0/24": "IP 网络，例如 10.0.0.0/24",
    "a MAC address": "MAC 地址",
    "a MAC address such as 00:1a:2b:3c:4d:5e": "MAC 地址，例如 00:1a:2b:3c:4d:5e",
    "a URL": "URL",
    "a URL such as https://example.org/": "URL，例如 https://example.org/",
    "a list of fields of the pattern, or null": "模式字段的列表，或 null",
    "lower case letters, digits and '_', at most 63": "小写字母、数字和 '_'，至多 63 个",
    # requests, decisions, sources
    'write an ETag in quotes, such as "12", or *': '请写带引号的 ETag，例如 "12"，或 *',
    "give one ETag only": "只能给出一个 ETag",
    "it is not a cursor of this service": "它不是本服务的游标",
    "give '{name}' once only": "'{name}' 只能给出一次",
    "it must be 1 to {most}": "必须是 1 到 {most}",
    "give 1 to {most} of them": "请给出 1 到 {most} 个",
    "name some of the claims of '{key}', and not all of them": (
        "请给出 '{key}' 的部分声明，而不是全部"
    ),
    "'{name}' is what people enter by hand; give the program a name of its own": (
        "'{name}' 是人工录入的来源；请给程序另起名称"
    ),
    "it limits what a {role} may send; leave it out for the role {other}": (
        "它限制 {role} 可以上报的内容；角色 {other} 请不要给出"
    ),
    "a relation with impact 'both' takes no group": "影响方向为 'both' 的关系没有冗余组",
    "any two configuration items": "任意两个配置项",
    "this is no declaration: {reason}": "这不是声明：{reason}",
    "attribute '{name}' is a list, which cannot be filtered by; search the text": (
        "属性 '{name}' 是列表，不能用来过滤；请搜索文本"
    ),
    "attribute '{name}' differs between types; give the type as well": (
        "属性 '{name}' 因类型而异；请同时给出类型"
    ),
    "import": "导入",
    "write {type}, outside its scope": "写入 {type}（超出其范围）",
    # stores and settings
    "'{name}' is not the name of a type or attribute": "'{name}' 不是类型或属性的名称",
    "it changes too fast for a snapshot": "变化太快，无法建立快照",
    "the log lacks commit {number}": "日志缺少提交 {number}",
    "the log after commit {number} is incomplete": "提交 {number} 之后的日志不完整",
    "the database was written by a newer version of this program": "数据库由本程序的更新版本写入",
    "the connection broke during a commit; read again to see whether it was done": (
        "提交时连接中断；请重新读取，查看是否已完成"
    ),
    "too many wrong passwords for user '{user}'; wait a few seconds": (
        "用户 '{user}' 的密码错误次数过多；请等待几秒"
    ),
    "the password of user '{user}' is wrong, or there is no such user": (
        "用户 '{user}' 的密码错误，或没有这个用户"
    ),
    "there is no database '{name}'": "没有数据库 '{name}'",
    "no answer from {host} ({said})": "{host} 没有应答（{said}）",
    "a key, name or site is too long for Neo4j (name and key together: 8,000 bytes)": (
        "键、名称或站点对 Neo4j 来说太长（名称与键合计上限为 8,000 字节）"
    ),
    "an address is sqlite:///path/to/file.db or neo4j://user@host:7687/database": (
        "地址的形式是 sqlite:///path/to/file.db 或 neo4j://user@host:7687/database"
    ),
    "write postgresql://user@host/database": "请写作 postgresql://user@host/database",
    "write sqlite:///path/to/file.db": "请写作 sqlite:///path/to/file.db",
    "a whole number of at least 1 is needed": "需要不小于 1 的整数",
    "the address cannot be parsed": "无法解析此地址",
    "the port must be a number": "端口必须是数字",
    # the model check
    "group '{name}' needs {need} of only {count} members": (
        "冗余组 '{name}' 需要 {need} 个成员，但只有 {count} 个"
    ),
    "a need is stated for group '{name}', which has no members": (
        "冗余组 '{name}' 规定了需求，但没有成员"
    ),
    "has the relation {name} to itself": "有连到自身的关系 {name}",
    "has no relation to any other CI": "与其他配置项没有任何关系",
    "last confirmed {age} days ago, limit {limit} days": "上次确认在 {age} 天前，期限是 {limit} 天",
    "has the same name as {others}": "与 {others} 同名",
    # the command line
    "Missing argument '{name}'.": "缺少参数 '{name}'。",
    "Missing option '{name}'.": "缺少选项 '{name}'。",
    "Missing command.": "缺少命令。",
    "No such command '{name}'.": "没有命令 '{name}'。",
    "No such command '{name}'. Did you mean {names}?": "没有命令 '{name}'。是不是 {names}？",
    "No such option: {name} (Possible options: {names})": "没有选项 {name}（可能是：{names}）",
    "No such option: {name} Did you mean {names}?": "没有选项 {name}。是不是 {names}？",
    "No such option: {name}": "没有选项 {name}",
    "Option '{name}' requires an argument.": "选项 '{name}' 需要一个值。",
    "Option '{name}' does not take a value.": "选项 '{name}' 不带值。",
    "Got unexpected extra argument(s) ({names})": "多余的参数（{names}）",
    "Invalid value for '{name}': {problem}": "'{name}' 的值有误：{problem}",
    "Invalid value for {name}: {problem}": "{name} 的值有误：{problem}",
    "Value error, {problem}": "{problem}",
    "'{value}' is not one of {choices}.": "'{value}' 不是以下之一：{choices}。",
    "Input should be a valid integer, unable to parse string as an integer": "必须是整数",
    "Input should be a valid number, unable to parse string as a number": "必须是数字",
    # sources
    "What people enter by hand; wins over every other.": "人工录入的内容；优先于其他一切来源。",
    "CSV files that people keep.": "人工维护的 CSV 文件。",
    "Excel workbooks that people keep.": "人工维护的 Excel 工作簿。",
    "Estate files.": "estate 文件。",
    "NetBox.": "NetBox。",
    "GLPI Agent: a machine's own inventory.": "GLPI Agent：机器自己上报的清单。",
    "SNMP agents of devices.": "设备的 SNMP 代理。",
    "Kubernetes: what a cluster says of itself.": "Kubernetes：集群关于自身的信息。",
    "What Prometheus watches.": "Prometheus 监视的对象。",
    "Leases of DHCP servers.": "DHCP 服务器的租约。",
    "Zone files of name servers.": "域名服务器的区域文件。",
    "Connection tables of hosts: what listens, and what it is connected with.": (
        "主机的连接表：什么在监听，以及与什么相连。"
    ),
    "What a scan of the network shows.": "网络扫描所见。",
    "another claim is pinned to the CI of this one; undo that pin first": (
        "另有声明固定在此声明的配置项上；请先撤销那个固定"
    ),
    **chinese_tickets.PHRASES,
    **chinese_messages.PHRASES,
}
"""Phrases by their English form; `{name}` stands for what one is filled with."""

_FIELD = re.compile(r"\\\{([a-z]+)\\\}")


def _pattern(english: str) -> re.Pattern[str]:
    """What a phrase looks like when it is filled."""

    def group(field: re.Match[str]) -> str:
        return f"(?P<{field[1]}>{r'[-+.,e0-9]+' if field[1] in NUMBERS else '.+?'})"

    return re.compile(_FIELD.sub(group, re.escape(english)), re.DOTALL)


_FILLED = [(_pattern(one), zh) for one, zh in PHRASES.items() if _FIELD.search(re.escape(one))]


def phrase(text: str, words: Mapping[str, str]) -> str | None:
    """The Chinese of a word or phrase, filled or not; None where there is none."""
    if text in words or text in PHRASES:
        return words.get(text) or PHRASES[text]
    for pattern, chinese in _FILLED:
        found = pattern.fullmatch(text)
        fields = {} if found is None else found.groupdict()
        ours = {name: phrase(fields[name], words) for name in IN_WORDS & fields.keys()}
        if found is not None and ours.get("expected", "") is not None:
            known = {name: chosen for name, chosen in ours.items() if chosen is not None}
            return chinese.format(**{**fields, **known})
    return None
