"""Simplified Chinese of the ways in and out of tickets: command line, imports, other systems."""

ZH: dict[str, str] = {}

TITLES: dict[str, str] = {}

WORDS: dict[str, str] = {
    "{number}: {state}": "{number}：{state}",
    "write NAME=VALUE": "请写成 名称=值",
    "the user is not active": "该用户已停用",
    "ticket": "工单",
    "incident": "事件",
    "problem": "问题",
    "release": "发布",
    "article": "知识",
    "inspection": "巡检",
    "emergency_plan": "应急预案",
    "priority": "优先级",
    "team": "团队",
    "assignee": "处理人",
    "requester": "请求人",
    "opened": "开单时间",
    "missed at": "超时时间",
    "missed": "已超时",
    "stopped": "已停止",
    "what it does": "作用",
    "needs": "需要",
    "approver": "审批人",
    "approved": "批准",
    "rejected": "否决",
    "comment": "意见",
    "skipped": "已跳过",
    "open": "未完成",
    "bytes": "字节",
    "answer": "回答",
    "CIs": "配置项",
    "tickets": "关联工单",
    "elsewhere": "外部编号",
    "by": "操作者",
    "(work note) {said}": "（内部备注）{said}",
    "there are more; give a greater --limit": "还有更多；请给出更大的 --limit",
    "added by hand: {keys}": "人工补充：{keys}",
    "not hit, as people say: {keys}": "经人工确认不受影响：{keys}",
    "it names no CI of the graph that could fail": "它没有关联图中可能故障的配置项",
}

PHRASES: dict[str, str] = {}
