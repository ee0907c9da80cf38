"""Alerts on every store: taken in once, matched, suppressed, folded, and over when they clear."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from random import Random

import pytest

from cmdb.errors import NotFound, WrongSource
from cmdb.identity.observation import ObservedItem
from cmdb.schema.records import Tie
from cmdb.services.actor import Actor
from cmdb.services.alerting.intake import RAISES, alert_source, submit_alerts
from cmdb.services.alerting.retention import remove_old_alerts
from cmdb.services.alerting.review import match_by_hand
from cmdb.services.alerting.triage import expire_alerts, match_again, triage_alerts
from cmdb.services.ingest import ingest
from cmdb.services.maintenance import create_window
from cmdb.services.ports import TicketQuery
from cmdb.services.ticket_configuration import put_setting
from cmdb.services.ticketing.finding import list_tickets
from cmdb.services.ticketing.opening import Opening, open_ticket
from cmdb.services.ticketing.steps import take_step
from cmdb.services.times import iso
from tests.alert_world import ADMIN, START, World, alert, estate, storm

MAC = "3c:fd:fe:aa:bb:01"


@pytest.fixture
def world(store):
    return World(store)


def test_a_word_is_taken_once(world):
    first = world.take(alert("a", "srv0-0"))
    assert (first.new, first.repeated, first.unmatched) == (1, 0, 0)
    seq = world.env.store.seq()
    again = world.take(alert("a", "srv0-0"), alert("a", "srv0-0"))
    assert (again.new, again.changed, again.repeated) == (0, 0, 2)
    assert world.env.store.seq() == seq
    ticket = world.alert("a")
    assert (ticket.state, ticket.items) == ("firing", (Tie("affected", "srv0-0"),))
    assert ticket.title == "Down srv0-0"


def test_nothing_is_lost_when_many_send_at_once(world):
    alerts = [alert(f"f{n}", "srv0-0") for n in range(300)]
    with ThreadPoolExecutor(16) as pool:
        taken = list(pool.map(world.take, alerts))
    assert sum(one.new for one in taken) == 300
    assert world.count() == 300


def test_order_and_repetition_change_nothing(world):
    words = [
        alert("a", "srv0-0", at, firing)
        for at, firing in ((-90, True), (-80, False), (-70, True), (-60, True), (-50, False))
    ]
    seen = []
    for seed in range(6):
        mixed = words * 2
        Random(seed).shuffle(mixed)
        for word in mixed:
            world.take(replace(word, fingerprint=f"a{seed}"))
        ticket = world.alert(f"a{seed}")
        kept = {name: one for name, one in ticket.fields.items() if name != "fingerprint"}
        seen.append((ticket.state, kept, ticket.items))
    assert all(one == seen[0] for one in seen)
    assert seen[0][0] == "cleared"


def test_one_cause_is_one_incident(world):
    alerts = storm(world)
    world.take(*alerts)
    assert world.triage() == len(alerts)
    (incident,) = world.tickets()
    assert incident.tied("cause") == ["core"]
    assert len(incident.tied("affected")) == 12
    assert incident.fields["urgency"] == 1
    assert world.count(linked=incident.number) == len(alerts)
    assert world.count(states=frozenset({"active"})) == len(alerts)
    (note,) = world.notes(incident.number)
    assert "24 alerts on 12 CIs" in note
    assert "core" in note
    assert "pay" in note
    assert world.triage() == 0


def test_what_is_learned_later_brings_incidents_together(world):
    world.take(alert("a", "srv0-0", -9), alert("b", "srv1-1", -9))
    world.triage()
    before = world.tickets()
    assert len(before) == 2
    world.take(*storm(world))
    world.triage()
    (incident,) = world.tickets(open=True)
    assert incident.number in {one.number for one in before}
    assert incident.tied("cause") == ["core"]
    (merged,) = world.tickets(open=False)
    assert merged.state == "merged"
    assert merged.fields["merged_into"] == incident.number
    assert world.count(linked=incident.number) == 26
    assert world.count(linked=merged.number) == 0


def test_where_all_is_alarmed_it_is_one_incident_too(store):
    world = World(store, estate(bystanders=0))
    world.take(*storm(world))
    world.triage()
    (incident,) = world.tickets()
    assert incident.tied("cause") == ["core"]


def test_an_alarmed_ci_explains_what_depends_on_it(world):
    world.take(alert("a", "acc0", -9), alert("b", "srv0-0", -8), alert("c", "other1", -8))
    world.triage()
    found = {one.tied("cause")[0]: one.tied("affected") for one in world.tickets()}
    assert found == {"acc0": ["acc0", "srv0-0"], "other1": ["other1"]}


def test_an_incident_on_which_somebody_works_stays(world):
    world.take(alert("a", "srv0-0", -9))
    world.triage()
    (before,) = world.tickets()
    fields = {"category": "hardware", "impact": 2, "urgency": 2}
    take_step(ADMIN, world.env, before.number, "classify", fields)
    world.take(*storm(world))
    world.triage()
    (incident,) = world.tickets(open=True)
    assert incident.number == before.number


def test_strangers_get_incidents_of_their_own(world):
    world.take(alert("a", "other1", -9), alert("b", "other2", -9))
    world.triage()
    causes = sorted(one.tied("cause") for one in world.tickets())
    assert causes == [["other1"], ["other2"]]


def test_an_incident_ends_when_all_has_cleared(world):
    alerts = storm(world, 1)
    world.take(*alerts)
    world.triage()
    (incident,) = world.tickets()
    cleared = [replace(one, firing=False, at=START + 30) for one in alerts]
    world.now = START + 31
    world.take(*cleared[1:])
    assert world.triage(500) == len(cleared) - 1
    assert world.tickets()[0].state == incident.state
    world.take(cleared[0])
    world.triage(500)
    (after,) = world.tickets()
    assert after.state == "resolved"
    assert "All alerts have cleared" in after.fields["solution"]
    assert world.count(states=frozenset({"resolved"})) == len(alerts)


def test_what_comes_again_before_it_is_over_stays_in_its_incident(world):
    world.take(alert("a", "srv0-0", -9))
    world.triage()
    world.now = START + 40
    world.take(alert("a", "srv0-0", 10, firing=False))
    world.take(alert("a", "srv0-0", 20))
    assert world.alert("a").state == "active"
    assert world.triage(1000) == 0
    assert len(world.tickets()) == 1


def test_a_flapping_alert_opens_one_incident_and_is_over_when_it_is_quiet(world):
    for n in range(12):
        world.now = START + 100 * n + 60
        world.take(alert("a", "srv0-0", 100 * n))
        world.triage()
        world.take(alert("a", "srv0-0", 100 * n + 50, firing=False))
        world.triage()
    assert len(world.tickets()) == 1
    assert world.alert("a").state == "cleared"
    world.triage(600)
    assert world.alert("a").state == "cleared"
    world.triage(1800)
    assert world.alert("a").state == "resolved"
    assert world.tickets()[0].state == "resolved"


def test_rules_say_what_opens_an_incident_and_when(world):
    rule = {"sources": ["alertmanager"], "severities": ["critical"], "open_after": 60}
    put_setting(ADMIN, world.env, "alert_rule", "strict", {**rule, "order": 1})
    world.take(alert("a", "srv0-0"), alert("b", "srv0-1", severity="warning"))
    assert world.triage(30) == 0
    assert world.triage(31) == 2
    (incident,) = world.tickets()
    assert incident.tied("affected") == ["srv0-0"]
    assert world.alert("b").state == "active"
    assert world.alert("b").linked(RAISES) == []
    world.take(alert("c", "srv0-2", 70), alert("c", "srv0-2", 80, firing=False))
    world.triage(1000)
    assert world.alert("c").state == "resolved"
    assert len(world.tickets()) == 1


def test_what_says_nothing_of_its_end_expires(world):
    rule = {"sources": ["alertmanager"], "expire_hours": 2, "order": 1}
    world.take(alert("a", "srv0-0"), alert("b", "srv0-1"))
    world.triage(60)
    assert expire_alerts(world.env) == 0
    put_setting(ADMIN, world.env, "alert_rule", "short", rule)
    world.take(alert("b", "srv0-1", 50))
    world.now = START + 7210
    assert expire_alerts(world.env) == 1
    assert [world.alert(one).state for one in "ab"] == ["cleared", "active"]
    assert expire_alerts(world.env) == 0


def test_what_is_long_over_is_removed_but_for_open_incidents(world):
    rule = {"sources": ["alertmanager"], "keep_days": 2, "order": 1, "auto_close": False}
    put_setting(ADMIN, world.env, "alert_rule", "short", rule)
    quiet = alert("quiet", "srv0-1", severity="info")
    world.take(alert("loud", "srv0-0"), quiet, alert("fires", "srv1-0", severity="info"))
    world.triage()
    world.take(alert("loud", "srv0-0", 60, firing=False))
    world.take(alert("quiet", "srv0-1", 60, firing=False))
    world.triage(1000)
    (incident,) = world.tickets()
    world.now += 86_400
    assert remove_old_alerts(world.env) == 0
    world.now += 86_400
    assert remove_old_alerts(world.env) == 1
    numbers = [alert(one, "srv0-0").number for one in ("quiet", "loud", "fires")]
    assert sorted(world.env.store.tickets.tickets(numbers)) == sorted(numbers[1:])
    (entry,) = world.env.store.log(world.env.store.seq() - 1)[0].entries
    assert (entry.subject, entry.after) == (numbers[0], None)
    take_step(ADMIN, world.env, incident.number, "cancel", {"reason": "it was a test"})
    assert remove_old_alerts(world.env) == 1
    world.take(quiet)
    assert world.alert("quiet").state == "firing"


def test_maintenance_suppresses_what_it_explains_until_it_ends(world):
    window = {"key": "acc0", "starts": iso(START - 60), "ends": iso(START + 600)}
    create_window(ADMIN, world.env, window)
    world.take(alert("a", "srv0-0"), alert("b", "acc0"), alert("c", "srv1-0"))
    world.triage(5)
    assert [world.alert(one).state for one in "abc"] == ["suppressed", "suppressed", "active"]
    assert len(world.tickets()) == 1
    world.take(alert("b", "acc0", 30, firing=False))
    world.triage(700)
    assert world.alert("a").state == "active"
    assert world.alert("b").state == "resolved"
    causes = [one.tied("cause") for one in world.tickets(open=True)]
    assert ["srv0-0"] in causes


def test_a_change_in_its_window_suppresses(world):
    values = {
        "title": "New firmware",
        "category": "emergency",
        "reason": "it leaks",
        "back_out_plan": "the old one",
        "starts": iso(START - 60),
        "ends": iso(START + 600),
    }
    items = [{"key": "srv0-0", "role": "changed"}]
    change = open_ticket(ADMIN, world.env, Opening("change", values, items))
    take_step(ADMIN, world.env, change.number, "approve_emergency")
    world.take(alert("a", "srv0-0"))
    world.triage(5)
    assert world.alert("a").state == "suppressed"
    world.triage(700)
    assert world.alert("a").state == "active"


def test_unmatched_alerts_are_kept_until_their_ci_is_known(world):
    taken = world.take(alert("a", "new-1"), alert("b", None))
    assert taken.unmatched == 2
    assert world.triage() == 0
    assert match_again(world.env) == 0
    seen = [ObservedItem("new-1", "server", "test", name="new-1")]
    ingest(ADMIN, world.env, seen, source="estate", reason="test")
    assert match_again(world.env) == 1
    world.triage()
    assert world.alert("a").state == "active"
    assert world.alert("b").state == "unmatched"
    matched = match_by_hand(ADMIN, world.env, world.alert("b").number, "other1")
    assert (matched.state, matched.tied("affected")) == ("firing", ["other1"])
    dismissed = world.take(alert("c", "nobody"))
    assert dismissed.unmatched == 1
    number = world.alert("c").number
    assert take_step(ADMIN, world.env, number, "dismiss", {"reason": "a test"}).state == "resolved"


def test_matching_goes_by_the_rules_of_identity(world):
    def server(key, **attributes):
        return ObservedItem(key, "server", "test", name=key, attributes=attributes)

    ingest(
        ADMIN,
        world.env,
        [
            server(
                "m1", mac_addresses=["3c:fd:fe:aa:bb:01"], serial_number="SN-1001", vendor="Dell"
            ),
            server("m2", ip_addresses=["10.0.0.2"], site="hq", fqdn="m2.example.org"),
            server("m3", ip_addresses=["10.0.0.3"]),
            server("m4", ip_addresses=["10.0.0.3"], serial_number="SN-1004", vendor="HP"),
            server("twin"),
        ],
        source="estate",
        reason="test",
    )
    wanted = {
        "mac": ({"mac_addresses": ("3CFD.FEAA.BB01",)}, ["m1"]),
        "serial": ({"serial_number": ("sn1001",), "vendor": ("Dell Inc.",)}, ["m1"]),
        "stronger": (
            {"serial_number": ("SN-1004",), "vendor": ("Hewlett-Packard",), "reference": ("m1",)},
            ["m4"],
        ),
        "fqdn": ({"fqdn": ("M2.example.org.",)}, ["m2"]),
        "address": ({"ip_addresses": ("10.0.0.2",), "site": ("HQ",)}, ["m2"]),
        "elsewhere": ({"ip_addresses": ("10.0.0.2",), "site": ("lab",)}, []),
        "key": ({"key": ("srv0-0",), "mac_addresses": (MAC,)}, ["srv0-0"]),
    }
    world.take(*(alert(what, None, evidence=said) for what, (said, _) in wanted.items()))
    assert {what: world.alert(what).tied("affected") for what in wanted} == {
        what: keys for what, (_, keys) in wanted.items()
    }
    world.take(alert("both", None, evidence={"ip_addresses": ("10.0.0.3",)}))
    both = world.alert("both")
    assert (both.state, both.fields["candidates"]) == ("unmatched", ["m3", "m4"])


def test_lists_of_tickets_leave_alerts_out(world):
    world.take(alert("a", "srv0-0"))
    world.triage()
    listed, _ = list_tickets(ADMIN, world.env, TicketQuery(), item="srv0-0")
    assert [one.kind for one in listed] == ["incident"]
    alerts, _ = list_tickets(ADMIN, world.env, TicketQuery(kinds=frozenset({"alert"})))
    assert len(alerts) == 1


def test_a_token_speaks_for_its_own_source(world):
    collector = Actor("c", frozenset({"collector"}), source="zabbix")
    with pytest.raises(WrongSource):
        submit_alerts(collector, world.env, [alert("a", "srv0-0")])
    with pytest.raises(NotFound):
        alert_source(ADMIN, world.env, "nobody-declared-it")


def test_several_workers_do_it_once(world):
    world.take(*storm(world))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: triage_alerts(world.env), range(4)))
    (incident,) = world.tickets()
    assert world.count(linked=incident.number) == 24
