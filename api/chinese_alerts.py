"""Simplified Chinese of alerts: what is wrong with them, and what the commands say."""

WORDS: dict[str, str] = {
    "alert source": "告警来源",
    "alert": "告警",
}

PHRASES: dict[str, str] = {
    "its time is {when}, but must be after 1999 and not in the future; set its clock": (
        "其时间为 {when}，但必须晚于 1999 年且不在未来；请校准其时钟"
    ),
    "there are more than {count} alerts; send them in several parts": (
        "告警超过 {count} 条；请分几次发送"
    ),
    "it begins with no priority such as <134>; send syslog (RFC 5424 or RFC 3164)": (
        "开头没有 <134> 这样的优先级；请发送 syslog（RFC 5424 或 RFC 3164）"
    ),
    "it is {state}; only an unmatched alert can be matched by hand": (
        "它处于 {state}；只有未匹配的告警才能手工匹配"
    ),
    "it comes from a webhook of this service, and would go round; name another target": (
        "它来自本服务自己的 webhook，会形成循环；请指定其他目标"
    ),
    "a list of at most {count} pairs": "至多 {count} 对的列表",
    "'firing' or 'resolved'": "'firing' 或 'resolved'",
    "'{text}' is no address with a port, such as 127.0.0.1:5514": (
        "'{text}' 不是带端口的地址，例如 127.0.0.1:5514"
    ),
    "cannot listen at {where}: {said}": "无法在 {where} 监听：{said}",
}

COMMAND: dict[str, str] = {
    "severity": "严重程度",
    "source": "来源",
    "title": "标题",
    "CI": "配置项",
    "{number} is about {key}": "{number} 关于 {key}",
    "name the source, or the form with --format": "请指定来源，或用 --format 指定格式",
    "{new} new, {changed} changed, {repeated} repeated, {unmatched} of them unmatched": (
        "新增 {new} 条，变化 {changed} 条，重复 {repeated} 条，其中未匹配 {unmatched} 条"
    ),
    "it is too large; split it": "文件过大；请拆分",
    "name the SNMP credentials with --credential": "请用 --credential 指定 SNMP 凭据",
    "say where to listen, with --syslog or --traps": "请用 --syslog 或 --traps 指定监听地址",
    "listening for {name} at port {port} (UDP)": "正在端口 {port}（UDP）监听 {name}",
    "{received} taken; {dropped} dropped, {limited} over the limit, {refused} unreadable": (
        "已接收 {received} 条；丢弃 {dropped} 条，超限 {limited} 条，无法解析 {refused} 条"
    ),
    "Ctrl-C stops it": "按 Ctrl-C 停止",
}
