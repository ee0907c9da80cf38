"""Relations as claims: what happens to them when their ends come, go, part or stop counting."""

import itertools

import pytest

from cmdb.services.environment import Environment
from cmdb.services.reports import export_estate
from cmdb.stores.sqlite import SQLiteStore
from tests.unit.test_ingest import EDITOR, item, link, load


@pytest.fixture
def env(tmp_path):
    ticks = itertools.count(1_000_000.0)
    environment = Environment(SQLiteStore(tmp_path / "cmdb.db"), lambda: next(ticks))
    yield environment
    environment.close()


def machine(key, serial, type_name="server", **fields):
    return item(key, type_name, attributes={"serial_number": serial, "vendor": "Dell"}, **fields)


def told(report):
    """What a run reports, however many commits it took."""
    steps = sorted((one.action, one.kind, one.key, str(one.detail)) for one in report.steps)
    return steps, report.items, report.relations, report.waiting


def relations(env):
    """The relations that are there, in words."""
    return [
        f"{one['from']} {one['type']} {one['to']}"
        for one in export_estate(EDITOR, env)["relations"]
    ]


def test_a_relation_that_leaves_and_is_told_by_another_is_none_that_came(env):
    load(env, machine("a", "S1001"), machine("c", "S1003"), link("a", "connects_to", "c"))
    load(env, machine("b", "S1001"), source="glpi")
    again = (machine("a", "S1009"), link("glpi:b", "connects_to", "c", attributes={"w": 1}))
    planned = load(env, *again, dry_run=True)
    done = load(env, *again)
    assert told(planned) == told(done)
    assert relations(env) == ["a connects_to c", "a~2 connects_to c"]
    assert (done.relations.created, done.relations.changed) == (1, 1)


def test_a_relation_that_waits_is_counted_once(env):
    load(env, item("a"), link("a", "connects_to", "z"), waiting=True)
    again = (item("a", "device"), link("a", "connects_to", "z"))
    planned = load(env, *again, waiting=True, dry_run=True)
    done = load(env, *again, waiting=True)
    assert told(planned) == told(done)
    assert done.waiting == 1
