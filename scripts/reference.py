"""Write the pages of docs/reference/ from the code: `python -m scripts.reference`."""

from pathlib import Path

from cmdb.schema.catalog import builtin_catalog
from cmdb.schema.declarations import Identifier
from scripts import reference_discovery, reference_tickets

FOLDER = Path(__file__).parents[1] / "docs" / "reference"


def pages() -> dict[str, str]:
    """All pages, by the names of their files."""
    return {
        "types.md": types_page(),
        "discovery.md": reference_discovery.page(),
        "tickets.md": reference_tickets.page(),
    }


def types_page() -> str:
    """The reference page of all built-in types."""
    catalog = builtin_catalog()
    lines = [
        "# Types",
        "",
        "Generated from the declarations in `cmdb/schema/catalog/`; do not edit.",
        "",
        "## CI types",
    ]
    for name, declared in sorted(catalog.ci_types.items()):
        chain = " › ".join(f"`{one}`" for one in reversed(catalog.ancestors[name]))
        lines += [
            "",
            f"### `{name}` — {declared.label} ({declared.label_zh})",
            "",
            f"{declared.description} {chain}. Fresh for {catalog.freshness[name].days} days.",
        ]
        if declared.identifiers:
            lines += ["", "| identified by | strength | meaning |", "|---|---|---|"]
            lines += [
                f"| {_identifier(one)} | {one.strength} | {one.description} |"
                for one in declared.identifiers
            ]
        if declared.attributes:
            lines += ["", "| attribute | value | meaning |", "|---|---|---|"]
            lines += [
                f"| `{a.name}` | {a.expected()} | {a.description} |" for a in declared.attributes
            ]
    lines += [
        "",
        "## Relation types",
        "",
        "| name | read backwards | impact | strength | default group | joins |",
        "|---|---|---|---|---|---|",
    ]
    for one in catalog.relation_types.values():
        group = f"`{one.group}`, need {one.need}" if one.group else ""
        strength = one.strength if one.impact in ("to→from", "from→to", "both") else ""
        joins = one.fits().replace("=", "")
        lines.append(
            f"| `{one.name}` | {one.reverse} | {one.impact} | {strength} | {group} | {joins} |"
        )
    return "\n".join(lines) + "\n"


def _identifier(one: Identifier) -> str:
    words = " + ".join(f"`{name}`" for name in one.attributes)
    places = [
        "within its site" if one.scope == "site" else "",
        "within its host" if one.within else "",
        "may be cloned" if one.clonable else "",
    ]
    notes = ", ".join(place for place in places if place)
    return f"{words} ({notes})" if notes else words


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
