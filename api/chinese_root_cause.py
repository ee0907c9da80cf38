"""Simplified Chinese of root cause analysis: details, and what the command says."""

WORDS: dict[str, str] = {
    "it is among the symptoms, too": "它同时也在症状之中",
    "it must be 1 to 100": "必须是 1 到 100",
}

COMMAND: dict[str, str] = {
    "symptoms: {symptoms}": "症状：{symptoms}",
    "probability": "概率",
    "explains": "解释的症状",
    "contradicts": "与之矛盾",
    "why": "依据",
    "evidence": "证据",
    "nothing in the model explains it": "模型中没有能解释它的配置项",
    "others: {rest}; outside the model: {outside}": "其他：{rest}；模型之外：{outside}",
    "together: {keys} ({score})": "共同原因：{keys}（{score}）",
    "look next at {key}: {gain} bits of {doubt}, not well with {unhealthy}": (
        "下一步请查看 {key}：可得 {gain} 比特（疑问共 {doubt} 比特），不正常的概率 {unhealthy}"
    ),
    "tell what you found with --healthy KEY or --symptom KEY": (
        "请用 --healthy KEY 或 --symptom KEY 告知查看结果"
    ),
    "{computed} computed": "已计算 {computed} 项",
    "{count} less likely ones not computed": "另有 {count} 项可能性较小，未计算",
    "name at least one --symptom, or give --batch FILE": (
        "请至少给出一个 --symptom，或用 --batch 给出文件"
    ),
    "it takes no other option, and gives JSON": "它不能与其他选项同用，且只输出 JSON",
    # factors
    "prior": "先验",
    "changes": "近期变更",
    "changes_below": "下层变更",
    "alerts": "自身告警",
    "failures": "以往故障",
    "maintenance": "维护",
    "failed as": "故障程度",
    "symptoms": "症状",
    "unexplained": "未解释",
    "silent": "未见报告",
    "healthy": "已知正常",
    "order": "时间先后",
    "either_state": "另一程度",
    "combinations": "与其他原因共同",
    # kinds of evidence
    "change": "变更",
    "discovery": "发现到的变更",
    "alert": "告警",
    "failure": "故障",
}
