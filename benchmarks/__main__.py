"""Run all measurements: `python -m benchmarks [SIZE] [--json FILE]`."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from neo4j import GraphDatabase
from rich.console import Console
from rich.table import Table

from benchmarks import impact, imports
from benchmarks.estates import layered
from cmdb.bootstrap import open_store
from cmdb.services.environment import Environment
from cmdb.settings import store_address
from tests.neo4j_server import Neo4jServer


def show(title: str, rows: list[dict[str, Any]]) -> None:
    """One table."""
    table = Table(title=title)
    for name in rows[0]:
        table.add_column(name, justify="right")
    for one in rows:
        table.add_row(*(f"{v:,.1f}" if isinstance(v, float) else str(v) for v in one.values()))
    Console(width=160).print(table)


def on_neo4j(estate: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Import and blast radius on a real Neo4j of our own."""
    with Neo4jServer() as server:
        driver = GraphDatabase.driver(
            server.uri, auth=(server.user, server.password), notifications_min_severity="OFF"
        )
        address = f"{server.uri.replace('://', f'://{server.user}:{server.password}@')}/neo4j"
        env = Environment(open_store(store_address(address)))
        first, again = imports.whole_road(env, estate)
        radius = impact.against_cypher(driver, "neo4j", env.snapshot())
        bare = imports.bare_neo4j(driver, "neo4j", estate)
        env.store.close()
        driver.close()
    rows = len(estate["cis"]) + len(estate["relations"])
    return imports.row(rows, first, again, bare, "Neo4j"), radius


def main() -> None:
    """Measure, print, and write JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", nargs="?", type=int, default=100_000)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    estate = layered(arguments.size)
    print(f"{len(estate['cis']):,} CIs, {len(estate['relations']):,} relations", file=sys.stderr)
    radius = impact.against_networkx(arguments.size)
    show("Blast radius (states only) against networkx descendants", radius)
    embedded = imports.on_sqlite(estate)
    neo4j, cypher = on_neo4j(estate)
    show("Blast radius (states only) against Cypher", [cypher])
    show("Import against bare writes", [embedded, neo4j])
    if arguments.json:
        results = {"networkx": radius, "cypher": cypher, "imports": [embedded, neo4j]}
        arguments.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
