"""Objects of Kubernetes, with checked access to their fields."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cmdb.errors import CMDBError, DuplicateKey, MissingField, UnreadableInput, WrongValue, shown
from cmdb.identity.observation import ObservedItem, ObservedRelation
from cmdb.schema.catalog import builtin_catalog

SYSTEM = "kube-system"
"""The namespace every cluster has, and whose uid tells one cluster from another."""

CLUSTER = "cluster"


@dataclass(frozen=True, slots=True)
class Object:
    """One object; `place` names it in messages."""

    kind: str
    namespace: str
    name: str
    fields: dict[str, Any]
    place: str

    def get(self, *path: str) -> Any:
        """What stands at a path; None where there is nothing."""
        return dig(self.fields, *path)

    @property
    def labels(self) -> dict[str, str]:
        """Its labels."""
        return texts(self.get("metadata", "labels"))


def dig(value: Any, *path: str) -> Any:
    """What stands at a path of objects within objects; None where there is nothing."""
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def listed(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; nothing for what is none."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def strings(value: Any) -> list[str]:
    """The texts of a list; nothing for what is none."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def texts(value: Any) -> dict[str, str]:
    """The texts of an object, by name."""
    if not isinstance(value, dict):
        return {}
    return {name: one for name, one in value.items() if isinstance(one, str)}


@dataclass(slots=True)
class Objects:
    """All objects of a document, of one cluster."""

    document: Any
    cluster: str = ""
    server: str | None = None
    _found: dict[str, Object] = field(default_factory=dict)
    _errors: list[CMDBError] = field(default_factory=list)

    def __post_init__(self) -> None:
        document = self.document
        if isinstance(document, dict):
            server = document.get("server")
            self.server = server if isinstance(server, str) else None
            rows = document.get("items") if "items" in document else [document]
        else:
            rows = document
        if not isinstance(rows, list):
            detail = "Kubernetes objects must be a list, such as 'kubectl get -o json' gives"
            raise UnreadableInput(place="document", detail=detail)
        for position, row in enumerate(rows):
            self._take(row, f"items[{position}]")
        system = self.find("Namespace", "", SYSTEM)
        uid = system.get("metadata", "uid") if system else None
        self.cluster = str(uid or self.server or "kubernetes")

    def _take(self, row: Any, place: str) -> None:
        if not isinstance(row, dict):
            error = WrongValue(place=place, name="it", value=shown(row), expected="an object")
            self._errors.append(error)
            return
        kind, metadata = row.get("kind"), row.get("metadata")
        name = dig(metadata, "name")
        if not isinstance(kind, str) or not isinstance(name, str) or not name:
            missing = "metadata.name" if isinstance(kind, str) else "kind"
            self._errors.append(MissingField(place=place, name=missing))
            return
        namespace = str(dig(metadata, "namespace") or "")
        made = Object(kind, namespace, name, row, f"{place} {kind} {namespace}/{name}")
        key = f"{kind}/{namespace}/{name}"
        first = self._found.setdefault(key, made)
        if first is not made:
            self._errors.append(DuplicateKey(place=made.place, key=f"'{key}'", first=first.place))

    def of(self, *kinds: str) -> Iterator[Object]:
        """The objects of these kinds."""
        return (one for one in self._found.values() if one.kind in kinds)

    def find(self, kind: str, namespace: str, name: str) -> Object | None:
        """One object."""
        return self._found.get(f"{kind}/{namespace}/{name}")

    def key(self, one: Object) -> str:
        """The key of an object."""
        return f"{self.cluster}/{one.kind}/{one.namespace}/{one.name}"

    @property
    def cluster_key(self) -> str:
        """The key of the cluster itself."""
        return f"{self.cluster}/{CLUSTER}"

    def taken(self) -> list[CMDBError]:
        """The errors since the last call."""
        errors, self._errors = self._errors, []
        return errors

    def item(
        self, one: Object, ci_type: str, name: str, attributes: dict[str, Any], **more: Any
    ) -> ObservedItem:
        """An observed item; of its attributes those that say something and are good are kept."""
        said = {n: v for n, v in attributes.items() if v not in (None, "", [])}
        valid = builtin_catalog().check_attributes(ci_type, said, one.place, self._errors)
        evidence = {"kind": one.kind, "uid": one.get("metadata", "uid")}
        return ObservedItem(
            key=self.key(one),
            type=ci_type,
            place=one.place,
            name=name,
            attributes=valid,
            evidence={n: v for n, v in evidence.items() if v is not None},
            **more,
        )

    def relation(self, one: Object, relation: str, to: str, **more: Any) -> ObservedRelation:
        """A relation from an object."""
        return ObservedRelation(self.key(one), relation, to, place=one.place, **more)
