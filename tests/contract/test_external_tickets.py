"""What external systems tell, on every store: once, in order, and by our rules."""

from concurrent.futures import ThreadPoolExecutor

import orjson
import pytest

from cmdb.errors import (
    CMDBError,
    IdempotencyMismatch,
    MissingField,
    NotFound,
    UnknownReference,
    UnreadableInput,
    WrongValue,
)
from cmdb.messages.signatures import BadSignature, new_secret, signed
from cmdb.sealing import new_key
from cmdb.services import users, webhooks
from cmdb.services.actor import Actor
from cmdb.services.environment import Environment
from cmdb.services.external_systems import put_system, remove_system
from cmdb.services.ticketing import editing, importing, inbound, notes, unmatched
from cmdb.services.ticketing.finding import current, timeline
from cmdb.services.ticketing.links import LinkedAlready
from cmdb.services.ticketing.opening import Opening, open_ticket
from cmdb.tickets.foreign import PLAIN
from tests.contract.records import commit, item

ADMIN = Actor("test", frozenset({"administrator"}))
NOW = 1_800_000_000
MAPPING = {
    "fields": {"short": "title", "cmdb_ci": "item"},
    "states": {"New": "recorded", "Work": "in_progress", "Fixed": "resolve", "Done": "closed"},
    "priorities": {"hoch": 1},
    "people": {"zw": "wang"},
}


class Desk:
    """An external system that signs what it says."""

    def __init__(self, env, name="desk", **settings):
        self.env, self.name, self.secret, self.calls = env, name, new_secret(), 0
        put_system(ADMIN, env, name, {"mapping": MAPPING, **settings}, secret=self.secret)

    def call(self, data, *, id=None, at=NOW, secret=None, **envelope):
        self.calls += 1
        body = orjson.dumps({"type": "ticket", **envelope, "data": data})
        number = id or f"msg_{self.calls}"
        return body, signed(secret or self.secret, number, at, body)

    def says(self, data, **how):
        body, headers = self.call(data, **how)
        return inbound.receive(self.env, self.name, headers, body)


@pytest.fixture
def env(store, monkeypatch):
    monkeypatch.setenv("CMDB_CREDENTIALS_KEY", new_key())
    env = Environment(store, lambda: float(NOW))
    for name, role in (("wang", "fulfiller"), ("bob", "requester")):
        values = {"name": name, "roles": [role], "teams": ["network"]}
        users.create_user(ADMIN, env, {**values, "email": f"{name}@example.org"})
    commit(store, item("srv-1", attributes={"serial_number": "A1"}), item("srv-2"))
    return env


@pytest.fixture
def desk(env):
    return Desk(env)


def word(version, **more):
    return {"id": "X-7", "version": version, "short": "slow", **more}


def written(env, number):
    commits = timeline(ADMIN, env, number)
    return [e.after["text"] for one in commits for e in one.entries if e.kind == "note"]


def test_a_ticket_comes_in_and_goes_on(env, desk):
    first = word(1, state="New", priority="hoch", cmdb_ci="srv-1", requester="bob")
    got = desk.says(first)
    assert (got["result"], got["number"], got["wishes"]) == ("created", "INC-1", [])
    ticket = current(env, "INC-1")
    assert ticket.foreign == {"desk": "X-7"}
    assert (ticket.fields["priority"], ticket.tied("affected")) == (1, ["srv-1"])
    fields = {"category": "network", "impact": 1, "urgency": 1, "team": "network"}
    got = desk.says(word(2, state="Work", assignee="zw", **fields))
    assert (got["result"], got["state"], got["wishes"]) == ("updated", "in_progress", [])
    got = desk.says(word(3, state="Fixed", cmdb_ci=[{"serial_number": "A1"}, "srv-2"]))
    assert got["state"] == "in_progress"
    (wish,) = got["wishes"]
    assert wish["wish"] == "be resolve"
    assert "'solution' is missing" in wish["reason"]
    assert any("solution" in text for text in written(env, "INC-1"))
    assert current(env, "INC-1").tied("affected") == ["srv-1", "srv-2"]
    got = desk.says(word(4, state="Fixed", solution="an index", comments=["done at last"]))
    assert (got["state"], got["wishes"]) == ("resolved", [])
    assert "done at last" in written(env, "INC-1")
    got = desk.says(word(5, state="Done"))
    assert (got["state"], got["wishes"]) == ("closed", [])
    got = desk.says(word(6, short="another title"))
    assert got["wishes"][0]["wish"] == "change title"
    assert current(env, "INC-1").title == "slow"


def test_a_repeated_call_does_nothing_and_gets_the_same_answer(env, desk):
    first = desk.says(word(1, comments=["one"]), id="a")
    desk.says(word(2, short="other", comments=["one", "two"]), id="b")
    seq = env.store.seq()
    assert desk.says(word(1, comments=["one"]), id="a") == first
    assert env.store.seq() == seq
    with pytest.raises(IdempotencyMismatch):
        desk.says(word(9), id="a")
    assert written(env, "INC-1") == ["one", "two"]
    assert current(env, "INC-1").title == "other"


def test_many_of_the_same_at_once_are_one(env, desk):
    body, headers = desk.call(word(1))
    with ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(inbound.receive, env, "desk", headers, body) for _ in range(8)]
        answers = [one.result() for one in calls]
    assert all(one == answers[0] for one in answers)
    assert env.store.document("ticket_counter", "INC").body == {"last": 1}


def test_an_older_word_is_ignored(env, desk):
    desk.says(word(5, short="five"))
    late = desk.says(word(3, short="three"), id="late")
    assert (late["result"], late["number"], late["reason"]) == ("ignored", "INC-1", inbound.OLDER)
    assert desk.says(word(3, short="three"), id="late") == late
    assert current(env, "INC-1").title == "five"
    desk.says({"id": "X-8", "short": "a", "updated": "2026-03-01T10:00:00Z"})
    got = desk.says({"id": "X-8", "short": "b"}, timestamp="2026-03-01T09:59:59Z")
    assert got["result"] == "ignored"
    assert desk.says({"id": "X-8", "short": "c"}, timestamp="2026-03-02")["result"] == "updated"
    with pytest.raises(MissingField):
        desk.says({"id": "X-8", "short": "d"})


def test_what_is_not_signed_now_is_refused(env, desk):
    Desk(env, "other")
    for how in ({"at": NOW - 301}, {"at": NOW + 301}, {"secret": new_secret()}):
        with pytest.raises(BadSignature):
            desk.says(word(1), **how)
    body, headers = desk.call(word(1))
    for name, sent, signature in (
        ("desk", body + b" ", headers),
        ("nobody", body, headers),
        ("other", body, headers),
        ("desk", body, {}),
    ):
        with pytest.raises(BadSignature):
            inbound.receive(env, name, signature, sent)
    for content, error in ((b"{", UnreadableInput), (b"[]", WrongValue)):
        with pytest.raises(error):
            inbound.receive(env, "desk", signed(desk.secret, "m", NOW, content), content)
    remove_system(ADMIN, env, "desk")
    with pytest.raises(BadSignature):
        inbound.receive(env, "desk", headers, body)
    assert env.store.document("ticket_counter", "INC") is None


def test_unknown_cis_wait_for_review_or_are_refused(env, desk):
    got = desk.says(word(1, cmdb_ci=["srv-1", "srv-9", {"serial_number": "Z"}]))
    assert got["unmatched"] == ["srv-9", "serial_number=Z"]
    rows = unmatched.list_unmatched(ADMIN, env, "desk")
    assert [(one["number"], one["id"]) for one in rows] == [("INC-1", "X-7")] * 2
    assert unmatched.tie_unmatched(ADMIN, env, "desk") == 0
    commit(env.store, item("srv-9"))
    assert unmatched.tie_unmatched(ADMIN, env, "desk") == 1
    assert current(env, "INC-1").tied("affected") == ["srv-1", "srv-9"]
    commit(env.store, item("srv-10", attributes={"serial_number": "Z"}))
    got = desk.says(word(2, cmdb_ci=[{"serial_number": "Z"}]))
    assert (got["unmatched"], unmatched.list_unmatched(ADMIN, env, "desk")) == ([], [])
    strict = Desk(env, "strict", mapping={**MAPPING, "strict": True})
    with pytest.raises(UnknownReference):
        strict.says(word(1, cmdb_ci="srv-77"))
    with pytest.raises(NotFound):
        unmatched.list_unmatched(ADMIN, env, "nobody")


def test_people_that_nobody_has_are_written_down(env, desk):
    desk.says(word(1, assignee="somebody else", team="their team"))
    assert "assignee" not in current(env, "INC-1").fields
    assert written(env, "INC-1") == ["Assignee there: somebody else", "Team there: their team"]
    desk.says(word(2, assignee="somebody else"))
    assert len(written(env, "INC-1")) == 2


def test_a_ticket_of_ours_gets_its_number_there(env, desk):
    ours = open_ticket(ADMIN, env, Opening("incident", {"title": "ours"}))
    got = desk.says({"id": "X-1", "ticket": ours.number, "version": 1})
    assert (got["result"], current(env, ours.number).foreign) == ("updated", {"desk": "X-1"})
    with pytest.raises(LinkedAlready):
        desk.says({"id": "X-2", "ticket": ours.number, "version": 1})
    with pytest.raises(NotFound):
        desk.says({"id": "X-2", "ticket": "INC-99", "version": 1})
    with pytest.raises(LinkedAlready):
        open_ticket(ADMIN, env, Opening("incident", {"title": "x"}, foreign={"desk": "X-1"}))
    linked = open_ticket(ADMIN, env, Opening("incident", {"title": "x"}, foreign={"desk": "X-3"}))
    assert desk.says({"id": "X-3", "version": 1})["number"] == linked.number


def test_all_that_is_wrong_is_told_and_nothing_done(env, desk):
    with pytest.raises(CMDBError) as caught:
        desk.says({"id": "X-9", "version": 1, "priority": "P9", "state": "Odd", "short": "x"})
    assert len(caught.value.errors) == 2
    with pytest.raises(MissingField, match="'title' is missing"):
        desk.says({"id": "X-9", "version": 1})
    assert env.store.document("external_ticket", "desk:X-9") is None


def sent(env):
    found = [one.body for one in env.store.documents("outbox") if one.body["channel"] == "webhook"]
    return [(one["recipient"], one["template"], one["parameters"]) for one in found]


def test_it_is_told_of_ours_in_its_words_and_not_of_what_it_said(env):
    for name in ("out", "chat"):
        webhooks.put_target(ADMIN, env, name, "https://desk.example.org/in")
    desk = Desk(env, target="out")
    desk.says(word(1, state="New", priority="hoch", comments=[{"text": "hi", "public": True}]))
    assert {recipient for recipient, _, _ in sent(env)} == {"chat"}
    before = len(sent(env))
    editing.edit_ticket(ADMIN, env, "INC-1", {"assignee": "wang"})
    ours = [one for one in sent(env) if one[0] == "out"]
    assert len(sent(env)) == before + 2
    ((_, event, said),) = ours
    assert (event, said["number"]) == ("ticket_changed", "INC-1")
    external = said["external"]
    assert (external["system"], external["id"], external["state"]) == ("desk", "X-7", "New")
    assert external["fields"]["priority"] == "hoch"
    assert external["fields"]["assignee"] == "zw"
    assert external["fields"]["short"] == "slow"
    notes.write_note(ADMIN, env, "INC-1", "we are at it")
    notes.write_note(ADMIN, env, "INC-1", "secret", public=False)
    texts = [one[2]["text"] for one in sent(env) if one[0] == "out" and one[1] == "comment_added"]
    assert texts == ["we are at it"]
    open_ticket(ADMIN, env, Opening("incident", {"title": "not theirs"}))
    assert all(one[2]["number"] == "INC-1" for one in sent(env) if one[0] == "out")
    put_system(ADMIN, env, "desk", {"mapping": MAPPING, "target": "out", "unlinked": True})
    open_ticket(ADMIN, env, Opening("incident", {"title": "for them, too"}))
    (opened,) = [one for one in sent(env) if one[0] == "out" and one[1] == "ticket_opened"]
    assert opened[2]["external"]["id"] is None


def test_an_imported_ticket_goes_on_by_events(env, desk):
    rows = [("row 2", {"id": "X-7", "title": "old", "state": "in_progress"})]
    report = importing.import_tickets(ADMIN, env, rows, system="desk", mapping=PLAIN)
    assert report.created == 1
    got = desk.says(word(1, state="Fixed", solution="an index"))
    assert (got["result"], got["number"], got["state"]) == ("updated", "INC-1", "resolved")
    assert env.store.document("ticket_counter", "INC").body == {"last": 1}


def test_an_import_does_not_undo_a_later_event(env, desk):
    def take(updated, title, **more):
        said = {"id": "X-7", "updated": updated, "title": title, **more}
        rows = [("row 2", said)]
        return importing.import_tickets(ADMIN, env, rows, system="desk", mapping=PLAIN)

    take("2026-12-01T08:00:00Z", "old", state="in_progress")
    got = desk.says({"id": "X-7", "updated": "2026-12-01T10:00:00Z", "short": "newer"})
    assert (got["result"], current(env, "INC-1").title) == ("updated", "newer")
    report = take("2026-12-01T09:00:00Z", "older")
    assert (report.kept, report.unchanged, current(env, "INC-1").title) == (1, 1, "newer")
    report = take("2026-12-01T11:00:00Z", "newest")  # what the event said was its own word
    assert (report.kept, report.changed, current(env, "INC-1").title) == (0, 1, "newest")
    got = desk.says({"id": "X-7", "updated": "2026-12-01T10:30:00Z", "short": "late"})
    assert got["result"] == "ignored"
