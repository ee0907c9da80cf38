"""The words of the pictures, in English and Simplified Chinese."""

from cmdb.pictures.model import HIDDEN
from cmdb.schema.model import Catalog

ZH: dict[str, str] = {
    "Impact of {title}": "{title} 的影响",
    "ok": "正常",
    "at_risk": "有风险",
    "degraded": "降级",
    "down": "中断",
    "hidden": "无权查看",
    "failed": "故障源",
    "Failed": "故障源",
    "Round {n}": "第 {n} 轮",
    "Rounds {n}–{m}": "第 {n}–{m} 轮",
    "{n} CIs": "{n} 个配置项",
    "{n} CI": "{n} 个配置项",
    "{n} impacted": "受影响 {n} 个",
    "{n} services": "其中服务 {n} 个",
    "{n} hidden": "无权查看 {n} 个",
    "commit {n}": "提交 {n}",
    "as of {time}": "截至 {time}",
    "Hidden CIs": "隐藏的配置项",
    "All types": "各类配置项",
    "{k} of {n}, needs {need}": "余 {k}/{n}，需 {need}",
    "group {name}: {k} of {n} left, needs {need}": "冗余组 {name}：余 {k}/{n}，需 {need}",
    "{n} more causes not drawn": "另有 {n} 个原因未画出",
    "many CIs in one box": "多个配置项合为一框",
    "path to a service": "通往服务的路径",
    "path": "路径",
    "other cause": "其他原因",
    "members left in a redundancy group": "冗余组剩余成员",
    "Search by name or key": "按名称或键搜索",
    "Zoom in": "放大",
    "Zoom out": "缩小",
    "Show everything": "显示全部",
    "Close": "关闭",
    "Nothing found": "没有找到",
    "Showing {n} of {m}": "显示 {n} / {m}",
    "State": "状态",
    "Type": "类型",
    "Site": "站点",
    "Key": "键",
    "Round": "轮次",
    "Why": "原因",
    "Path": "路径",
    "Given as failed.": "作为故障给出。",
    "not visible to you": "您无权查看",
    "What it relies on ({label}) is hit:": "它所依赖的配置项（{label}）受影响：",
    "Of group {label}, {k} of {n} are left and it needs {need}; hit are:": (
        "冗余组 {label} 余 {k}/{n}，需 {need}；受影响的成员："
    ),
    "Of group {label} are hit:": "冗余组 {label} 中受影响的成员：",
    "These cut it off from the network:": "以下配置项切断了它的网络：",
    "It is connected through {name} alone, because of:": "它仅靠 {name} 连通，因为：",
    "Click a box to see why it is impacted.": "点击方框查看受影响的原因。",
    "Drag to move, wheel or + and − to zoom, 0 to show everything, / to search.": (
        "拖动可平移，滚轮或 +、− 键缩放，0 键显示全部，/ 键搜索。"
    ),
    "Only the {n} worst CIs can be searched here; the JSON answer has all {m}.": (
        "此处只能搜索最严重的 {n} 个配置项；全部 {m} 个见 JSON 结果。"
    ),
}
"""The Chinese of every English word or template."""

EN: dict[str, str] = {"at_risk": "at risk", "{n} CI": "1 CI"}
"""English that differs from its own key."""


def t(word: str, language: str, **fields: object) -> str:
    """A word or filled template in the language."""
    table = ZH if language == "zh" else EN
    return table.get(word, word).format(**fields) if fields else table.get(word, word)


def type_name(catalog: Catalog, name: str, language: str) -> str:
    """What people call a CI type; the type's own name when the catalog has none."""
    if name == HIDDEN:
        return t(HIDDEN, language)
    found = catalog.ci_types.get(name)
    if found is None:
        return name.replace("_", " ") or t("All types", language)
    return found.label_zh if language == "zh" else found.label


def relation_name(catalog: Catalog, name: str, language: str) -> str:
    """How a relation type reads."""
    found = catalog.relation_types.get(name)
    if found is None or language != "zh":
        return name.replace("_", " ")
    return found.label_zh
