"""Observations that programs send: good ones go in, bad ones are told one by one."""

import pytest

from api.http.models.observations import MAX_OBSERVATIONS
from api.http.routing import MAX_LARGE_BODY
from cmdb.services.ports import RelationQuery
from cmdb.services.tokens import list_tokens
from tests.api.conftest import ADMIN

SERVER = {
    "kind": "item",
    "key": "h1",
    "type": "server",
    "name": "web-1",
    "attributes": {"serial_number": "640HP72", "vendor": "Dell Inc."},
}
SWITCH = {"kind": "item", "key": "s1", "type": "switch"}
LINK = {"kind": "relation", "from": "h1", "type": "connects_to", "to": "s1", "id": "eth0"}
NOTHING = dict.fromkeys(
    ("created", "changed", "merged", "retired", "unchanged", "withdrawn", "conflicts"), 0
)


def batch(*observations, **more):
    return {"source": "scanner", "observations": list(observations), **more}


@pytest.fixture
def collector(api):
    return api("collector", source="scanner")


def test_a_batch_goes_in_and_again_changes_nothing(env, collector, admin):
    first = collector.post("/observations", batch(LINK, SERVER, SWITCH, run="r1"))
    assert first.status_code == 200
    assert first.json() == {
        "run": "r1",
        "source": "scanner",
        "dry_run": False,
        "seq": env.store.seq(),
        "items": {**NOTHING, "created": 2},
        "relations": {**NOTHING, "created": 1},
        "waiting": 0,
        "errors": [],
        "warnings": [],
        "steps": None,
        "effects": None,
    }
    again = collector.post("/observations", batch(LINK, SERVER, SWITCH)).json()
    assert again["items"] == {**NOTHING, "unchanged": 2}
    assert again["relations"] == {**NOTHING, "unchanged": 1}
    shown = admin.get("/cis/scanner:h1").json()
    assert (shown["name"], shown["attributes"]["serial_number"]) == ("web-1", "640HP72")
    assert [claim["source"] for claim in shown["claims"]] == ["scanner"]


def test_each_bad_observation_is_told_and_the_good_ones_go_in(collector, admin):
    got = collector.post(
        "/observations",
        batch(
            SERVER,
            7,
            {"kind": "thing"},
            {**SWITCH, "key": "a", "type": "swich"},
            {**SWITCH, "key": "b", "attributes": {"ports": "many"}},
            {**SWITCH, "key": "c", "nmae": "x"},
            {**SWITCH, "key": "g", "attributes": {"port": 1}},
            {"kind": "item", "type": "switch"},
            {**SWITCH, "key": "d", "observed_at": "soon"},
            {**SWITCH, "key": "e", "observed_at": "2999-01-01T00:00:00Z"},
            {**SWITCH, "key": "f", "confidence": 2},
            {**LINK, "type": "depends"},
            SERVER,
            SWITCH,
        ),
    )
    assert got.status_code == 200
    answer = got.json()
    assert answer["items"]["created"] == 2
    assert [(e["index"], e["code"], e["field"]) for e in answer["errors"]] == [
        (1, "WrongValue", None),
        (2, "WrongValue", "kind"),
        (3, "UnknownName", "type"),
        (4, "WrongValue", "attributes.ports"),
        (5, "UnknownField", "nmae"),
        (6, "UnknownField", "attributes.port"),
        (7, "MissingField", "key"),
        (8, "WrongValue", "observed_at"),
        (9, "WrongValue", "observed_at"),
        (10, "WrongValue", "confidence"),
        (11, "UnknownName", "type"),
        (12, "DuplicateKey", None),
    ]
    assert all(e["message"].startswith(f"observations[{e['index']}]") for e in answer["errors"])
    assert "nearest known name: 'switch'" in answer["errors"][2]["message"]
    assert admin.get("/cis/scanner:s1").status_code == 200


def test_errors_in_chinese(api):
    got = api("collector", language="zh", source="scanner").post("/observations", batch(7))
    (error,) = got.json()["errors"]
    assert error["message"] == "observations[0]：它 的值是 7，但必须是对象"


def test_all_that_an_observation_may_say(collector, admin, env):
    whole = {
        **SERVER,
        "status": "in_maintenance",
        "network_root": False,
        "redundancy": {"power": {"need": 1}},
        "aliases": [{"source": "netbox", "key": "device:17"}],
        "observed_at": "2026-11-01T08:00:00+08:00",
        "confidence": 0.9,
        "attribute_confidence": {"vendor": 0.4},
        "evidence": {"file": "scan.xml"},
    }
    db = {"kind": "item", "key": "db", "type": "database", "within": "h1"}
    relation = {
        "kind": "relation",
        "from": "db",
        "type": "runs_on",
        "to": "h1",
        "strength": "soft",
        "group": "g",
        "id": "1",
        "attributes": {"since": 2020},
        "confidence": 0.5,
        "evidence": {"command": "ps"},
    }
    sent = batch(whole, db, relation, observed_at="2026-11-02T00:00:00Z")
    assert collector.post("/observations", sent).json()["errors"] == []
    assert admin.get("/cis/netbox:device:17").json()["status"] == "in_maintenance"
    claims = env.store.claims("ci", "scanner", ["h1", "db"])
    assert claims["h1"].observed_at == 1793491200.0
    assert claims["h1"].body["confidence"] == 0.9
    assert claims["h1"].body["attribute_confidence"] == {"vendor": 0.4}
    assert claims["h1"].body["evidence"] == {"file": "scan.xml"}
    assert claims["db"].observed_at == 1793577600.0
    assert claims["db"].body["within"] == "h1"
    (found,) = env.store.find_relations(RelationQuery())
    assert (found.strength, found.group, found.id) == ("soft", "g", "1")
    assert found.attributes == {"since": 2020}


def test_a_relation_waits_for_its_end(collector, admin):
    waits = collector.post("/observations", batch(SERVER, LINK)).json()
    assert (waits["waiting"], waits["relations"]["created"], waits["errors"]) == (1, 0, [])
    collector.post("/observations", batch(SWITCH))
    assert [r["type"] for r in admin.get("/relations").json()["items"]] == ["connects_to"]


def test_a_relation_that_does_not_fit_waits_until_its_ends_are_understood(collector, admin):
    seen = {**SERVER, "type": "unclassified"}
    runs = {"kind": "relation", "from": "app", "type": "depends_on", "to": "h1"}
    hosted = {"kind": "relation", "from": "h1", "type": "hosted_on", "to": "s1"}
    waits = collector.post("/observations", batch(seen, SWITCH, runs, hosted)).json()
    assert (waits["waiting"], waits["errors"]) == (2, [])
    app = {"kind": "item", "key": "app", "type": "application"}
    collector.post("/observations", batch({**SERVER, "type": "virtual_machine"}, app))
    found = {r["type"] for r in admin.get("/relations").json()["items"]}
    assert found == {"depends_on", "hosted_on"}


def test_a_dry_run_says_what_would_be_done(env, collector):
    seq = env.store.seq()
    got = collector.post("/observations", batch(SERVER, dry_run=True)).json()
    assert env.store.seq() == seq
    assert got["dry_run"] is True
    assert [(s["action"], s["kind"], s["type"]) for s in got["steps"]] == [
        ("create", "ci", "server")
    ]


def test_a_repeated_request_gets_the_same_answer_and_does_nothing(env, collector, api):
    key = {"Idempotency-Key": "k1"}
    first = collector.post("/observations", batch(SERVER, 7), headers=key)
    later = batch({**SERVER, "name": "renamed"})
    collector.post("/observations", later)
    seq = env.store.seq()
    again = collector.post("/observations", batch(SERVER, 7), headers=key)
    assert again.content == first.content
    assert again.headers["Idempotency-Replayed"] == "true"
    assert env.store.seq() == seq
    other = collector.post("/observations", later, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "IdempotencyMismatch")
    fellow = api("collector", source="scanner")
    assert "Idempotency-Replayed" not in fellow.post("/observations", later, headers=key).headers


def test_a_token_good_for_one_source_speaks_for_no_other(api, env, estate):
    mine = api("collector", source="scanner")
    assert mine.post("/observations", {"observations": [SERVER]}).json()["source"] == "scanner"
    got = mine.post("/observations", {**batch(SERVER), "source": "netbox"})
    assert (got.status_code, got.json()["code"]) == (403, "WrongSource")
    assert "'scanner' only, not of 'netbox'" in got.json()["detail"]
    for refused in (
        mine.get("/cis"),
        mine.post("/cis", {"key": "x", "type": "server"}),
        mine.delete("/cis/sw-1"),
        mine.post("/impact", {"failures": [{"key": "sw-1"}]}),
    ):
        assert refused.status_code == 403
    (body,) = [d.body for d in list_tokens(ADMIN, env) if d.body["role"] == "collector"]
    assert body["source"] == "scanner"


def test_who_may_send(api):
    assert api("viewer").post("/observations", batch(SERVER)).status_code == 403
    for role in ("collector", "editor", "administrator"):
        assert api(role).post("/observations", batch(SERVER)).status_code == 200
    limited = api("editor", sites=["a"]).post("/observations", batch(SERVER))
    assert limited.status_code == 403


def test_no_source_has_a_colon_in_its_name(editor):
    got = editor.post("/observations", {**batch(SERVER), "source": "a:b"})
    assert (got.status_code, got.json()["code"]) == (422, "WrongValue")
    assert "without a colon" in got.json()["detail"]


def test_requests_that_are_wrong_as_a_whole(editor):
    def code(body):
        got = editor.post("/observations", body)
        assert got.status_code == 422
        return got.json()["code"]

    deep = {}
    for _ in range(100):
        deep = {"a": deep}
    assert code({"observations": []}) == "MissingField"
    assert code(batch(source="manual")) == "InvalidInput"
    assert code(batch(source="x" * 129)) == "WrongValue"
    assert code(batch(run=" ")) == "WrongValue"
    assert code(batch(observed_at="soon")) == "WrongValue"
    assert code(batch({**SERVER, "attributes": deep})) == "WrongValue"
    assert code(batch(*[SERVER] * (MAX_OBSERVATIONS + 1))) == "WrongValue"
    assert code({**batch(), "sauce": "x"}) == "UnknownField"


def test_a_body_beyond_the_limit(editor):
    headers = {"Content-Type": "application/json"}
    big = b'{"observations": "' + b"x" * MAX_LARGE_BODY + b'"}'
    assert editor("POST", "/observations", content=big, headers=headers).status_code == 413
    fits = b'{"observations": "' + b"x" * (MAX_LARGE_BODY - 100) + b'"}'
    assert editor("POST", "/observations", content=fits, headers=headers).status_code == 422
