"""The rows of a dump, found by model and primary key, with checked access to their fields.

Whoever reads a field gets a good value or None; what is wrong is noted once in `Dump.errors`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from cmdb.errors import (
    CMDBError,
    DuplicateKey,
    InvalidInput,
    MissingField,
    UnknownName,
    UnreadableInput,
    WrongValue,
)
from discovery.agents.netbox.tables import LIFECYCLE, lifecycle

PK = int | str

_MODELS: dict[str, tuple[str, ...]] = {
    "circuits": ("circuit", "circuittermination", "circuittype", "provider", "providernetwork"),
    "contenttypes": ("contenttype",),
    "dcim": (
        *("cable", "cabletermination", "device", "devicebay", "devicerole", "devicetype"),
        *("frontport", "interface", "location", "macaddress", "manufacturer", "platform"),
        *("powerfeed", "poweroutlet", "powerpanel", "powerport", "rack", "rearport"),
        *("region", "site", "virtualchassis"),
    ),
    "ipam": ("ipaddress", "prefix", "role", "vlan", "vlangroup", "vrf"),
    "tenancy": ("contact", "contactassignment", "contactrole", "tenant"),
    "virtualization": ("cluster", "clustertype", "virtualmachine", "vminterface"),
}
MODELS = frozenset(f"{app}.{name}" for app, names in _MODELS.items() for name in names)
"""The models that are read; others are passed over."""


@dataclass(slots=True, eq=False)
class Row:
    """One row of the dump. `key` names it, in messages as well."""

    model: str
    pk: PK
    key: str
    fields: dict[str, Any]
    dump: "Dump"

    def text(self, name: str) -> str | None:
        """A string that is not empty."""
        value = self.fields.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            self._wrong(name, value, "a string")
            return None
        return value

    def required_text(self, name: str) -> str | None:
        """A string that must be there."""
        if self.fields.get(name) in (None, ""):
            self.dump.note(self, name, MissingField(place=self.key, name=name))
            return None
        return self.text(name)

    def number(self, name: str) -> float | int | None:
        """A number; NetBox writes decimals as strings."""
        value = self.fields.get(name)
        if value is None or value == "":
            return None
        try:
            if isinstance(value, bool | list | dict):
                raise ValueError
            number = float(value)
            if number != number or abs(number) > 1e15:
                raise ValueError
        except (TypeError, ValueError, OverflowError):
            self._wrong(name, value, "a number")
            return None
        return int(number) if number.is_integer() else number

    def flag(self, name: str) -> bool:
        """Whether a boolean field is set."""
        value = self.fields.get(name)
        if value is not None and not isinstance(value, bool):
            self._wrong(name, value, "true or false")
        return value is True

    def ref(self, name: str, model: str) -> "Row | None":
        """The row of `model` that a field refers to."""
        pk = self.fields.get(name)
        if pk is None:
            return None
        if not _is_pk(pk):
            self._wrong(name, pk, f"the primary key of a {model}")
            return None
        found = self.dump.get(model, pk)
        if found is None:
            self.dump.note(self, name, _dangling(self.key, name, f"{model}:{pk}"))
        return found

    def generic(self, type_name: str, id_name: str) -> "Row | None":
        """The row that a pair of fields refers to; None too when its model is not read."""
        model, pk = self.dump.model_of(self.fields.get(type_name)), self.fields.get(id_name)
        if model not in MODELS or pk is None:
            return None
        return self.ref(id_name, model)

    def status(self) -> str | None:
        """The lifecycle status; one that NetBox was taught by its administrator is an error."""
        value = self.text("status")
        if value is None:
            return None
        found = lifecycle(self.model, value)
        if found is None:
            error = UnknownName(place=self.key, kind="NetBox status", name=value, known=LIFECYCLE)
            self.dump.note(self, "status", error)
        return found

    def label(self, name: str, model: str, of: str = "name") -> str | None:
        """A string field of the row that a field refers to."""
        found = self.ref(name, model)
        return found.text(of) if found else None

    def _wrong(self, name: str, value: Any, expected: str) -> None:
        shown = repr(value) if isinstance(value, bool | int | float | str) else type(value).__name__
        shown = shown if len(shown) <= 60 else shown[:57] + "…"
        error = WrongValue(place=self.key, name=f"'{name}'", value=shown, expected=expected)
        self.dump.note(self, name, error)


@dataclass(slots=True, eq=False)
class Dump:
    """All rows of a dump that matter, by model and primary key in order."""

    errors: list[CMDBError] = field(default_factory=list)
    _rows: dict[str, dict[PK, Row]] = field(default_factory=dict)
    _noted: set[tuple[str, str]] = field(default_factory=set)

    def rows(self, *models: str) -> Iterator[Row]:
        """The rows of these models."""
        for model in models:
            yield from self._rows.get(model, {}).values()

    def get(self, model: str, pk: PK) -> Row | None:
        """One row."""
        return self._rows.get(model, {}).get(pk)

    def model_of(self, content_type: Any) -> str | None:
        """The model a content type stands for: `[app, model]`, or a key of the dump's own."""
        if isinstance(content_type, list) and len(content_type) == 2:
            return ".".join(str(part) for part in content_type).lower()
        if isinstance(content_type, str):
            return content_type.lower()
        row = self.get("contenttypes.contenttype", content_type) if _is_pk(content_type) else None
        return f"{row.text('app_label')}.{row.text('model')}" if row else None

    def note(self, row: Row, name: str, error: CMDBError) -> None:
        """Keep an error, one for each field of a row."""
        if (row.key, name) not in self._noted:
            self._noted.add((row.key, name))
            self.errors.append(error)

    def taken(self) -> list[CMDBError]:
        """The errors noted since the last call."""
        errors, self.errors = self.errors, []
        return errors

    def add(self, raw: Any, place: str, seen: dict[str, str]) -> None:
        """Take in one row of the document, or note what is wrong with it."""
        if not isinstance(raw, dict):
            self.errors.append(
                WrongValue(
                    place=place, name="it", value=type(raw).__name__, expected="a row with 'model'"
                )
            )
            return
        model, pk, fields = raw.get("model"), raw.get("pk"), raw.get("fields")
        if not isinstance(model, str):
            self.errors.append(MissingField(place=place, name="model"))
            return
        model = model.lower()
        if model not in MODELS or (model == "contenttypes.contenttype" and pk is None):
            return
        if not _is_pk(pk) or not isinstance(fields, dict):
            self.errors.append(_incomplete(place, model, pk, fields))
            return
        key = f"{model}:{pk}"
        first = seen.setdefault(key, place)
        if first != place:
            self.errors.append(DuplicateKey(place=place, key=key, first=first))
            return
        self._rows.setdefault(model, {})[pk] = Row(model, pk, key, fields, self)


def read(document: Any) -> Dump:
    """The dump in a document; UnreadableInput when it is not one."""
    if not isinstance(document, list) or (
        document and not any(isinstance(raw, dict) and "model" in raw for raw in document)
    ):
        raise UnreadableInput(
            place="document",
            detail=(
                "a NetBox dump must be a list of rows with 'model', 'pk' and 'fields'; "
                "make one with 'manage.py dumpdata'"
            ),
        )
    dump, seen = Dump(), dict[str, str]()
    for position, raw in enumerate(document):
        dump.add(raw, f"rows[{position}]", seen)
    return dump


def _is_pk(value: Any) -> TypeGuard[PK]:
    return (type(value) is int and value.bit_length() < 64) or (
        isinstance(value, str) and 0 < len(value) <= 100 and value.isprintable()
    )


def _incomplete(place: str, model: str, pk: Any, fields: Any) -> CMDBError:
    if _is_pk(pk):
        place = f"{place} {model}:{pk}"
    else:
        place = f"{place} {model}"
        if pk is None:
            return MissingField(place=place, name="pk")
        return WrongValue(
            place=place, name="'pk'", value=type(pk).__name__, expected="a number or a string"
        )
    if fields is None:
        return MissingField(place=place, name="fields")
    return WrongValue(
        place=place, name="'fields'", value=type(fields).__name__, expected="an object"
    )


def _dangling(place: str, name: str, target: str) -> InvalidInput:
    return InvalidInput(
        place=place,
        detail=f"field '{name}' refers to {target}, which is not in the dump; "
        "dump that model too, or clear the field",
    )
