"""A small estate with a switch in its middle, and alerts about it, for tests."""

from cmdb.services.actor import Actor
from cmdb.services.alerting.intake import take_alerts
from cmdb.services.alerting.triage import triage_alerts
from cmdb.services.environment import Environment
from cmdb.services.ingest import ingest
from cmdb.services.ports import TicketQuery
from cmdb.tickets.alerts import Alert, number_of
from cmdb.tickets.record import ticket_of
from discovery.agents.estate import parse

ADMIN = Actor("test", frozenset({"administrator"}))
SOURCE = "alertmanager"
START = 1_800_000_000.0


def estate(access=3, servers=4, bystanders=20):
    """A core switch, access switches, servers on these, a service; and servers of no use."""
    cis = [{"key": "core", "type": "switch", "name": "core-1"}]
    relations = []
    for a in range(access):
        cis.append({"key": f"acc{a}", "type": "switch", "name": f"acc-{a}"})
        relations.append({"from": f"acc{a}", "type": "depends_on", "to": "core"})
        for s in range(servers):
            key = f"srv{a}-{s}"
            cis.append({"key": key, "type": "server", "name": f"{key}.example.org"})
            relations.append({"from": key, "type": "depends_on", "to": f"acc{a}"})
    cis.append({"key": "pay", "type": "business_service", "name": "Payments"})
    relations.append({"from": "pay", "type": "depends_on", "to": "srv0-0"})
    cis += [{"key": f"other{n}", "type": "server", "name": f"other-{n}"} for n in range(bystanders)]
    return {"cis": cis, "relations": relations}


class World:
    """An environment with the estate and a clock that is set by hand."""

    def __init__(self, store, data=None):
        self.now = START
        self.env = Environment(store, lambda: self.now)
        report = ingest(ADMIN, self.env, parse(data or estate()), source="estate", reason="test")
        assert report.errors == []

    def take(self, *alerts):
        return take_alerts(ADMIN, self.env, alerts)

    def triage(self, later=0.0):
        self.now += later
        return triage_alerts(self.env)

    def alert(self, what):
        """The ticket of an alert, by its fingerprint."""
        number = number_of(SOURCE, what)
        return ticket_of(self.env.store.tickets.tickets([number])[number])

    def tickets(self, kind="incident", **query):
        query = TicketQuery(kinds=frozenset({kind}), limit=5000, **query)
        return list(map(ticket_of, self.env.store.tickets.find(query)))

    def count(self, **query):
        return self.env.store.tickets.count(TicketQuery(kinds=frozenset({"alert"}), **query))

    def notes(self, number):
        commits = self.env.store.tickets.timeline(number, 0, 100)
        return [e.after["text"] for c in commits for e in c.entries if e.kind == "note"]


def alert(what, host, at=0.0, firing=True, severity="critical", **more):
    """A word on an alert about a host, some seconds after the start."""
    evidence = {"reference": (host,)} if host else {}
    values = {"labels": {"instance": host}, "evidence": evidence, "summary": f"{host} is not well"}
    return Alert(SOURCE, what, f"Down {host}", firing, START + at, severity, **{**values, **more})


def storm(world, checks=2):
    """An alert of each check for every server below the core switch."""
    servers = [key for key in (c["key"] for c in estate()["cis"]) if key.startswith("srv")]
    return [alert(f"{key} {n}", key, -5.0) for n in range(checks) for key in servers]
