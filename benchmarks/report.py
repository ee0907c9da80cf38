"""Figures as Markdown: `python -m benchmarks.report JSON… [--into docs/measurements.md]`.

In the page, what stands between `<!-- figures NAME -->` and `<!-- end -->` becomes the table of
that name, and `<!-- figures environment -->` the machine and the versions.
"""

import argparse
import json
import re
from pathlib import Path
from typing import Any

SMALL, LARGE = 10, 1_000
PLACE = re.compile(r"(<!-- figures ([a-z_.]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def cell(value: Any) -> str:
    """A figure with three digits or so."""
    if value is None:
        return "–"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int) or abs(value) >= LARGE:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < SMALL else f"{value:.1f}"


def markdown(rows: list[dict[str, Any]]) -> str:
    """A table."""
    names = list(rows[0])
    lines = [names, ["---:"] * len(names), *([cell(v) for v in row.values()] for row in rows)]
    lines[0] = [re.sub(r"_us$", "_µs", name).replace("_", " ") for name in names]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def filled(page: str, parts: dict[str, str]) -> str:
    """The page with these parts in their places; places of others stay as they are."""
    return PLACE.sub(lambda found: found[1] + parts.get(found[2], found[3]) + found[4], page)


def main() -> None:
    """Print, or fill in."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="JSON")
    parser.add_argument("--into", type=Path, metavar="PAGE")
    arguments = parser.parse_args()
    parts: dict[str, str] = {}
    titles: dict[str, str] = {}
    for path in arguments.files:
        content = json.loads(path.read_text())
        words = (f"{k.replace('_', ' ')} {v}" for k, v in content["environment"].items())
        parts["environment"] = "; ".join(words) + "\n"
        for table in content["tables"]:
            parts[table["name"]] = markdown(table["rows"])
            titles[table["name"]] = table["title"]
    if arguments.into is None:
        for name, text in parts.items():
            print(f"## {titles.get(name, name)}\n\n{text}")
        return
    page = arguments.into.read_text()
    arguments.into.write_text(filled(page, parts))


if __name__ == "__main__":
    main()
