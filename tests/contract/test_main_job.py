"""The main job, end to end, on every store: import, ask, import again, export, import elsewhere."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cmdb.impact.blast_radius import BlastRadius
from cmdb.impact.building import build
from cmdb.impact.states import DOWN
from cmdb.schema.catalog import builtin_catalog
from cmdb.services.actor import Actor
from cmdb.services.environment import Environment
from cmdb.services.impact import Failure, blast_radius
from cmdb.services.ingest import ingest
from cmdb.services.reports import export_estate
from cmdb.stores.sqlite import SQLiteStore
from discovery.agents import estate as estate_reader
from discovery.agents import netbox
from discovery.documents import load
from tests.shared_data import shared_data
from tests.topologies import topology

ROOT = Path(__file__).parents[2]
ADMINISTRATOR = Actor("test", frozenset({"administrator"}))
NOW = 1_700_000_000.0


@pytest.fixture(scope="module")
def bank():
    script = [sys.executable, str(ROOT / "examples" / "bank.py")]
    return json.loads(subprocess.run(script, capture_output=True, check=True).stdout)


def bring_in(env, observations, source):
    return ingest(ADMINISTRATOR, env, observations, source=source, reason="test")


def test_bank(store, bank, tmp_path):
    env = Environment(store, lambda: NOW)
    first = bring_in(env, estate_reader.parse(bank), "estate")
    assert (first.items.created, first.relations.created) == (
        len(bank["cis"]),
        len(bank["relations"]),
    )
    assert first.errors == []
    direct = build(topology(bank, first.seq, NOW, "estate"), builtin_catalog())
    for key in ("sh-dc1-ups-a", "sh-dc1-sto-1", "cd-hub-agg-1"):
        expected = BlastRadius(direct, {direct.known(key): DOWN}, NOW).answer()
        assert expected["impacted"]
        assert blast_radius(ADMINISTRATOR, env, [Failure(key)]).answer() == expected
    again = bring_in(env, estate_reader.parse(bank), "estate")
    assert (again.items.unchanged, again.relations.unchanged) == (
        len(bank["cis"]),
        len(bank["relations"]),
    )
    exported = export_estate(ADMINISTRATOR, env)
    copy = Environment(SQLiteStore(tmp_path / "copy.db"), lambda: NOW)
    assert bring_in(copy, estate_reader.parse(exported), "estate").errors == []
    assert export_estate(ADMINISTRATOR, copy) == exported
    copy.store.close()


def test_netbox_demo(store):
    document = load(shared_data("netbox-demo/netbox-demo.json"))
    env = Environment(store, lambda: NOW)
    first = bring_in(env, netbox.parse(document), "netbox")
    assert first.errors == []
    counts: dict[str, int] = {}
    for ci in export_estate(ADMINISTRATOR, env)["cis"]:
        counts[ci["type"]] = counts.get(ci["type"], 0) + 1
    expected = {"site": 24, "rack": 42, "virtual_machine": 180, "circuit": 29}
    assert expected.items() <= counts.items()
    assert (counts["power_feed"], counts["power_panel"]) == (48, 4)
    again = bring_in(env, netbox.parse(document), "netbox")
    assert (again.items.created, again.items.changed) == (0, 0)
    assert (again.relations.created, again.relations.changed) == (0, 0)
    outage = blast_radius(ADMINISTRATOR, env, [Failure("virtualization.cluster:9")]).answer()
    assert {row["type"] for row in outage["impacted"]} == {"virtual_machine"}
