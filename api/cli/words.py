"""What the command itself says, in the user's language; errors have theirs in `api.chinese`."""

from functools import cache
from typing import Any

from api import chinese_root_cause
from api.messages import language_from_environment, said, t
from cmdb.errors import InvalidInput

CHINESE = {
    **chinese_root_cause.COMMAND,
    "error: ": "错误：",
    "warning: ": "警告：",
    "see '{command} --help'": "用法见 '{command} --help'",
    "unexpected {name}; please report it (CMDB_DEBUG=1 shows where)": (
        "意外错误 {name}；请报告此问题（设置 CMDB_DEBUG=1 可显示位置）"
    ),
    "… and {count} more": "…… 另有 {count} 条",
    # impact
    "state": "状态",
    "distance": "距离",
    "key": "键",
    "name": "名称",
    "type": "类型",
    "cause": "原因",
    "path": "路径",
    "down": "中断",
    "degraded": "降级",
    "at_risk": "有风险",
    "hidden": "（无权查看）",
    "{failures}: {count} impacted": "{failures}：{count} 项受影响",
    "{failures}: nothing else is impacted": "{failures}：没有其他配置项受影响",
    "group {group}: {count} of {all} {state}: {named}": (
        "冗余组 {group}：{all} 个成员中 {count} 个{state}：{named}"
    ),
    "not ok": "不正常",
    "degraded or worse": "降级或更差",
    "cut off by {named}": "被 {named} 切断",
    "hangs on {hangs_on} since {named} is down": "{named} 中断后只能依靠 {hangs_on}",
    "hangs on {hangs_on} since {named} are down": "{named} 中断后只能依靠 {hangs_on}",
    "{count} more rows; --all shows them": "还有 {count} 行；用 --all 显示全部",
    "total": "合计",
    "services": "其中服务",
    "as of commit {seq}": "截至提交 {seq}",
    "rests on unconfirmed ground: {count} of {total}": "依据近期未确认：{total} 项中的 {count} 项",
    "nothing has failed": "没有故障",
    "nothing": "无",
    "confirmed": "确认",
    "assumed: {what}": "假设：{what}",
    "added": "新增",
    "removed": "移除",
    "in maintenance at {at}: {windows}": "{at} 处于维护：{windows}",
    "windows of configuration items outside the graph, without effect: {count}": (
        "配置项不在图中、因而无效的维护窗口：{count} 个"
    ),
    "service": "服务",
    "all services are in the same state in all of them": "所有服务在各情景中的状态都相同",
    "hidden from you: {count}": "无权查看：{count}",
    "linked to no network root, not judged by connectivity: {count}": (
        "未连到任何网络根节点、未按连通性判断：{count}"
    ),
    # criticality, maintenance
    "services down": "中断服务",
    "CIs down": "中断配置项",
    "services hit": "受影响的服务",
    "{shown} of {count} that take others with them": "{count} 项会连累其他配置项，显示 {shown} 项",
    "failed already: {failed}": "已有故障：{failed}",
    "each of these alone takes it down: {left}": "以下任一项单独故障都会使它中断：{left}",
    "no single failure takes it down": "没有任何单一故障会使它中断",
    "size": "数目",
    "fail together": "同时故障",
    "{shown} of {count} found": "找到 {count} 组，显示 {shown} 组",
    "these are all": "这些就是全部",
    "time was over after {examined} of {total} branches; there may be more": (
        "时间已到，检查了 {total} 个分支中的 {examined} 个；可能还有更多"
    ),
    "starts": "开始",
    "ends": "结束",
    "reason": "原因说明",
    "window {number} is removed": "维护时段 {number} 已移除",
    # import
    "reading": "正在读取",
    "configuration items": "配置项",
    "relations": "关系",
    "created": "新增",
    "changed": "变更",
    "unchanged": "未变",
    "withdrawn": "撤回",
    "run {run} of source {source}, commit {seq}": "来源 {source} 的运行 {run}，提交 {seq}",
    "dry run of source {source}: nothing was changed": "来源 {source} 的试运行：未作任何更改",
    "{count} errors; what they name was left out": "{count} 个错误；相关内容未导入",
    # check, types, token, serve
    "check": "检查",
    "detail": "详情",
    "nothing found": "未发现问题",
    "{count} found": "发现 {count} 项",
    "attribute": "属性",
    "kind": "值类型",
    "unit": "单位",
    "values": "取值",
    "description": "说明",
    "declared by": "声明于",
    "parents": "上级类型",
    "code rule": "编码规则",
    "names": "名称模式",
    "pattern": "模式",
    "counts per": "分别计数于",
    "counter": "计数器",
    "last number": "最后编号",
    "below": "下级类型",
    "confirmed every": "确认周期",
    "{days} days": "{days} 天",
    "reads backwards": "反向读作",
    "impact": "影响方向",
    "strength": "强度",
    "group": "冗余组",
    "need": "所需数量",
    "joins": "可连接",
    "number": "编号",
    "role": "角色",
    "source": "来源",
    "expires": "到期",
    "sites": "站点",
    "types": "类型",
    "all": "全部",
    "never": "永不",
    "added {count} declarations": "已加入 {count} 个声明",
    "keep it safe: it is not shown again": "请妥善保存：不会再次显示",
    "token {number} is revoked": "令牌 {number} 已吊销",
    "administrator token (shown only now): {token}": "管理员令牌（仅显示这一次）：{token}",
    "serving {url} (pages /, API /api/v1, OpenAPI /docs); Ctrl-C stops it": (
        "正在服务 {url}（网页 /，API /api/v1，OpenAPI /docs）；按 Ctrl-C 停止"
    ),
    "the answer cannot be written: {reason}": "无法写出结果：{reason}",
    "the line is empty": "该行为空",
    "column {column}: this is not JSON: {reason}": "第 {column} 列：这不是 JSON：{reason}",
    "it is the same file as '{first}'": "它与 '{first}' 是同一个文件",
    "it is of format {found}, the files before are {format}; import it alone": (
        "它的格式是 {found}，前面文件的格式是 {format}；请单独导入"
    ),
    "name one, such as 'cmdb impact KEY'; 'cmdb --help' lists them": (
        "请给出命令，例如 'cmdb impact KEY'；'cmdb --help' 列出全部命令"
    ),
    "'{argument}' is not UTF-8 text": "'{argument}' 不是 UTF-8 文本",
    "it takes no keys and no other option, and gives JSON": (
        "它不能与键或其他选项同用，且只输出 JSON"
    ),
    "it takes no keys, and gives a table or JSON": "它不能与键同用，且只输出表格或 JSON",
    "a table goes to stdout; choose another --format": "表格只写到标准输出；请另选 --format",
    "it needs --service": "它需要与 --service 同用",
    "name at least one configuration item, or give --batch FILE": (
        "请至少给出一个配置项，或用 --batch 给出文件"
    ),
    "cannot be written: {reason}": "无法写入：{reason}",
    "it must be an object with the lists 'ci_types' and 'relation_types'": (
        "它必须是含有列表 'ci_types' 和 'relation_types' 的对象"
    ),
    "'{field}' must be a list": "'{field}' 必须是列表",
    "the port is in use; choose another with --port": "端口已被占用；请用 --port 另选一个",
    "cannot listen: {reason}": "无法监听：{reason}",
    "the server did not start; the lines above say why": "服务器未能启动；原因见以上各行",
    "written to {path}": "已写入 {path}",
    # identity and reconciliation
    "disputed": "争议标识",
    "claims": "声明",
    "others": "另一方",
    "since": "自",
    "said at": "最近声明",
    "proposed": "建议",
    "{disputed} is equal, but: {reasons}": "{disputed} 相同，但存在：{reasons}",
    "{disputed}: too many claims have it": "{disputed}：具有它的声明过多",
    "proposed: {proposal}": "建议：{proposal}",
    "merge": "合并",
    "split": "拆分",
    "pin": "固定",
    "ignore": "忽略",
    "keep apart": "保持分开",
    "record": "同一来源的两条记录",
    "decision": "决定",
    "common": "过于常见",
    "identifier": "标识规则",
    "decision {number} is undone": "决定 {number} 已撤销",
    "action": "操作",
    "what": "对象",
    "create": "新增",
    "change": "变更",
    "retire": "退役",
    "remove": "移除",
    "conflict": "冲突",
    "resolve": "了结",
    "merged": "合并",
    "retired": "退役",
    "conflicts": "冲突",
    "review": "待审",
    "nothing changes": "不会有任何更改",
    "when this fails": "当此项故障时",
    "business service": "业务服务",
    "before": "之前",
    "after": "之后",
    "no business service is affected otherwise than before": "对业务服务的影响与之前相同",
    "so much changes that only a part of the effects was looked at": ("更改过多，只检查了部分影响"),
    "value": "值",
    "says": "所述",
    "why": "原因",
    "wins": "生效",
    "not fresh": "已过时",
    "manual": "人工录入",
    "fresher": "更新鲜",
    "precedence": "优先顺序",
    "confidence": "置信度更高",
    "later": "更晚",
    "order": "按固定次序",
    "only": "唯一",
    "union": "合集",
    "rank": "等级",
    "keys": "键的含义",
    "freshness": "保鲜期",
    "fades": "关系失效期",
    "may erase": "可清空",
    "records": "记录",
    "sightings": "所见",
    "as the type says": "按类型",
    "yes": "是",
    "preferred": "优先来源",
    "source {name} is declared": "来源 {name} 已声明",
    "source {name} is withdrawn": "来源 {name} 已撤回",
    "source {name} counts again": "来源 {name} 重新生效",
    "for {name}: {order}": "{name}：{order}",
    "no source is preferred for {name}": "{name} 不再有优先来源",
    "who": "操作者",
    "at": "时间",
    "commits": "提交",
    "run {number} is undone": "运行 {number} 已撤销",
    "{count} changed": "{count} 项已变更",
    # discovery
    "job {name} is set": "作业 {name} 已设置",
    "job {name} is paused": "作业 {name} 已暂停",
    "job {name} goes on": "作业 {name} 已恢复",
    "job {name} is removed": "作业 {name} 已删除",
    "a job must be an object": "作业必须是一个对象",
    "agent": "代理",
    "site": "站点",
    "targets": "目标",
    "title": "说明",
    "profiles": "方案",
    "profile": "方案",
    "networks": "网络",
    "address": "地址",
    "schedule": "计划",
    "paused": "已暂停",
    "every {seconds} s": "每 {seconds} 秒",
    "shard": "分片",
    "new": "新增",
    "packets": "报文数",
    "errors": "错误",
    "run": "运行",
    "started": "开始",
    "ended": "结束",
    "waiting": "等待中",
    "running": "运行中",
    "done": "完成",
    "failed": "失败",
    "cancelled": "已取消",
    "run {run} has started": "运行 {run} 已开始",
    "run {run} is cancelled": "运行 {run} 已取消",
    "run {run}: {state}": "运行 {run}：{state}",
    "too much vanished at once: nothing was counted as missing": (
        "同时消失的过多：没有把任何配置项计为缺失"
    ),
    "certainty": "可信度",
    "from": "从",
    "to": "到",
    "{relation} is confirmed": "已确认 {relation}",
    "credential {name} is set": "凭据 {name} 已设置",
    "credential {name} is removed": "凭据 {name} 已删除",
    "the values must be a JSON object": "凭据的值必须是一个 JSON 对象",
    "working for {what}; Ctrl-C stops it": "正在处理 {what} 的作业；按 Ctrl-C 停止",
    "all sites": "所有站点",
    # tables
    "it takes one CSV or Excel file": "它只用于一个 CSV 或 Excel 文件",
    "the copy must be a .{form} file": "副本必须是 .{form} 文件",
    "the copy must not replace the file itself": "副本不能覆盖原文件",
    "a workbook does not go to a terminal; name a file such as cmdb.xlsx": (
        "工作簿不能写到终端；请给出文件名，例如 cmdb.xlsx"
    ),
    "name at least one CI type; 'cmdb types' lists them": (
        "请至少给出一个配置项类型；'cmdb types' 列出全部类型"
    ),
}


@cache
def language() -> str:
    """The user's language."""
    return language_from_environment()


def say(text: str, **fields: Any) -> str:
    """The text in the user's language, filled with `fields`."""
    chosen = language()
    known = CHINESE.get(text) if chosen.startswith("zh") else None
    found = known or t(text, chosen)
    return found.format(**fields) if fields else found


def told(text: str) -> str:
    """What the core says in detail, in the user's language."""
    return said(text, language())


def wrong(place: str, text: str, **fields: Any) -> InvalidInput:
    """An error of what the command was given: where, and what, in the user's language."""
    return InvalidInput(place=place, detail=say(text, **fields))
