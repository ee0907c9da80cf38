"""Simplified Chinese of the ways in and out of tickets: command line, imports, other systems."""

ZH: dict[str, str] = {
    "LinkedAlready": "{kind} '{name}' 在此处已是工单 {number}",
    "KeptHere": (
        "{place}：{number} 的 {parts} 保持此处的修改；如要采用表中内容，请带 'overwrite' 导入"
    ),
}

TITLES: dict[str, str] = {"LinkedAlready": "已有对应工单", "KeptHere": "保留此处的修改"}

WORDS: dict[str, str] = {
    "{number}: {state}": "{number}：{state}",
    "write NAME=VALUE": "请写成 名称=值",
    "the user is not active": "该用户已停用",
    "name the user for whom it waits": "请指明等待处理的用户",
    "{path}: read as {encoding}": "{path}：按 {encoding} 读取",
    "approval": "审批",
    "what is asked": "待办事项",
    "waits for": "等待",
    "since": "开始时间",
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
    "external system": "外部系统",
    "external system {name} is declared": "外部系统 {name} 已声明",
    "external system {name} is removed": "外部系统 {name} 已移除",
    "it must be an object": "它必须是一个对象",
    "a mapping must be an object": "映射必须是一个对象",
    "reference": "引用",
    "nothing was changed": "未作任何更改",
    "it names no CI of the graph that could fail": "它没有关联图中可能故障的配置项",
}

PHRASES: dict[str, str] = {
    "no step that it may take leads there": "没有它可以执行的步骤能到达该状态",
    "several configuration items have {what_it_has}; name one by its key": (
        "有多个配置项具有 {what_it_has}；请用键指明其中一个"
    ),
    "no configuration items have {what_it_has}; name one by its key": (
        "没有配置项具有 {what_it_has}；请用键指明一个"
    ),
    "it names more than {count} CIs; name those that matter": (
        "它列出了 {count} 个以上的配置项；请只列出相关的"
    ),
    "it is {number} here, of kind {old}; it cannot become {new}": (
        "它在此处是 {number}，类型为 {old}；不能变成 {new}"
    ),
    "one of {names}, or a name in 'states' of the mapping": (
        "以下之一：{names}，或映射中 'states' 的名称"
    ),
    "1, 2 or 3, or a name in {where} of the mapping": "1、2 或 3，或映射中 {where} 的名称",
    "a reference, or attributes of one CI": "引用，或一个配置项的属性",
}
