"""Made-up blast radii of any size, in the shape of an impact answer: a power feed of a data centre
fails and takes racks, servers, virtual machines, databases and applications with it.
"""

from random import Random

from cmdb.pictures import Picture, picture_of

LAYERS = (
    (("power_feed", "供电回路"), ("pdu", "机柜配电单元")),
    (("server", "物理服务器"), ("switch", "接入交换机"), ("storage", "存储阵列")),
    (("hypervisor", "虚拟化宿主机"), ("cluster", "数据库集群"), ("firewall", "边界防火墙")),
    (("virtual_machine", "虚拟机"), ("access_point", "无线接入点")),
    (("database", "核心账务数据库"), ("middleware", "消息中间件"), ("web_server", "门户服务器")),
    (("application", "个人网上银行系统"), ("technical_service", "统一认证服务")),
    (("business_service", "跨境人民币支付清算业务服务"),),
)
SHARES = (0.02, 0.14, 0.1, 0.38, 0.26, 0.09, 0.01)
SITES = ("上海浦东数据中心", "北京亦庄", "成都", "Shenzhen", None)
STATES = ("down", "degraded", "at_risk")
ORDER = {state: i for i, state in enumerate(STATES)}


def rows_of(size: int, seed: int = 1) -> list[dict]:
    """`size` rows of the answer; services are a hundredth of them, at least one."""
    random = Random(seed)
    rows: list[dict] = []
    above: list[dict] = []
    for distance, (kinds, share) in enumerate(zip(LAYERS, SHARES, strict=True), 1):
        layer = []
        left = size - len(rows)
        count = left if distance == len(LAYERS) else min(left, max(1, round(size * share)))
        for i in range(count):
            kind, word = random.choices(kinds, [5, *[2] * (len(kinds) - 1)])[0]
            layer.append(_row(random, f"{kind}-{distance}-{i}", kind, f"{word} {i:03}", above))
        rows += layer
        above = layer or above
    rows.sort(key=lambda row: (ORDER[row["state"]], row["distance"], row["key"]))
    return rows


def _row(random: Random, key: str, kind: str, name: str, above: list[dict]) -> dict:
    """A row caused by one to three of the rows of the layer before."""
    root = {"key": "ups-a", "state": "down", "path": ["ups-a"], "distance": 0}
    providers = random.sample(above, min(len(above), random.randint(1, 3))) if above else [root]
    worst = max(ORDER.get(one["state"], 0) for one in providers)
    state = STATES[min(2, worst + random.choices((0, 1), (6, 1))[0])]
    named = [{"key": one["key"], "state": one["state"]} for one in providers]
    cause = {"rule": "dependency", "relation": "depends_on", "from": named[:1]}
    if len(named) > 1:
        cause = {"rule": "redundancy", "group": "power", "from": named}
    return {
        "key": key,
        "type": kind,
        "name": name,
        "state": state,
        "distance": providers[0]["distance"] + 1,
        "causes": [cause],
        "path": [*providers[0]["path"], key],
    }


def picture(size: int, seed: int = 1) -> Picture:
    """The picture of a made-up answer."""
    return picture_from(rows_of(size, seed))


def picture_from(rows: list[dict]) -> Picture:
    """The picture of these rows, of the failure of ups-a."""
    summary = {state: sum(row["state"] == state for row in rows) for state in STATES}
    return picture_of(
        {"seq": 1234, "as_of": None, "failures": [{"key": "ups-a", "state": "down"}]},
        rows,
        {"summary": {**summary, "services": {}}, "confidence": {"hidden": 3}},
        site_of=lambda key: SITES[sum(map(ord, key)) % len(SITES)],
        group_size=lambda dependent, group: (4, 2),
        named=lambda key: ("ups", "不间断电源 A"),
    )
