"""Simplified Chinese of tickets: their errors, and the words in them."""

from api import chinese_alerts, chinese_configuration, chinese_ticket_ways

ZH: dict[str, str] = {
    "IllegalStep": "{place}：处于 {state} 时不能执行 '{step}'；可以执行：{offered}",
    "GuardFails": "{place}：'{step}' 还不能执行：{words}",
    "NotOffered": "{place}：'{name}' 不由您填写；请去掉它，填写 {offered}",
    **chinese_configuration.ZH,
    **chinese_ticket_ways.ZH,
}

TITLES: dict[str, str] = {
    "IllegalStep": "不允许的步骤",
    "GuardFails": "条件未满足",
    "NotOffered": "不可填写的字段",
    **chinese_configuration.TITLES,
    **chinese_ticket_ways.TITLES,
}

WORDS: dict[str, str] = {
    "ticket": "工单",
    "task": "任务",
    "attachment": "附件",
    "item of the service catalogue": "服务目录项",
    "field with a moment": "时间字段",
    "baseline": "基线",
    "baseline {name} is removed": "基线 {name} 已移除",
    "seq": "提交",
    "month": "月份",
    "incidents": "事件数",
    "top 1": "首位命中",
    "top 3": "前三命中",
    "top 5": "前五命中",
    "mean reciprocal rank": "平均倒数排名",
    "calibration error": "校准误差",
    "all": "全部",
    "services hit by {key}: {services}": "{key} 影响的服务：{services}",
    "changes on the way from {key}: {changes}": "{key} 沿途的变更：{changes}",
    "known errors of {key}: {errors}": "{key} 的已知错误：{errors}",
    "before, {key} was the cause of {past}": "{key} 曾导致 {past}",
    "by": "操作人",
    "note": "备注",
    **chinese_alerts.WORDS,
    **chinese_configuration.WORDS,
    **chinese_ticket_ways.WORDS,
}

GUARDS: dict[str, str] = {
    "an emergency is approved first": "紧急变更须先批准",
    "only a normal change goes before the CAB": "只有普通变更才提交变更顾问委员会",
    "a member of the CAB has rejected it": "变更顾问委员会有成员否决",
    "not all whose approval is needed have given it": "尚有审批人未批准",
    "only a standard change is approved beforehand": "只有标准变更才预先批准",
    "it is no emergency change": "这不是紧急变更",
    "nobody has said go": "尚未放行",
    "its window is not open": "变更窗口未开放",
    "steps of it are still open": "仍有步骤未完成",
    "its form is not filled in": "表单尚未填写",
    "there is a finding; report it": "发现了问题；请上报",
    "it must be verified for two weeks": "须验证满两周",
    "not all its changes are approved": "其变更尚未全部批准",
    "an approver has rejected it": "有审批人否决",
    "it must be approved first": "须先获批准",
    "tasks of it are still open": "仍有任务未完成",
}
"""What the guards of the default processes say."""

PHRASES: dict[str, str] = {
    "'role' needs 'item'; name the CI, too": "'role' 需要 'item'；请同时指定配置项",
    "'{number}' cannot be above itself; name another ticket": (
        "'{number}' 不能是自己的上级；请指定另一工单"
    ),
    "1 to 128 characters with one that is no digit, and without '/'": (
        "1 到 128 个字符，不全是数字，且不含 '/'"
    ),
    "1 to 5": "1 到 5",
    "no step that it may take leads there": "没有它可执行的步骤通向那里",
    "it names no affected CI; tie those that are not well": (
        "它没有受影响的配置项；请关联不正常的配置项"
    ),
    "it is empty; attach what has content": "它是空的；请上传有内容的文件",
    "its window closes before it opens; give another 'starts' or 'ends'": (
        "窗口在开放之前就结束；请修改 'starts' 或 'ends'"
    ),
    "{count} configuration items have {evidence}; name one by its key": (
        "{count} 个配置项具有 {evidence}；请用键指定其一"
    ),
    "it is {number} here, of kind {kind}; it cannot become {other}": (
        "它在此处是 {number}，类别为 {kind}；不能变为 {other}"
    ),
    "a text of at most {count} characters without control characters": (
        "最多 {count} 个字符、不含控制字符的文本"
    ),
    "it names more than {count} CIs; name those that matter": (
        "它涉及的配置项超过 {count} 个；请只列出重要的"
    ),
    "the effect '{effect}' needs the field '{field}'; require it": (
        "效果 '{effect}' 需要字段 '{field}'；请设为必填"
    ),
    "with '{step}' you may fill {fields}, but not '{other}'; leave it out": (
        "执行 '{step}' 时可填写 {fields}，但不能填写 '{other}'；请去掉它"
    ),
    "at most {count} characters": "最多 {count} 个字符",
    "a text of at most {count} characters": "最多 {count} 个字符的文本",
    "decide on {number}": "审批 {number}",
    "order '{item}'": "申请 '{item}'",
    "it follows no inspection plan that there is; end it by its steps": (
        "没有它所依据的巡检计划；请用其步骤结束"
    ),
    "it has {count} tasks; open a child": "它已有 {count} 个任务；请建子工单",
    "it is a {kind}; name another kind of ticket": "它已是 {kind}；请指定另一类工单",
    "it is closed; reopen it, or open another": "它已关闭；请重新打开，或另建工单",
    "it is not over; rate it then": "它尚未结束；请结束后再评价",
    "it says that it is {said}, but is {found}; attach it as what it is": (
        "它声称是 {said}，实际是 {found}；请按其真实类型上传"
    ),
    "it was not assessed; ask for what is now": "它未经评估；请查询当前影响",
    "only items of the catalogue have a form to answer": "只有服务目录项才有表单可填",
    "task {task} must wait until go is said at {gate} '{title}'": (
        "任务 {task} 须等到 {gate} '{title}' 放行"
    ),
    "the comment is longer than {count} characters; make it shorter": (
        "评价超过 {count} 个字符；请缩短"
    ),
    "the text is longer than {count} characters; attach it as a file": (
        "文本超过 {count} 个字符；请作为附件上传"
    ),
    "the template '{name}' is not for {keys}; open a normal change": (
        "模板 '{name}' 不适用于 {keys}；请提交普通变更"
    ),
    "from the state '{name}' no end can be reached; add a step that leads on": (
        "从状态 '{name}' 无法到达终点；请添加后续步骤"
    ),
    "no state is of the kind 'closed'; a ticket could never end": (
        "没有 'closed' 类状态；工单永远无法结束"
    ),
    "no step leads to the state '{name}'; add one, or remove the state": (
        "没有步骤通向状态 '{name}'；请添加步骤或删除该状态"
    ),
    **GUARDS,
    **chinese_alerts.PHRASES,
    **chinese_configuration.PHRASES,
    **chinese_ticket_ways.PHRASES,
}
