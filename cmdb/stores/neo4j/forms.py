"""How records look in Neo4j: labels, relationship types, properties, and back."""

import re
from collections.abc import Callable, Iterable
from typing import Any

import orjson

from cmdb.identity.claims import Claim, Kind
from cmdb.schema.records import ConfigurationItem, Relation

Labels = Callable[[str], tuple[str, ...]]
"""The names of a CI type and its parents."""

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
ROOT_TYPE = "ci"
RESERVED = frozenset(
    {
        "key",
        "name",
        "type",
        "status",
        "network_root",
        "redundancy",
        "number",
        "seq",
        "attributes_json",
    }
)
OWN_LABELS = frozenset(
    {
        "CI",
        "Claim",
        "RelationClaim",
        "Identifier",
        "Commit",
        "LogEntry",
        "Counter",
        "Migration",
        "StoredDocument",
        "Ticket",
        "FormerCI",
        "AttachedContent",
    }
)
CLAIM_LABEL: dict[Kind, str] = {"ci": "Claim", "relation": "RelationClaim"}

ITEM = "properties(c)"
RELATION = (
    "[r.number, startNode(r).key, type(r), endNode(r).key, r.group, r.id, r.strength,"
    " r.attributes, r.seq]"
)
CLAIM = (
    "[x.source, x.key, x.subject, x.observed_at, x.confirmed_at, x.run, x.body, x.withdrawn,"
    " x.founded, x.origin, x.from_end, x.to_end]"
)


def dump(value: Any) -> str:
    """Compact JSON text."""
    return orjson.dumps(value).decode()


def checked(name: str) -> str:
    """A name that is safe as a label, relationship type or property; ValueError otherwise."""
    if not NAME.fullmatch(name):
        raise ValueError(f"'{name}' is not the name of a type or attribute")
    return name


def label(type_name: str) -> str:
    """The label of a CI type: `virtual_machine` is `VirtualMachine`."""
    camel = "".join(part.capitalize() for part in checked(type_name).split("_"))
    return f"{camel}CI" if camel in OWN_LABELS else camel


def labels_of(chain: Iterable[str]) -> list[str]:
    """All labels of a CI: `CI`, then its type's parents from above, then its type."""
    return ["CI", *(label(name) for name in reversed(tuple(chain)) if name != ROOT_TYPE)]


def pattern(labels: Iterable[str]) -> str:
    """Labels as Cypher writes them."""
    return "".join(f":`{one}`" for one in labels)


def relationship(relation_type: str) -> str:
    """The relationship type of a relation type, quoted: `depends_on` is `DEPENDS_ON`."""
    return f"`{checked(relation_type).upper()}`"


def _scalar(value: Any) -> bool:
    if type(value) is int:
        return -(2**63) <= value < 2**63
    return type(value) in (str, bool, float)


def native(name: str, value: Any) -> bool:
    """Whether an attribute can be a property of its own, and comes back as it was put."""
    if name in RESERVED or not NAME.fullmatch(name):
        return False
    if type(value) is list:
        return all(_scalar(one) and type(one) is type(value[0]) for one in value)
    return _scalar(value)


def item_properties(item: ConfigurationItem) -> dict[str, Any]:
    """The properties of a CI's node; what Neo4j cannot hold goes into `attributes_json`."""
    properties = {k: v for k, v in item.attributes.items() if native(k, v)}
    if len(properties) < len(item.attributes):
        rest = {k: v for k, v in item.attributes.items() if k not in properties}
        properties["attributes_json"] = dump(rest)
    if item.redundancy:
        properties["redundancy"] = dump(item.redundancy)
    properties.update(
        key=item.key,
        type=item.type,
        name=item.name,
        status=item.status,
        network_root=item.network_root,
        number=item.number,
        seq=item.seq,
    )
    return properties


def item(properties: dict[str, Any]) -> ConfigurationItem:
    """The CI of a node's properties."""
    attributes = {k: properties[k] for k in sorted(properties) if k not in RESERVED}
    if "attributes_json" in properties:
        attributes.update(orjson.loads(properties["attributes_json"]))
    redundancy = properties.get("redundancy")
    return ConfigurationItem(
        key=properties["key"],
        type=properties["type"],
        name=properties["name"],
        status=properties["status"],
        network_root=properties["network_root"],
        redundancy=orjson.loads(redundancy) if redundancy else {},
        attributes=attributes,
        number=properties["number"],
        seq=properties["seq"],
    )


def relation_properties(relation: Relation) -> tuple[Any, ...]:
    """`number, seq, group, id, strength, attributes` of a relationship; None is left out."""
    attributes = dump(relation.attributes) if relation.attributes else None
    return (
        relation.number,
        relation.seq,
        relation.group or None,
        relation.id or None,
        relation.strength,
        attributes,
    )


def relation(row: list[Any]) -> Relation:
    """The relation of a RELATION row."""
    number, from_key, type_name, to_key, group, label_, strength, attributes, seq = row
    return Relation(
        from_key,
        type_name.lower(),
        to_key,
        group,
        label_,
        strength,
        orjson.loads(attributes) if attributes else {},
        number,
        seq,
    )


def claim_row(claim: Claim) -> list[Any]:
    """A claim's properties in the order of CLAIM."""
    return [
        claim.source,
        claim.key,
        claim.subject,
        float(claim.observed_at),
        float(claim.confirmed_at),
        claim.run,
        None if claim.body is None else dump(claim.body),
        claim.withdrawn,
        claim.founded,
        claim.origin,
        *(claim.ends or (None, None)),
    ]


def claim(kind: Kind, row: list[Any]) -> Claim:
    """The claim of a CLAIM row."""
    (
        source,
        key,
        subject,
        observed_at,
        confirmed_at,
        run,
        body,
        withdrawn,
        founded,
        origin,
        *ends,
    ) = row
    return Claim(
        kind,
        source,
        key,
        subject,
        observed_at,
        confirmed_at,
        run,
        None if body is None else orjson.loads(body),
        withdrawn,
        founded,
        origin,
        None if ends[0] is None else (ends[0], ends[1]),
    )
