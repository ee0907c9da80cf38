"""The words of workbooks, in English and Simplified Chinese."""

from cmdb.forms.rows import EXPORTED, WITHIN

ABOUT = {"en": "about", "zh": "说明"}
"""Names of the first sheet, which explains the others."""

RELATIONS = {"en": "relations", "zh": "关系"}
"""Names of the sheet of relations, as readers know it; it is written with the first."""

ABOUT_TEXTS = (
    "Each sheet holds one CI type; the sheet 'relations' joins CIs by their keys.",
    "Columns are found by their names in the first row; order does not matter.",
    "An empty cell says nothing: what is known stays. To take a value back, write (none).",
    'Lists are separated by semicolons. Text in "quotes" is taken exactly as JSON says.',
    "Deleting a row deletes nothing. Hidden sheets are not read.",
    "The hidden column 'exported' tells which rows were edited; leave it as it is.",
    "To check without changing anything: cmdb import FILE --dry-run.",
)
"""What the first sheet says above the list of sheets."""

ZH: dict[str, str] = {
    "required": "必填",
    "unit": "单位",
    "one of": "取值",
    "a list, separated by semicolons": "列表，以分号分隔",
    "Configuration items and relations": "配置项与关系",
    "Each sheet holds one CI type; the sheet 'relations' joins CIs by their keys.": (
        "每个工作表对应一种配置项类型；工作表 'relations' 用键把配置项连接起来。"
    ),
    "Columns are found by their names in the first row; order does not matter.": (
        "按第一行的列名识别各列，与顺序无关。"
    ),
    "An empty cell says nothing: what is known stays. To take a value back, write (none).": (
        "空单元格表示不提及，已有的值保持不变。要收回一个值，请填写 (none)。"
    ),
    'Lists are separated by semicolons. Text in "quotes" is taken exactly as JSON says.': (
        "列表以分号分隔。带双引号的文本按 JSON 解释。"
    ),
    "Deleting a row deletes nothing. Hidden sheets are not read.": (
        "删除一行并不会删除配置项。隐藏的工作表不会被读取。"
    ),
    "The hidden column 'exported' tells which rows were edited; leave it as it is.": (
        "隐藏列 'exported' 用来识别哪些行被编辑过；请保持原样。"
    ),
    "To check without changing anything: cmdb import FILE --dry-run.": (
        "只检查、不更改：cmdb import FILE --dry-run。"
    ),
    "How CIs depend on each other.": "配置项之间的依赖与连接。",
    "sheet": "工作表",
    "type": "类型",
    "description": "说明",
}

FIELDS: dict[str, tuple[str, str]] = {
    "key": ("The key of the CI; it stays for life.", "配置项的键，终生不变。"),
    "type": ("The type, by its catalog name.", "类型，使用目录中的名称。"),
    "name": ("What people call it; the key when empty.", "名称；留空时与键相同。"),
    "status": ("Where it is in its life.", "生命周期状态。"),
    "network_root": (
        "Whether networks begin here: what cannot reach a root is cut off.",
        "是否为网络根节点：无法到达根节点即为断网。",
    ),
    "redundancy": (
        "How many members of a redundancy group it needs, such as feeds=1; power=50%.",
        "冗余组中需要的成员数，例如 feeds=1; power=50%。",
    ),
    "aliases": (
        "Its keys in other sources, such as netbox:dcim.device.7.",
        "它在其他来源中的键，例如 netbox:dcim.device.7。",
    ),
    WITHIN: (
        "Key of the CI inside which it is identified, such as the host of a database.",
        "用于识别它的上层配置项的键，例如数据库所在的主机。",
    ),
    "from": ("Key, alias or name of the CI it starts at.", "起点配置项的键、别名或名称。"),
    "to": ("Key, alias or name of the CI it ends at.", "终点配置项的键、别名或名称。"),
    "strength": ("How hard it hits; the type's own when empty.", "强度；留空时取类型的默认值。"),
    "group": ("The redundancy group it belongs to.", "所属的冗余组。"),
    "id": ("Tells parallel relations apart.", "用来区分平行的关系。"),
    EXPORTED: ("Written by the export; leave it as it is.", "由导出写入，请保持原样。"),
}
"""What each field means, in both languages."""


def say(text: str, language: str) -> str:
    """The text in the language."""
    return ZH.get(text, text) if language == "zh" else text


def field(name: str, language: str) -> str:
    """What a field means, in the language; empty for other columns."""
    english, chinese = FIELDS.get(name, ("", ""))
    return chinese if language == "zh" else english
