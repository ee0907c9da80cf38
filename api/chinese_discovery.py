"""Simplified Chinese of discovery: its errors, and the words in them."""

ZH: dict[str, str] = {
    "OutOfScope": "{place}：{target} 不在允许的范围内；请在范围中允许它，或不要扫描它",
    "TooManyAddresses": (
        "{place}：{count} 个地址超过了范围允许一次扫描的 {most} 个；请扫描更小的网络，或提高上限"
    ),
    "ProgramMissing": "没有安装 '{program}'；请在运行发现的机器上安装后重试",
    "ProgramFailed": "'{program}' 以 {code} 结束：{detail}",
    "HostTimedOut": (
        "{place}：在单个主机的时限内没有扫描完，因此其服务未全部列出；请延长时限，或提高速率"
    ),
    "AnswersForAll": (
        "{place}：{count} 个地址的应答相同且不透露自身信息，像是防火墙在代为应答；"
        "没有据此创建主机。请从该网络内部扫描，或把范围缩小到实有的地址"
    ),
    "NoCredentialsKey": (
        "没有用于凭据的密钥：请把密钥放进只有本服务能读的文件，"
        "并用 CMDB_CREDENTIALS_KEY_FILE 指明它；'cmdb discover key' 可生成一个"
    ),
    "UnusableCredentialsKey": "凭据密钥无法使用：{detail}",
    "WrongCredentialsKey": (
        "{kind} '{name}' 的秘密是用另一个密钥加密的；"
        "请把那个密钥也写在新密钥之后，或重新设置此{kind}"
    ),
    "NetworkBusy": "作业 {name} 的运行 {run} 正在扫描 {kind}；请等它结束，或取消它",
    "AskingFailed": "{target}：{detail}",
    "NoCredential": "{target}：没有还可以在那里尝试的 {kinds} 类凭据",
    "UnusableCredential": "凭据 '{credential}' 无法使用：{detail}",
    "CredentialNotUsed": "{target}：没有使用凭据 '{credential}'：{detail}",
    "HostKeyNotKnown": (
        "{target}：它的主机密钥 {fingerprint} 不在凭据 '{credential}' 所列之中；"
        "请在该主机上核对后，将其加入凭据的 'host_keys'"
    ),
    "OldAgent": (
        "这是旧版代理的 XML 消息；请使用 GLPI Agent 1.0 或更高版本，"
        "并在其 'server' 选项中写本服务器的地址"
    ),
    "UnpackedTooLarge": "请求正文解压后超过 {limit} MiB；请用 'no-category' 减少代理上报的内容",
}
"""Templates by class name of the error."""

WORDS: dict[str, str] = {
    "job": "作业",
    "task": "任务",
    "agent": "代理",
    "networks": "网络",
    "credential": "凭据",
    "discovery job": "发现作业",
    "discovery run": "发现运行",
    "kind": "种类",
    "profile": "方案",
    "option": "选项",
    "a list of networks": "网络列表",
    "the address of a service": "服务的地址",
    "an address or network such as 10.0.0.0/24": "地址或网络，例如 10.0.0.0/24",
    "an address or network such as 10.0.0.0/24, without bits beyond its prefix": (
        "地址或网络，例如 10.0.0.0/24，且前缀之外没有置位"
    ),
    "one with either 'networks' or 'address'": "含有 'networks' 或 'address' 之一",
    "one with either 'every' or 'cron'": "含有 'every' 或 'cron' 之一",
    "a string of printable characters": "由可打印字符组成的字符串",
    "an object of plain values, or lists of them": "由简单值或其列表组成的对象",
    "five fields of cron, such as '0 2 * * *', that come true at some time": (
        "cron 的五个字段，例如 '0 2 * * *'，且总有一个时刻符合"
    ),
    "a time such as 22:00, without a time zone": "时刻，例如 22:00，不带时区",
    "a time zone such as Asia/Shanghai": "时区，例如 Asia/Shanghai",
    "1 to 64 letters, digits, '_', '.' and '-'": "1 到 64 个字母、数字、'_'、'.' 和 '-'",
    "a text of at most 16384 characters": "至多 16384 个字符的文本",
    "each line must be a key as 'cmdb discover key' makes it": (
        "每一行都必须是 'cmdb discover key' 生成的密钥"
    ),
}
"""Words of the user interface, by their English form."""

TITLES: dict[str, str] = {
    "OutOfScope": "超出范围",
    "TooManyAddresses": "地址过多",
    "ProgramMissing": "缺少程序",
    "ProgramFailed": "程序出错",
    "HostTimedOut": "主机扫描超时",
    "AnswersForAll": "应答来自同一处",
    "NoCredentialsKey": "没有凭据密钥",
    "UnusableCredentialsKey": "凭据密钥无法使用",
    "WrongCredentialsKey": "凭据密钥不符",
    "NetworkBusy": "网络正在扫描",
    "AskingFailed": "询问失败",
    "NoCredential": "没有可用的凭据",
    "UnusableCredential": "凭据无法使用",
    "CredentialNotUsed": "未使用凭据",
    "HostKeyNotKnown": "主机密钥未知",
    "OldAgent": "代理版本过旧",
    "UnpackedTooLarge": "解压后过大",
}
"""What kind of error it is."""
