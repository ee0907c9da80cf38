"""Tickets of other systems in our words, by a mapping."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

from cmdb.errors import (
    CMDBError,
    InvalidInput,
    MissingField,
    Rejected,
    UnknownName,
    WrongValue,
    shown,
)
from cmdb.tickets.foreign import ANYTHING, NAMES, Comment, ForeignTicket, TicketMapping
from cmdb.tickets.forms import COMMON_FIELDS, LEVELS, form_errors
from cmdb.tickets.process import FormField, Process

LEVEL_NAMES: dict[str, int] = {
    **{"1": 1, "p1": 1, "critical": 1, "highest": 1, "high": 1, "urgent": 1, "高": 1, "紧急": 1},
    **{"2": 2, "p2": 2, "medium": 2, "normal": 2, "moderate": 2, "中": 2, "普通": 2},
    **{"3": 3, "p3": 3, "low": 3, "lowest": 3, "低": 3},
}
"""Priorities, impacts and urgencies as people call them everywhere."""

LEVELLED = ("priority", "impact", "urgency")
TRUTHS = {"true": True, "yes": True, "是": True, "false": False, "no": False, "否": False}
TIMES = ("opened", "updated", "resolved", "closed")
MOST_ID = 200
MOST_ITEMS = 100


def translated(
    mapping: TicketMapping, processes: Mapping[str, Process], said: Mapping[str, Any], place: str
) -> ForeignTicket:
    """What another system says of a ticket in our words; Rejected with everything that is wrong."""
    return _Reader(mapping, processes, said, place).ticket()


def fields_of(process: Process) -> tuple[FormField, ...]:
    """All fields of its tickets."""
    return (*COMMON_FIELDS, *process.fields)


def key_of(name: str) -> str:
    """A name as it is compared: case and spaces do not matter."""
    return "_".join(name.casefold().split())


def names_of(mapping: TicketMapping, process: Process, said: Mapping[str, Any]) -> dict[str, str]:
    """What of it is meant by what is said: their name → ours; what is not known is left out."""
    known = {key_of(one): name for name, others in NAMES.items() for one in (name, *others)}
    for one in fields_of(process):
        known |= {key_of(label): one.name for label in (one.label, one.label_zh)}
    known |= {one.name: one.name for one in fields_of(process)}
    chosen = {path: ours for path, ours in mapping.fields.items() if ours}
    mentioned = {path.partition(".")[0] for path in mapping.fields} | mapping.fields.keys()
    named = set(chosen.values())
    for name in said:
        ours = known.get(key_of(name))
        if name not in mentioned and ours is not None and ours not in named:
            chosen[name] = ours
            named.add(ours)
    return chosen


def value_at(said: Mapping[str, Any], path: str) -> Any:
    """What stands at a dotted path; a name that holds the dots itself goes before."""
    if path in said:
        return said[path]
    value: Any = said
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


class _Reader:
    def __init__(
        self,
        mapping: TicketMapping,
        processes: Mapping[str, Process],
        said: Mapping[str, Any],
        place: str,
    ) -> None:
        self.mapping, self.place = mapping, place
        self.errors: list[CMDBError] = []
        self.process = self._process(processes, said)
        given = (
            (ours, value_at(said, p)) for p, ours in names_of(mapping, self.process, said).items()
        )
        self.said = {ours: value for ours, value in given if not _nothing(value)}

    def _process(self, processes: Mapping[str, Process], said: Mapping[str, Any]) -> Process:
        first = processes.get(self.mapping.kind) or next(iter(processes.values()))
        named = names_of(self.mapping, first, said)
        paths = [path for path, ours in named.items() if ours == "kind"]
        value = value_at(said, paths[0]) if paths else None
        kind = self.mapping.kind if _nothing(value) else _mapped(self.mapping.kinds, value)
        for process in processes.values():
            if key_of(str(kind)) == process.kind:
                return process
        raise UnknownName(
            place=self.place, kind="kind of ticket", name=str(kind)[:64], known=processes
        )

    def ticket(self) -> ForeignTicket:
        """The ticket; Rejected."""
        times = {name: at for name in TIMES if (at := self._time(name)) is not None}
        read = ForeignTicket(
            self._id(),
            self.process.kind,
            str(self.said.get("ticket", "")).strip(),
            self._state(),
            self._version(),
            dict(self._values()),
            self._items(),
            tuple(self._comments()),
            times,
        )
        if self.errors:
            raise Rejected(self.errors)
        return read

    def _id(self) -> str:
        number = str(self.said.get("id", "")).strip()
        if not number:
            self.errors.append(MissingField(place=self.place, name="id"))
        elif len(number) > MOST_ID or not number.isprintable():
            self._wrong("id", number, f"1 to {MOST_ID} printable characters")
        return number

    def _state(self) -> str:
        value = self.said.get("state")
        if value is None:
            return ""
        mapped = _mapped(self.mapping.states, value)
        known = {key_of(one.name): one.name for one in self.process.steps}
        for state in self.process.states:
            labels = (state.label_zh, state.label, state.name)
            known |= {key_of(label): state.name for label in labels}
        found = known.get(key_of(str(mapped)))
        if found is None:
            names = ", ".join(one.name for one in self.process.states)
            self._wrong("state", value, f"one of {names}, or a name in 'states' of the mapping")
        return found or ""

    def _version(self) -> float | None:
        value = self.said.get("version")
        if value is None:
            return None
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            number = float("nan")
        if isinstance(value, bool) or not isfinite(number):
            self._wrong("version", value, "a number")
            return None
        return number

    def _time(self, name: str) -> float | None:
        value = self.said.get(name)
        if value is None:
            return None
        at = moment_of(self.mapping, value)
        if at is None:
            form = self.mapping.time_format or "an ISO 8601 time such as 2026-12-01T22:00:00Z"
            self._wrong(name, value, form)
        return at

    def _values(self) -> Iterator[tuple[str, Any]]:
        values = {}
        for one in fields_of(self.process):
            if one.name in self.said:
                values[one.name] = self._value(one, self.said[one.name])
        good = {name: value for name, value in values.items() if value is not None}
        self.errors += form_errors(fields_of(self.process), good, self.place)
        yield from good.items()

    def _value(self, field: FormField, value: Any) -> Any:
        if field.many:
            listed = value if isinstance(value, list) else str(value).split(";")
            return [self._single(field, one) for one in listed if not _nothing(one)]
        return self._single(field, value)

    def _single(self, field: FormField, value: Any) -> Any:
        """One value of a field; what does not fit is an error, or stays for the form to refuse."""
        mapping = self.mapping
        if field.name in mapping.values:
            value = _mapped(mapping.values[field.name], value)
        if field.name in LEVELLED:
            return self._level(field.name, value)
        text = value.strip() if isinstance(value, str) else value
        match field.type:
            case "person":
                return str(_mapped(mapping.people, text))
            case "team":
                return str(_mapped(mapping.teams, text))
            case "number":
                return _number(text)
            case "flag":
                return TRUTHS.get(str(text).casefold(), text)
            case "moment":
                at = moment_of(mapping, text)
                return text if at is None else datetime.fromtimestamp(at, UTC).isoformat()
            case "choice":
                by_key = {key_of(one): one for one in field.choices}
                return by_key.get(key_of(str(text)), text)
        return text if isinstance(text, str | dict | list) else str(text)

    def _level(self, name: str, value: Any) -> int | None:
        known = self.mapping.priorities if name == "priority" else {}
        mapped = _mapped(known, value)
        if isinstance(mapped, float) and mapped.is_integer():
            mapped = int(mapped)
        level = LEVEL_NAMES.get(str(mapped).strip().casefold())
        if level not in LEVELS:
            where = "'priorities'" if name == "priority" else "'values'"
            self._wrong(name, value, f"1, 2 or 3, or a name in {where} of the mapping")
            return None
        return level

    def _items(self) -> tuple[Any, ...]:
        value = self.said.get("item", ())
        listed = value if isinstance(value, list | tuple) else [value]
        parts: list[Any] = []
        for one in listed:
            if isinstance(one, str):
                parts += [part.strip() for part in one.split(";") if part.strip()]
            elif isinstance(one, dict) and one and all(isinstance(n, str) for n in one):
                parts.append(one)
            elif not _nothing(one):
                self._wrong("item", one, "a reference, or attributes of one CI")
        if len(parts) > MOST_ITEMS:
            detail = f"it names more than {MOST_ITEMS} CIs; name those that matter"
            self.errors.append(InvalidInput(place=self.place, detail=detail))
        return tuple(parts[:MOST_ITEMS])

    def _comments(self) -> Iterator[Comment]:
        value = self.said.get("comments", ())
        for one in value if isinstance(value, list | tuple) else [value]:
            if isinstance(one, Mapping):
                text = {n: str(one.get(n) or "").strip() for n in ("text", "by", "at", "id")}
                if text["text"]:
                    yield Comment(**text, public=one.get("public") is True)
            elif not _nothing(one):
                yield Comment(str(one).strip())

    def _wrong(self, name: str, value: Any, expected: str) -> None:
        self.errors.append(
            WrongValue(place=self.place, name=f"'{name}'", value=shown(value), expected=expected)
        )


def moment_of(mapping: TicketMapping, value: Any) -> float | None:
    """A time of theirs in seconds since 1970; None for what is none."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC).timestamp()
        text = str(value).strip()
        if mapping.time_format:
            when = datetime.strptime(text, mapping.time_format)
        else:
            when = datetime.fromisoformat(text)
        if when.tzinfo is None:
            when = when.replace(tzinfo=ZoneInfo(mapping.zone))
        at = when.timestamp()
        datetime.fromtimestamp(at, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return at


def _mapped(known: Mapping[str, Any], value: Any) -> Any:
    """Ours for a value of theirs, as it is written, or but for case and spaces."""
    text = str(value).strip()
    if text in known:
        return known[text]
    for theirs, ours in known.items():
        if key_of(theirs) == key_of(text):
            return ours
    return known.get(ANYTHING, value)


def _number(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        number = float(value)
    except ValueError:
        return value
    return int(number) if number.is_integer() else number if isfinite(number) else value


def _nothing(value: Any) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())
