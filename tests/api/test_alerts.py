"""Alerts over HTTP: webhooks as systems send them, what is refused, lists and review."""

from pathlib import Path

import pytest

from cmdb.services.alerting.triage import triage_alerts
from cmdb.services.times import iso
from tests.api.desk import done, refused

DATA = Path(__file__).parents[1] / "data" / "alerts"
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def monitoring(api, estate):
    """A collector of its own source."""
    return api("collector", source="alertmanager")


def fired(clock, what="a", host="app-1", ago=10.0, **more):
    labels = {"alertname": "Down", "severity": "critical", "instance": host}
    at = iso(clock.now - ago)
    return {"fingerprint": what, "labels": labels, "startsAt": at, "status": "firing", **more}


def test_a_webhook_of_alertmanager(monitoring, editor, clock, env):
    body = {"version": "4", "alerts": [fired(clock), fired(clock, "b", "nobody")]}
    answer = done(monitoring.post("/alerts/alertmanager", body))
    assert answer == {
        **{"new": 2, "changed": 0, "repeated": 0, "unmatched": 1, "refused": 0, "errors": []}
    }
    assert done(monitoring.post("/alerts/alertmanager", body))["repeated"] == 2
    triage_alerts(env)
    (alert,) = done(editor.get("/alerts", params={"state": "active"}))["items"]
    assert alert["items"] == [{"key": "app-1", "role": "affected"}]
    assert alert["state_label"] == "Looked at"
    (incident,) = done(editor.get("/incidents"))["items"]
    assert alert["links"] == [{"number": incident["number"], "role": "raises"}]
    mine = done(editor.get("/alerts", params={"linked": incident["number"]}))["items"]
    assert [one["number"] for one in mine] == [alert["number"]]
    assert [one["kind"] for one in done(editor.get("/tickets"))["items"]] == ["incident"]
    found = done(editor.get("/alerts", params={"source": "alertmanager", "severity": "critical"}))
    assert len(found["items"]) == 2


@pytest.mark.parametrize(
    ("source", "file", "kind", "new"),
    [
        ("alertmanager", "alertmanager.json", "application/json", 2),
        ("zabbix", "zabbix.json", "application/json", 1),
        ("zabbix", "zabbix.ndjson", "application/x-ndjson", 1),
        ("syslog", "syslog.txt", "text/plain", 4),
        ("snmp_trap", "snmp_trap.json", "application/json", 3),
    ],
)
def test_what_systems_send(api, clock, env, source, file, kind, new):
    clock.now = 1772353000.0
    monitoring = api("collector", source=source)
    content = (DATA / file).read_bytes()
    got = monitoring("POST", f"/alerts/{source}", headers={"Content-Type": kind}, content=content)
    answer = done(got)
    assert (answer["new"], answer["errors"]) == (new, [])


def test_good_alerts_are_taken_beside_broken_ones(api, clock, estate):
    english, chinese = api("collector"), api("collector", "zh")
    body = [fired(clock), {"labels": {}}, fired(clock, "b", ago=-9000), 7]
    answer = done(english.post("/alerts/alertmanager", body))
    assert (answer["new"], answer["refused"]) == (1, 3)
    assert "alerts[1]" in answer["errors"][0]["message"]
    assert "not in the future" in answer["errors"][1]["message"]
    answer = done(chinese.post("/alerts/alertmanager", body))
    assert answer["repeated"] == 1
    assert "未来" in answer["errors"][1]["message"]
    refused(english.post("/alerts/alertmanager", body[1:]), 422, "alerts[1]")


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"{", JSON, 422),
        (b"[" * 5_000_000, JSON, 422),
        (b" " * (16 * 1024 * 1024 + 1), JSON, 413),
        (b"<xml/>", {"Content-Type": "application/xml"}, 415),
        (b"{}", {**JSON, "User-Agent": "graph-cmdb"}, 422),
        (b'{"alerts": 7}', JSON, 422),
        (b"\xff\x00", JSON, 422),
    ],
)
def test_what_cannot_be_read_is_refused(monitoring, content, headers, status):
    got = monitoring("POST", "/alerts/alertmanager", headers=headers, content=content)
    refused(got, status)


def test_who_may_send(api, clock, monitoring):
    body = [fired(clock)]
    refused(monitoring.post("/alerts/zabbix", body), 403)
    refused(api("viewer").post("/alerts/alertmanager", body), 403)
    refused(api("collector").post("/alerts/unheard-of", body), 404)
    refused(monitoring.get("/alerts"), 403)


def test_a_source_of_ones_own(api, admin, editor, clock, estate):
    mapping = {
        "fingerprint": ["id"],
        "name": "what",
        "state": "is",
        "at": "since",
        "evidence": {"key": "cmdb.key"},
    }
    setting = {"format": "generic", "mapping": mapping}
    done(admin.put("/ticket-configuration/alert_source/homemade", setting), 200)
    body = {"id": 1, "what": "It burns", "is": "on", "since": clock.now, "cmdb": {"key": "db-1"}}
    assert done(api("collector", source="homemade").post("/alerts/homemade", body))["new"] == 1
    (alert,) = done(editor.get("/alerts", params={"item": "db-1"}))["items"]
    assert alert["title"] == "It burns"


def test_the_review_of_unmatched_alerts(monitoring, people, admin, clock, env):
    done(monitoring.post("/alerts/alertmanager", [fired(clock, "a", "nobody")]))
    (alert,) = done(people["ann"].get("/alerts", params={"state": "unmatched"}))["items"]
    path = f"/alerts/{alert['number']}"
    refused(people["ann"].post(f"{path}/match", {"key": "no-such"}), 422)
    refused(people["bob"].post(f"{path}/match", {"key": "db-1"}), 403)
    matched = done(people["ann"].post(f"{path}/match", {"key": "db-1"}))
    assert matched["items"] == [{"key": "db-1", "role": "affected"}]
    refused(people["ann"].post(f"{path}/match", {"key": "db-1"}), 422, "unmatched")
    assert done(people["ann"].get(path))["state"] == "firing"
    refused(admin.post("/alerts", {"title": "by hand"}), 405)


def test_alerts_outside_the_scope_are_not_seen(api, monitoring, clock, env):
    done(monitoring.post("/alerts/alertmanager", [fired(clock), fired(clock, "b", "db-1")]))
    viewer = api("editor", sites=["b"])
    seen = done(viewer.get("/alerts"))["items"]
    assert [one["items"][0]["key"] for one in seen] == ["db-1"]


def test_a_storm_of_2000_alerts(api, editor, admin, env, clock):
    """Nothing is lost, one incident, the right cause; sending all of it again changes nothing."""
    cis = [{"kind": "item", "key": "core", "type": "switch"}]
    cis += [{"kind": "item", "key": f"acc{a}", "type": "switch"} for a in range(10)]
    cis += [
        {"kind": "item", "key": f"srv{n}", "type": "server", "name": f"srv{n}"} for n in range(200)
    ]
    ties = [(f"acc{a}", "core") for a in range(10)]
    ties += [(f"srv{n}", f"acc{n % 10}") for n in range(200)]
    cis += [{"kind": "relation", "from": a, "type": "depends_on", "to": b} for a, b in ties]
    done(editor.post("/observations", {"source": "estate", "observations": cis}))
    monitoring = api("collector", source="alertmanager")
    alerts = [fired(clock, f"f{n}", f"srv{n % 200}") for n in range(2000)]
    parts = [alerts[start : start + 50] for start in range(0, 2000, 50)]
    for position, part in enumerate(parts):
        assert done(monitoring.post("/alerts/alertmanager", part))["new"] == 50
        if position % 10 == 0:
            triage_alerts(env)
    triage_alerts(env)
    (incident,) = done(editor.get("/incidents", params={"open": True}))["items"]
    assert {"key": "core", "role": "cause"} in incident["items"]
    page, count = {"linked": incident["number"], "limit": 1000}, 0
    while True:
        got = done(editor.get("/alerts", params=page))
        count += len(got["items"])
        if got["next"] is None:
            break
        page["cursor"] = got["next"]
    assert count == 2000
    seq = env.store.seq()
    for part in reversed(parts):
        assert done(monitoring.post("/alerts/alertmanager", part))["repeated"] == 50
    assert triage_alerts(env) == 0
    assert env.store.seq() == seq
