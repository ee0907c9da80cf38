"""YAML as plain data: what JSON can say, with comments and anchors, and nothing else.

The document is built from the parser's event stream, so that depth, aliases and their expanded size
are checked before anything grows. Unquoted words mean what they mean in YAML 1.2 and JSON: `no`,
`12:30` and `2026-03-01` are strings, not a boolean, a number and a date.
"""

import math
import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from cmdb.errors import UnreadableInput

MAX_DEPTH = 100
MAX_ALIASED = 1_000_000
TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels; flatten the structure"

_TAG = "tag:yaml.org,2002:"
_CONSTANTS = {"": None, "~": None} | {
    spelling: value
    for word, value in (("null", None), ("true", True), ("false", False))
    for spelling in (word, word.capitalize(), word.upper())
}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]{1,3})?")
_SCALAR_TAGS = {f"{_TAG}{name}": name for name in ("str", "int", "float", "bool", "null")}
_MERGE = "<<"


@dataclass(slots=True)
class _Value:
    """A finished value: how many nodes it has, aliases expanded, and how deep it goes."""

    value: Any
    size: int = 1
    depth: int = 1


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet."""

    value: list[Any] | dict[str, Any]
    anchor: str | None
    size: int = 1
    depth: int = 1
    key: str | None = None
    merges: list[dict[str, Any]] = field(default_factory=list)


def parse(data: bytes | str, place: str) -> Any:
    """The one document in `data`; UnreadableInput when it is not one of plain data."""
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(data)
    builder = _Builder(place)
    try:
        while loader.check_event():
            builder.take(loader.get_event())
    except yaml.MarkedYAMLError as error:
        problem = error.problem or error.context or "this is not YAML"
        if "nesting depth" in problem:  # newer parsers stop by themselves, some hundred levels on
            problem = TOO_DEEP
        raise builder.fault(error.problem_mark, problem) from None
    except yaml.YAMLError as error:
        detail = "this is not YAML: " + " ".join(str(error).split())
        raise UnreadableInput(place=place, detail=detail) from None
    finally:
        loader.dispose()
    if builder.result is None:
        raise UnreadableInput(place=place, detail="the file is empty")
    return builder.result.value


class _Builder:
    """Takes the events of a document and keeps what is not finished on a stack of its own."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.result: _Value | None = None
        self._stack: list[_Open] = []
        self._anchors: dict[str, _Value | None] = {}
        self._aliased = 0

    def fault(self, mark: Any, problem: str) -> UnreadableInput:
        """An error with its line and column."""
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        return UnreadableInput(place=self.place, detail=f"{where}{problem}")

    def take(self, event: Any) -> None:
        """Build on with the next event."""
        if isinstance(event, yaml.ScalarEvent):
            self._finished(_Value(self._scalar(event)), event.anchor, event)
        elif isinstance(event, yaml.AliasEvent):
            self._finished(self._alias(event), None, event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._start(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            done = self._stack.pop()
            self._finished(self._closed(done), done.anchor, event)
        elif isinstance(event, yaml.DocumentStartEvent) and self.result is not None:
            raise self.fault(event.start_mark, "a second document begins; split the file")

    def _start(self, event: Any) -> None:
        mapping = isinstance(event, yaml.MappingStartEvent)
        if event.tag not in (None, "!", _TAG + ("map" if mapping else "seq")):
            raise self._wrong_tag(event)
        if len(self._stack) >= MAX_DEPTH:
            raise self._too_deep(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._stack.append(_Open({} if mapping else [], event.anchor))

    def _closed(self, done: _Open) -> _Value:
        if done.merges and isinstance(done.value, dict):
            for merged in done.merges:
                for name, value in merged.items():
                    done.value.setdefault(name, value)
        return _Value(done.value, done.size, done.depth)

    def _alias(self, event: Any) -> _Value:
        try:
            found = self._anchors[event.anchor]
        except KeyError:
            raise self.fault(event.start_mark, f"no anchor '&{event.anchor}' before it") from None
        if found is None:
            raise self.fault(
                event.start_mark, f"alias '*{event.anchor}' stands inside its own value; remove it"
            )
        self._aliased += found.size
        if self._aliased > MAX_ALIASED:
            raise self.fault(
                event.start_mark,
                f"aliases expand to more than {MAX_ALIASED:,} values; write them out",
            )
        return found

    def _finished(self, done: _Value, anchor: str | None, event: Any) -> None:
        if anchor is not None:
            self._anchors[anchor] = done
        if not self._stack:
            self.result = done
            return
        parent = self._stack[-1]
        parent.size += done.size
        if done.depth >= parent.depth:
            parent.depth = done.depth + 1
            if parent.depth + len(self._stack) > MAX_DEPTH:
                raise self._too_deep(event)
        if isinstance(parent.value, list):
            parent.value.append(done.value)
        elif parent.key is None:
            parent.key = self._key(done.value, event)
        else:
            self._put(parent.value, parent, done.value, event)
            parent.key = None

    def _put(self, target: dict[str, Any], parent: _Open, value: Any, event: Any) -> None:
        if parent.key != _MERGE:
            target[parent.key or ""] = value
            return
        merged = value if isinstance(value, list) else [value]
        if not all(isinstance(one, dict) for one in merged):
            raise self.fault(event.start_mark, "'<<' must name a mapping, or a list of them")
        parent.merges += merged

    def _key(self, value: Any, event: Any) -> str:
        if isinstance(value, str):
            return value
        kind = "a list or mapping" if isinstance(value, list | dict) else f"{event.value!r}"
        raise self.fault(event.start_mark, f"the name {kind} is not a string; put it in quotes")

    def _scalar(self, event: Any) -> Any:
        text: str = event.value
        if event.tag is None:
            return _plain(text) if event.implicit[0] else text
        name = _SCALAR_TAGS.get(event.tag)
        if event.tag == "!" or name == "str":
            return text
        value = _plain(text)
        if name == "float" and type(value) is int:
            return float(value)
        kinds = {"int": int, "float": float, "bool": bool, "null": type(None)}
        if name is None or type(value) is not kinds[name]:
            raise self._wrong_tag(event)
        return value

    def _wrong_tag(self, event: Any) -> UnreadableInput:
        tag = event.tag.replace(_TAG, "!!")
        return self.fault(event.start_mark, f"the tag '{tag}' is not allowed here; remove it")

    def _too_deep(self, event: Any) -> UnreadableInput:
        return self.fault(event.start_mark, TOO_DEEP)


def _plain(text: str) -> Any:
    """What an unquoted word means."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] in "-+0123456789":
        if _INTEGER.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
            return number
    return text
