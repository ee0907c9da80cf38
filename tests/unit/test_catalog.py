"""The built-in catalog says what it should, and refuses what does not fit it."""

import re
from datetime import timedelta

import pytest

from cmdb.errors import InvalidInput, NotJoinable, UnknownName
from cmdb.schema.attributes import KINDS, Attribute
from cmdb.schema.catalog import builtin_catalog
from cmdb.schema.declarations import CIType, RelationType
from cmdb.schema.model import DEFAULT_FRESHNESS, Catalog

TREE = {
    "location": ("site", "building", "room", "rack"),
    "facility": ("power_panel", "power_feed", "ups", "pdu", "cooling"),
    "device": (
        "computer", "network_device", "storage", "printer", "phone", "camera", "appliance",
    ),
    "computer": ("server", "endpoint", "hypervisor"),
    "network_device": ("router", "switch", "firewall", "load_balancer", "access_point"),
    "software": (
        "operating_system", "database", "middleware", "web_server", "software_service",
        "software_package", "certificate",
    ),
    "service": ("technical_service", "business_service"),
    "ci": (
        "location", "facility", "device", "circuit", "network", "vlan", "ip_address",
        "virtual_machine", "container", "cloud_resource", "cluster", "software", "application",
        "service", "organization", "team", "person", "contract", "document", "unclassified",
        "network_interface", "component", "file_system",
    ),
}  # fmt: skip

# name: impact, strength, default group, default need
RELATIONS = {
    "depends_on": ("to→from", "hard", None, None),
    "uses": ("to→from", "soft", None, None),
    "runs_on": ("to→from", "hard", None, None),
    "hosted_on": ("to→from", "hard", None, None),
    "located_in": ("to→from", "hard", None, None),
    "part_of": ("to→from", "hard", None, None),
    "powered_by": ("to→from", "hard", "power", 1),
    "member_of": ("from→to", "hard", "members", 1),
    "connects_to": ("link", "hard", None, None),
    **dict.fromkeys(
        ("replica_of", "backed_up_by", "owned_by", "supported_by", "managed_by", "covered_by",
         "documented_by"),
        ("none", "hard", None, None),
    ),
}  # fmt: skip

CATALOG = builtin_catalog()
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_it_has_every_ci_type_under_its_parent() -> None:
    parents = {child: parent for parent, children in TREE.items() for child in children}
    assert {t.name: t.parent for t in CATALOG.ci_types.values()} == {"ci": None, **parents}


def test_it_has_every_relation_type_with_its_rule() -> None:
    found = {
        r.name: (r.impact, r.strength, r.group, r.need) for r in CATALOG.relation_types.values()
    }
    assert found == RELATIONS


@pytest.mark.parametrize("name", [*CATALOG.ci_types, *CATALOG.relation_types])
def test_every_type_reads_well_in_both_languages(name: str) -> None:
    one = CATALOG.ci_types.get(name) or CATALOG.relation_types[name]
    assert one.description.endswith(".")
    assert CHINESE.search(one.label_zh)
    if isinstance(one, CIType):
        assert one.label
        assert all(a.description.endswith(".") and a.kind in KINDS for a in one.attributes)
    else:
        assert one.reverse


def test_labels_are_distinct() -> None:
    for labels in (
        [t.label for t in CATALOG.ci_types.values()],
        [t.label_zh for t in CATALOG.ci_types.values()],
        [r.label_zh for r in CATALOG.relation_types.values()],
    ):
        assert len(labels) == len(set(labels))


@pytest.mark.parametrize("name", CATALOG.ci_types)
def test_no_type_declares_what_it_inherits(name: str) -> None:
    declared = [a.name for t in CATALOG.ancestors[name] for a in CATALOG.ci_types[t].attributes]
    assert len(declared) == len(set(declared))
    common = {"environment", "criticality", "owner", "support_team", "site"}
    assert common <= set(CATALOG.attributes[name])
    assert CATALOG.freshness[name] > timedelta(0)


def test_types_inherit() -> None:
    assert CATALOG.is_a("server", "device")
    assert not CATALOG.is_a("device", "server")
    assert not CATALOG.is_a("nothing", "device")
    assert CATALOG.below("computer") == {"computer", "server", "endpoint", "hypervisor"}
    assert {"cpu_cores", "serial_number", "environment"} <= set(CATALOG.attributes["server"])
    assert CATALOG.freshness["server"] == timedelta(days=30)
    assert CATALOG.freshness["ci"] == DEFAULT_FRESHNESS


def test_a_declaration_below_overrides_what_is_inherited() -> None:
    mine = CIType(
        "special", "Special", "特", "S.", "server", (Attribute("memory", "string", "M."),)
    )
    catalog = CATALOG.extended((mine,), ())
    assert catalog.attributes["special"]["memory"].kind == "string"
    assert catalog.freshness["special"] == timedelta(days=30)
    assert "special" not in CATALOG.ci_types


def test_extending_replaces_and_adds_relations() -> None:
    mirrors = RelationType("mirrors", "is mirrored by", "镜像", "M.", impact="both")
    uses = RelationType("uses", "is used by", "使用", "Harder.", impact="to→from")
    catalog = CATALOG.extended((), (mirrors, uses))
    assert catalog.relation_type("mirrors", "x") is mirrors
    assert catalog.relation_types["uses"].strength == "hard"
    assert CATALOG.relation_types["uses"].strength == "soft"


@pytest.mark.parametrize(
    ("name", "nearest"), [("servr", "server"), ("data_base", "database"), ("zzzzqqq", None)]
)
def test_unknown_ci_type_names_the_nearest(name: str, nearest: str | None) -> None:
    with pytest.raises(UnknownName) as caught:
        CATALOG.ci_type(name, "cis[0]")
    assert caught.value.nearest == nearest
    assert str(caught.value).startswith(f"cis[0]: unknown CI type '{name}'")


@pytest.mark.parametrize("name", [None, 3, ["server"], {"a": 1}])
def test_a_type_that_is_no_string_is_unknown(name: object) -> None:
    with pytest.raises(UnknownName):
        CATALOG.ci_type(name, "cis[0]")
    with pytest.raises(UnknownName):
        CATALOG.relation_type(name, "relations[0]")


def test_unknown_relation_type_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match="nearest known name: 'depends_on'"):
        CATALOG.relation_type("dependson", "relations[0]")


def test_unknown_parents_and_loops_are_refused() -> None:
    with pytest.raises(UnknownName, match="'server'"):
        CATALOG.extended((CIType("x", "X", "X", "X.", "servr"),), ())
    loop = (CIType("a", "A", "A", "A.", "b"), CIType("b", "B", "B", "B.", "a"))
    with pytest.raises(InvalidInput, match="loop"):
        CATALOG.extended(loop, ())
    with pytest.raises(InvalidInput, match="loop"):
        CATALOG.extended((CIType("device", "D", "D", "D.", "server"),), ())


def test_joins_of_unknown_types_are_refused() -> None:
    relation = RelationType("r", "s", "关", "R.", joins=((("=servr",), ("device",)),))
    with pytest.raises(UnknownName, match="'server'"):
        CATALOG.extended((), (relation,))


# --- joins -------------------------------------------------------------------------------------

FITS = [
    ("depends_on", "room", "person"), ("uses", "ip_address", "contract"),
    ("owned_by", "server", "team"), ("connects_to", "server", "switch"),
    ("connects_to", "circuit", "router"), ("connects_to", "network", "virtual_machine"),
    ("member_of", "firewall", "cluster"), ("member_of", "database", "cluster"),
    ("member_of", "person", "team"), ("member_of", "team", "organization"),
    ("runs_on", "database", "virtual_machine"), ("runs_on", "application", "database"),
    ("hosted_on", "virtual_machine", "cluster"), ("hosted_on", "virtual_machine", "hypervisor"),
    ("located_in", "rack", "room"), ("located_in", "room", "building"),
    ("located_in", "building", "site"), ("located_in", "site", "location"),
    ("located_in", "location", "location"), ("located_in", "ups", "room"),
    ("powered_by", "server", "pdu"), ("powered_by", "rack", "power_feed"),
    ("powered_by", "ups", "power_panel"), ("part_of", "document", "contract"),
    ("part_of", "ip_address", "network"), ("part_of", "vlan", "network"),
]  # fmt: skip
DOES_NOT_FIT = [
    ("connects_to", "application", "switch"), ("member_of", "server", "team"),
    ("member_of", "person", "cluster"), ("runs_on", "server", "database"),
    ("hosted_on", "server", "virtual_machine"), ("located_in", "site", "rack"),
    ("located_in", "site", "site"), ("located_in", "room", "rack"),
    ("located_in", "rack", "rack"), ("located_in", "site", "building"),
    ("located_in", "server", "server"), ("powered_by", "pdu", "server"),
    ("powered_by", "application", "ups"), ("part_of", "server", "room"),
    ("member_of", "cluster", "server"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "a", "b"), FITS)
def test_what_fits_is_joined(name: str, a: str, b: str) -> None:
    CATALOG.check_join(CATALOG.relation_types[name], (("k-1", a), ("k-2", b)), "relations[0]")


@pytest.mark.parametrize(("name", "a", "b"), DOES_NOT_FIT)
def test_what_does_not_fit_is_refused_and_what_would_is_named(name: str, a: str, b: str) -> None:
    relation = CATALOG.relation_types[name]
    with pytest.raises(NotJoinable) as caught:
        CATALOG.check_join(relation, (("k-1", a), ("k-2", b)), "relations[0]")
    message = str(caught.value)
    assert f"{name} cannot join {a} 'k-1' to {b} 'k-2'; it joins " in message
    assert relation.joins[0][1][0] in message
    assert "=" not in message


def test_fits_says_any_two_where_nothing_is_declared() -> None:
    assert CATALOG.relation_types["uses"].fits() == "any two configuration items"


def test_a_link_fits_in_either_direction() -> None:
    link = RelationType(
        "cable", "cable", "线", "C.", impact="link", joins=((("switch",), ("server",)),)
    )
    catalog = Catalog(CATALOG.ci_types.values(), (link,))
    assert catalog.joinable(link, "server", "switch")
    assert catalog.joinable(link, "switch", "server")
    assert not catalog.joinable(link, "server", "server")
