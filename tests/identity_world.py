"""A small world in which sources speak and time passes, for tests of identification."""

from cmdb.identity.observation import ObservedItem
from cmdb.services.actor import Actor
from cmdb.services.environment import Environment
from cmdb.services.ingest import ingest
from cmdb.services.items import get_item
from cmdb.stores.sqlite import SQLiteStore

ROOT = Actor("root", frozenset({"administrator"}))
DAY = 86400.0
DELL = {"vendor": "Dell Inc."}


class World:
    """An empty store, a clock, and short ways to say and to ask."""

    def __init__(self, path):
        self.now = 1000 * DAY
        self.env = Environment(SQLiteStore(path), lambda: self.now)

    def hear(self, source, key, type_name="server", *, run=None, **fields):
        how = {name: fields.pop(name) for name in ("complete", "vanish") if name in fields}
        seen = ObservedItem(key, type_name, f"row {key}", **fields)
        report = ingest(ROOT, self.env, [seen], source=source, reason="test", run=run, **how)
        assert report.errors == []
        return report

    def all(self, source, *seen, **how):
        return ingest(ROOT, self.env, seen, source=source, reason="test", **how)

    def key(self, source, key):
        claim = self.env.store.claims("ci", source, [key])[key]
        found = self.env.store.items_by_number([claim.subject]).get(claim.subject)
        return None if found is None else found.key

    def item(self, reference):
        return get_item(ROOT, self.env, reference).item

    def same(self, *names):
        return len({self.key(*name) for name in names}) == 1


def attributes(**values):
    return {"attributes": values}
