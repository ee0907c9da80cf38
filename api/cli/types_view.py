"""Types as people read them: a tree of CI types, and all of one type."""

from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from api.cli.output import table
from api.cli.words import language, say
from cmdb.schema.attributes import Attribute
from cmdb.schema.declarations import CIType, RelationType
from cmdb.schema.model import Catalog


def label(declared: CIType) -> str:
    """The type's label in the user's language."""
    return declared.label_zh if language().startswith("zh") else declared.label


def tree(catalog: Catalog) -> Tree:
    """All CI types below their parents."""
    below: dict[str | None, list[CIType]] = {}
    for declared in catalog.ci_types.values():
        below.setdefault(declared.parent, []).append(declared)
    top = Tree("", hide_root=True)
    todo: list[tuple[Tree, str | None]] = [(top, None)]
    while todo:
        branch, parent = todo.pop()
        for declared in sorted(below.get(parent, ()), key=lambda t: t.name):
            text = Text(declared.name, style="bold").append(f"  {label(declared)}", "dim")
            todo.append((branch.add(text), declared.name))
    return top


def ci_type_parts(catalog: Catalog, name: str) -> Iterator[RenderableType]:
    """One CI type with its own and inherited attributes."""
    declared = catalog.ci_types[name]
    yield Text(f"{name}  {label(declared)}", style="bold")
    yield Text(declared.description)
    below = sorted(t.name for t in catalog.ci_types.values() if t.parent == name)
    days = say("{days} days", days=catalog.freshness[name].days)
    yield _facts(
        ("parents", " < ".join(catalog.ancestors[name][1:])),
        ("below", ", ".join(below)),
        ("confirmed every", days),
        ("code rule", _code(catalog, name)),
        ("names", catalog.name_patterns[name].text if name in catalog.name_patterns else ""),
    )
    rows = [
        (a.name, _kind(a), a.unit or "", _values(a), ancestor, a.description)
        for ancestor in catalog.ancestors[name]
        for a in catalog.ci_types[ancestor].attributes
        if catalog.attributes[name][a.name] is a
    ]
    yield table(("attribute", "kind", "unit", "values", "declared by", "description"), rows)


def relation_table(catalog: Catalog) -> Table:
    """All relation types."""
    rows = [
        (
            one.name,
            one.label_zh if language().startswith("zh") else one.reverse,
            one.impact,
            one.strength,
            one.group or "",
            one.fits().replace("=", ""),
        )
        for one in sorted(catalog.relation_types.values(), key=lambda t: t.name)
    ]
    second = "name" if language().startswith("zh") else "reads backwards"
    return table(("type", second, "impact", "strength", "group", "joins"), rows)


def relation_type_parts(declared: RelationType) -> Iterator[RenderableType]:
    """One relation type."""
    yield Text(f"{declared.name}  {declared.label_zh}", style="bold")
    yield Text(declared.description)
    yield _facts(
        ("reads backwards", declared.reverse),
        ("impact", declared.impact),
        ("strength", declared.strength),
        ("group", declared.group or ""),
        ("need", "" if declared.need is None else declared.need),
        ("joins", declared.fits().replace("=", "")),
        ("confirmed every", say("{days} days", days=declared.freshness.days)),
    )


def _facts(*facts: tuple[str, Any]) -> Table:
    made = Table(box=None, pad_edge=False, show_header=False)
    made.add_column(style="dim")
    made.add_column(overflow="fold")
    for name, value in facts:
        if value != "":
            made.add_row(say(name), Text(str(value)))
    return made


def _code(catalog: Catalog, name: str) -> str:
    rule = catalog.codes.get(name)
    return "" if rule is None else f"{rule.attribute} {rule.pattern}"


def _kind(attribute: Attribute) -> str:
    return f"list of {attribute.kind}" if attribute.many else attribute.kind


def _values(attribute: Attribute) -> str:
    words = ", ".join(attribute.choices)
    if attribute.minimum is not None or attribute.maximum is not None:
        low = "" if attribute.minimum is None else f"{attribute.minimum:g}"
        high = "" if attribute.maximum is None else f"{attribute.maximum:g}"
        words += f"{low}…{high}"
    return words
