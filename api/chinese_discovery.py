"""Simplified Chinese of the errors of discovery."""

ZH: dict[str, str] = {
    "OutOfScope": "{place}：{target} 不在允许的范围内；请在范围中允许它，或不要扫描它",
    "TooManyAddresses": (
        "{place}：{count} 个地址超过了范围允许一次扫描的 {most} 个；请扫描更小的网络，或提高上限"
    ),
    "ProgramMissing": "没有安装 '{program}'；请在运行发现的机器上安装后重试",
    "ProgramFailed": "'{program}' 以 {code} 结束：{detail}",
    "NoCredentialsKey": (
        "没有用于凭据的密钥：请把密钥放进只有本服务能读的文件，"
        "并用 CMDB_CREDENTIALS_KEY_FILE 指明它；'cmdb discover key' 可生成一个"
    ),
    "WrongCredentialsKey": (
        "凭据 '{name}' 是用另一个密钥加密的；请把那个密钥也写在新密钥之后，或重新设置此凭据"
    ),
    "NetworkBusy": "作业 {name} 的运行 {run} 正在扫描 {kind}；请等它结束，或取消它",
    "Stopped": "{detail}",
    "AskingFailed": "{target}：{detail}",
    "NoCredential": "{target}：没有还可以在那里尝试的 {kinds} 类凭据",
    "CredentialNotUsed": "{target}：没有使用凭据 '{credential}'：{detail}",
    "HostKeyNotKnown": (
        "{target}：它的主机密钥 {fingerprint} 不在凭据 '{credential}' 所列之中；"
        "请在该主机上核对后，将其加入凭据的 'host_keys'"
    ),
}
"""Templates by class name of the error."""

TITLES: dict[str, str] = {
    "OutOfScope": "超出范围",
    "TooManyAddresses": "地址过多",
    "ProgramMissing": "缺少程序",
    "ProgramFailed": "程序出错",
    "NoCredentialsKey": "没有凭据密钥",
    "WrongCredentialsKey": "凭据密钥不符",
    "NetworkBusy": "网络正在扫描",
    "Stopped": "已停止",
    "AskingFailed": "询问失败",
    "NoCredential": "没有可用的凭据",
    "CredentialNotUsed": "未使用凭据",
    "HostKeyNotKnown": "主机密钥未知",
}
"""What kind of error it is."""
