"""Measure: `python -m benchmarks [SUBJECT…] [--size N]… [--json FILE]`; all subjects by default."""

import argparse
import importlib
import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table as Shown

from benchmarks.measuring import Row, Table, environment
from benchmarks.report import cell

SUBJECTS = (
    "impact",
    "cypher",
    "explanations",
    "criticality",
    "root_cause",
    "snapshots",
    "commits",
    "commands",
    "http",
    "identity",
    "imports",
    "growth",
    "scans",
    "snmp_recordings",
    "tickets",
    "alerts",
)


def main() -> None:
    """Measure, print, and write JSON when asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help=", ".join(SUBJECTS))
    parser.add_argument("--size", type=int, action="append", help="CIs; may be given again")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    arguments = parser.parse_args()
    unknown = set(arguments.subjects) - set(SUBJECTS)
    if unknown:
        parser.error(f"no such subject: {', '.join(sorted(unknown))}")
    around = environment()
    print("; ".join(f"{name} {value}" for name, value in around.items()), file=sys.stderr)
    tables: dict[str, Table] = {}
    for subject in arguments.subjects or SUBJECTS:
        module = importlib.import_module(f"benchmarks.{subject}")
        for size in arguments.size or module.SIZES:
            for table in module.measure(size):
                show(table)
                known = tables.setdefault(table.name, table._replace(rows=[]))
                known.rows.extend(table.rows)
                if arguments.json:
                    write(arguments.json, around, tables)


def write(path: Path, around: Row, tables: dict[str, Table]) -> None:
    """All figures so far: a long run that is ended leaves what it has."""
    content = {"environment": around, "tables": [one._asdict() for one in tables.values()]}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False))


def show(table: Table) -> None:
    """One table."""
    shown = Shown(title=table.title)
    for name in table.rows[0]:
        shown.add_column(name, justify="right")
    for row in table.rows:
        shown.add_row(*(cell(value) for value in row.values()))
    Console(width=200).print(shown)


if __name__ == "__main__":
    main()
