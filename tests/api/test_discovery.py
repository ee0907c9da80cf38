"""Discovery over HTTP: jobs, plans, runs and credentials, and who may have them."""

import json

import pytest

from api.http.models.common import Page
from api.http.models.discovery import (
    AgentRow,
    CredentialRow,
    DiscoveryRun,
    DiscoveryRunRow,
    JobRow,
    Plan,
)
from cmdb.sealing import new_key
from discovery import readers
from discovery.credentials import KINDS
from discovery.ticking import tick
from discovery.workers import WORKER
from discovery.working import work
from tests.api.sending import keys
from tests.discovery.scripted import ScriptedAgent

NETS = ["10.0.0.0/30", "10.0.0.8/30"]
JOB = {"agent": "scripted", "networks": NETS, "site": "lab", "deny": ["10.0.0.10"]}
PATH = "/discovery/jobs/lab"
MARK = "s3cret-mark"
READS = (
    "/discovery/jobs",
    PATH,
    f"{PATH}/plan",
    "/discovery/runs",
    "/discovery/runs/lab-1",
)


@pytest.fixture
def agent(monkeypatch):
    made = ScriptedAgent({NETS[0]: ["10.0.0.1", "10.0.0.2"], "10.0.0.8/31": ["10.0.0.9"]})
    known = readers.agent
    monkeypatch.setattr(readers, "agent", lambda name: made if name == "scripted" else known(name))
    return made


@pytest.fixture
def job(admin, agent):
    got = admin.put(PATH, JOB)
    assert got.status_code == 200
    return got


@pytest.fixture
def key(monkeypatch):
    monkeypatch.delenv("CMDB_CREDENTIALS_KEY_FILE", raising=False)
    monkeypatch.setenv("CMDB_CREDENTIALS_KEY", new_key())


def codes(got):
    return [one["code"] for one in got.json().get("errors") or [got.json()]]


def test_agents(api):
    got = api("viewer").get("/discovery/agents")
    rows = Page[AgentRow].model_validate(got.json()).items
    assert [one.name for one in rows] == readers.scanning()
    assert api("collector").get("/discovery/agents").status_code == 403


def test_the_life_of_a_job(admin, job):
    row = JobRow.model_validate(job.json())
    assert (row.name, row.agent, row.retries) == ("lab", "scripted", 2)
    assert job.json()["deny"] == ["10.0.0.10/32"]
    assert job.json()["forbidden_ports"] == sorted(job.json()["forbidden_ports"])
    got = admin.get(PATH)
    assert got.json() == job.json()
    etag = got.headers["ETag"]
    assert etag == job.headers["ETag"]
    assert admin.get(PATH, headers={"If-None-Match": etag}).status_code == 304
    assert admin.put(PATH, JOB, headers={"If-Match": '"other"'}).status_code == 412
    form = {name: value for name, value in got.json().items() if name != "name"}
    once = {"If-Match": etag, "Idempotency-Key": "gentler"}
    for _ in range(2):
        changed = admin.put(PATH, form | {"fragile": True}, headers=once)
        assert (changed.status_code, changed.json()["fragile"]) == (200, True)
    assert changed.headers["Idempotency-Replayed"] == "true"
    assert changed.headers["ETag"] != etag
    assert admin.get("/discovery/jobs").json() == {"items": [changed.json()], "next": None}
    assert admin.delete(PATH, headers={"If-Match": etag}).status_code == 412
    for _ in range(2):
        assert admin.delete(PATH, headers={"Idempotency-Key": "gone"}).status_code == 204
    for path in (PATH, f"{PATH}/plan", READS[-1]):
        assert admin.get(path).status_code == 404
    assert admin.put(PATH, JOB, headers={"If-Match": etag}).status_code == 412


def test_a_plan_touches_nothing(api, job, agent):
    viewer = api("viewer")
    got = viewer.get(f"{PATH}/plan")
    plan = Plan.model_validate(got.json())
    ids = [NETS[0], "10.0.0.8/31", "10.0.0.11/32"]
    assert [(one.id, one.targets) for one in plan.shards] == [(one, [one]) for one in ids]
    known = {"If-None-Match": got.headers["ETag"]}
    assert viewer.get(f"{PATH}/plan", headers=known).status_code == 304
    assert agent.ran == []
    assert viewer.get("/discovery/runs").json() == {"items": [], "next": None}


def test_a_run_from_its_start_to_its_undoing(editor, env, job):
    started = editor.post(f"{PATH}/runs", headers={"Idempotency-Key": "now"})
    assert started.status_code == 202
    run = DiscoveryRunRow.model_validate(started.json())
    assert (run.job, run.state, run.ended, run.why) == ("lab", "running", None, "by hand")
    path = f"/discovery/runs/{run.id}"
    assert started.headers["Location"] == f"/api/v1{path}"
    again = editor.post(f"{PATH}/runs", headers={"Idempotency-Key": "now"})
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (started.json(), "true")
    before = editor.get(path)
    assert DiscoveryRun.model_validate(before.json()).coverage == 0
    (taken,), errors = tick(WORKER, env)
    assert (taken.id, errors) == (run.id, [])
    work(WORKER, env, run.id)
    got = editor.get(path)
    done = DiscoveryRun.model_validate(got.json())
    assert (done.state, done.coverage, done.packets) == ("done", 1.0, 1)
    assert (done.items["created"], done.error_count) == (3, 0)
    assert [one.commands for one in done.shards] == [[f"look at {one.id}"] for one in done.shards]
    assert got.headers["ETag"] != before.headers["ETag"]
    known = {"If-None-Match": got.headers["ETag"]}
    assert editor.get(path, headers=known).status_code == 304
    assert keys(editor) == ["10.0.0.1", "10.0.0.2", "10.0.0.9"]
    assert editor.get(f"/runs/{run.id}").json()["reason"] == f"discovery {run.id}"
    assert editor.delete(f"/runs/{run.id}").status_code == 204
    assert keys(editor) == []


def test_one_run_at_a_time_and_cancelling(editor, admin, env, job, agent, api):
    run = editor.post(f"{PATH}/runs").json()["id"]
    admin.put("/discovery/jobs/other", JOB | {"networks": ["10.0.0.0/24"]})
    busy = editor.post("/discovery/jobs/other/runs")
    assert (busy.status_code, busy.json()["code"]) == (409, "NetworkBusy")
    assert run in busy.json()["detail"]
    assert "正在扫描" in api(language="zh").post(f"{PATH}/runs").json()["detail"]
    path = f"/discovery/runs/{run}/cancel"
    for _ in range(2):
        got = editor.post(path, headers={"Idempotency-Key": "stop"})
        assert (got.status_code, got.json()["cancelled"]) == (200, True)
    assert got.headers["Idempotency-Replayed"] == "true"
    assert work(WORKER, env, run).state == "cancelled"
    got = editor.post(path)
    assert DiscoveryRun.model_validate(got.json()).state == "cancelled"
    assert {one["state"] for one in got.json()["shards"]} == {"cancelled"}
    assert agent.ran == []
    assert editor.post("/discovery/jobs/other/runs").status_code == 202
    assert editor.post("/discovery/jobs/nosuch/runs").status_code == 404
    assert editor.post("/discovery/runs/nosuch/cancel").status_code == 404


def test_pages_of_runs(editor, admin, agent):
    for number in range(5):
        net = {"networks": [f"10.0.{number}.0/24"], "deny": []}
        admin.put(f"/discovery/jobs/j{number % 2}", JOB | net)
        assert editor.post(f"/discovery/jobs/j{number % 2}/runs").status_code == 202
    found, query = [], {"limit": 2}
    while True:
        got = editor.get("/discovery/runs", params=query)
        page = Page[DiscoveryRunRow].model_validate(got.json())
        found += page.items
        if page.next is None:
            break
        assert 'rel="next"' in got.headers["Link"]
        query["cursor"] = page.next
    assert [one.job for one in found] == ["j0", "j1", "j0", "j1", "j0"]
    assert sorted((one.started for one in found), reverse=True) == [one.started for one in found]
    one = editor.get("/discovery/runs?job=j1").json()["items"]
    assert [row["job"] for row in one] == ["j1", "j1"]
    for wrong in ("limit=0", "cursor=x", "limit=1001"):
        assert editor.get(f"/discovery/runs?{wrong}").status_code == 422


def test_who_may_do_what(api, admin, editor, job, env, key):
    run = editor.post(f"{PATH}/runs").json()["id"]
    reads = (*READS[:-1], f"/discovery/runs/{run}")
    credential = {"kind": "token", "values": {"token": MARK}}

    def statuses(one):
        administering = (
            one.put(PATH, JOB | {"retries": 1}),
            one.delete("/discovery/jobs/nosuch"),
            one.get("/discovery/credentials"),
            one.put("/discovery/credentials/t", credential, headers={"Idempotency-Key": "k"}),
            one.delete("/discovery/credentials/nosuch"),
        )
        return (
            {one.get(path).status_code for path in reads},
            {one.post("/discovery/jobs/nosuch/runs").status_code},
            {one.post(f"/discovery/runs/{run}/cancel").status_code},
            [got.status_code for got in administering],
        )

    no = [403] * 5
    assert statuses(api("collector")) == ({403}, {403}, {403}, no)
    assert statuses(api("viewer")) == ({200}, {403}, {403}, no)
    assert statuses(editor) == ({200}, {404}, {200}, no)
    assert statuses(admin) == ({200}, {404}, {200}, [200, 404, 200, 200, 404])
    for limits in ({"sites": ["lab"]}, {"types": ["device"]}):
        assert statuses(api("administrator", **limits)) == ({403}, {403}, {403}, no)
        got = api("administrator", **limits).get(PATH)
        assert got.json()["code"] == "ScopeTooNarrow"


LITERALS = [
    *("", " ", " 10.0.0.0/24", "10.0.0.0/24 ", "10.0.0.0/24\n", "10.0.0.1\x00", "10.0.0.1\r\n"),
    *("10.0.0.0/0", "0.0.0.0/0", "::/0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.1/24", "fe80::/129"),
    *("010.0.0.1", "10.0.1", "10.0.0.256", "0x0a000001", "167772161", "10.0.0.0/255.255.255.0"),
    *(
        "10.0.0.0-10",
        "10.0.0.*",
        "10.0.0.1,2",
        "١٠.٠.٠.١",
        "１０.0.0.1",
        "10。0。0。1",
        "10.0.0.0/２４",
    ),
    *("fe80::1%eth0", "[::1]", ":", "::ffff:10.0.0.1", "::ffff:0:0/96", "::/64", "1" * 50, "ﬀ::"),
    *("localhost", "example.com", "10.0.0.1.example.com", "file:///etc/passwd", "/etc/passwd"),
    *("-iL/etc/passwd", "--script=x", "10.0.0.1 -oN /tmp/x", "10.0.0.1;id", "$(id)", "`id`", "-"),
    *(5, None, True, 10.1, ["10.0.0.0/24"], {"network": "10.0.0.0/24"}),
]


@pytest.mark.parametrize("literal", LITERALS, ids=repr)
def test_only_literals_of_networks_are_targets(admin, literal):
    good = {"agent": "connections", "networks": ["10.0.0.0/24"]}
    body = good | {"networks": ["10.0.1.0/24", literal], "deny": [literal]}
    got = admin.put("/discovery/jobs/wrong", body)
    assert (got.status_code, codes(got)) == (422, ["WrongValue", "WrongValue"])
    places = [one["fields"]["place"] for one in got.json()["errors"]]
    assert places == ["networks[1]", "deny[0]"]
    assert admin.get("/discovery/jobs").json()["items"] == []


def window(**changes):
    return {"windows": [{"start": "22:00", "end": "06:00"} | changes]}


def schedule(**fields):
    return {"schedule": fields}


WRONG = [
    ({"agent": "nosuch"}, "UnknownName"),
    ({"agent": "../connections"}, "UnknownName"),
    ({"agent": "estate"}, "UnknownName"),
    ({"agent": None}, "WrongValue"),
    ({"networks": []}, "WrongValue"),
    ({"networks": "10.0.0.0/24"}, "WrongValue"),
    ({"networks": ["10.0.0.1"] * 1001}, "WrongValue"),
    ({"networks": ["10.0.0.0/8"]}, "TooManyAddresses"),
    ({"networks": ["2001:db8::/32"]}, "TooManyAddresses"),
    ({"most_addresses": 10}, "TooManyAddresses"),
    ({"address": "https://cmdb.example"}, "WrongValue"),
    ({"networks": [], "address": "https://cmdb.example"}, "WrongValue"),
    ({"networks": [], "address": "x\ny"}, "WrongValue"),
    ({"forbidden_ports": [0]}, "WrongValue"),
    ({"forbidden_ports": [65536]}, "WrongValue"),
    ({"forbidden_ports": [-1]}, "WrongValue"),
    ({"forbidden_ports": ["443"]}, "WrongValue"),
    ({"forbidden_ports": [22.5]}, "WrongValue"),
    ({"forbidden_ports": [True]}, "WrongValue"),
    ({"forbidden_ports": ["1-65535"]}, "WrongValue"),
    ({"forbidden_ports": 22}, "WrongValue"),
    ({"forbidden_ports": None}, "WrongValue"),
    ({"forbidden_ports": [22]}, "OutOfScope"),
    ({"options": {"port": 0}}, "WrongValue"),
    ({"options": {"port": "22"}}, "WrongValue"),
    ({"options": {"port": 65536}}, "WrongValue"),
    ({"options": {"port": 2**70}}, "WrongValue"),
    ({"options": {"port": True}}, "WrongValue"),
    ({"options": {"prt": 22}}, "UnknownField"),
    ({"options": {"ProxyCommand": "id"}}, "UnknownField"),
    ({"options": {"port": {"a": 1}}}, "WrongValue"),
    ({"options": {"port": [[22]]}}, "WrongValue"),
    ({"options": {"port": "x" * 2001}}, "WrongValue"),
    ({"options": {str(n): n for n in range(101)}}, "WrongValue"),
    ({"options": [["port", 22]]}, "WrongValue"),
    ({"profile": "nosuch"}, "UnknownName"),
    ({"profile": "--script x"}, "UnknownName"),
    ({"profile": 5}, "WrongValue"),
    ({"credentials": ["../key"]}, "WrongValue"),
    ({"credentials": [""]}, "WrongValue"),
    ({"credentials": "root"}, "WrongValue"),
    ({"source": "manual"}, "InvalidInput"),
    ({"source": "a\nb"}, "WrongValue"),
    ({"source": "x" * 129}, "WrongValue"),
    ({"site": ""}, "WrongValue"),
    ({"site": "a\u202eb"}, "WrongValue"),
    ({"worker_site": "x" * 65}, "WrongValue"),
    ({"rate": 0}, "WrongValue"),
    ({"rate": "200"}, "WrongValue"),
    ({"rate": True}, "WrongValue"),
    ({"rate": 10**9}, "WrongValue"),
    ({"most_addresses": 2**21}, "WrongValue"),
    ({"host_timeout": 0}, "WrongValue"),
    ({"deadline": 10**9}, "WrongValue"),
    ({"retries": -1}, "WrongValue"),
    ({"paused": "yes"}, "WrongValue"),
    ({"fragile": 1}, "WrongValue"),
    (schedule(), "WrongValue"),
    (schedule(every=3600, cron="0 2 * * *"), "WrongValue"),
    (schedule(every=59), "WrongValue"),
    (schedule(every="60"), "WrongValue"),
    (schedule(every=10**10), "WrongValue"),
    (schedule(cron=""), "WrongValue"),
    (schedule(cron="* * * *"), "WrongValue"),
    (schedule(cron="* * * * * *"), "WrongValue"),
    (schedule(cron="61 * * * *"), "WrongValue"),
    (schedule(cron="0 0 30 2 *"), "WrongValue"),
    (schedule(cron="@daily"), "WrongValue"),
    (schedule(cron="０ 2 * * *"), "WrongValue"),
    (schedule(cron="0 2 * * *; id"), "WrongValue"),
    (schedule(cron=5), "WrongValue"),
    (schedule(cron="0 2 * * *", zone="Mars/Olympus"), "WrongValue"),
    (schedule(cron="0 2 * * *", zone=""), "WrongValue"),
    (schedule(cron="0 2 * * *", zone="Asia"), "WrongValue"),
    (schedule(cron="0 2 * * *", zone="/etc/passwd"), "WrongValue"),
    (schedule(cron="0 2 * * *", zone="../UTC"), "WrongValue"),
    (schedule(cron="0 2 * * *", zone="UTC\x00"), "WrongValue"),
    (schedule(cron="0 2 * * *", zone="x" * 5000), "WrongValue"),
    (schedule(every=60, jitter=-1), "WrongValue"),
    (schedule(every=60, hourly=True), "UnknownField"),
    ({"schedule": "0 2 * * *"}, "WrongValue"),
    (window(start="25:00"), "WrongValue"),
    (window(start="22:00+02:00"), "WrongValue"),
    (window(end=None), "WrongValue"),
    (window(end=1320), "WrongValue"),
    (window(days=["mon", "monday"]), "WrongValue"),
    (window(days=[]), "WrongValue"),
    (window(zone="Nowhere"), "WrongValue"),
    ({"windows": [{"start": "22:00"}]}, "MissingField"),
    ({"windows": {}}, "WrongValue"),
    ({"name": "other"}, "UnknownField"),
    ({"command": "id"}, "UnknownField"),
]


@pytest.mark.parametrize(("changes", "code"), WRONG, ids=lambda one: str(one)[:60])
def test_wrong_jobs_are_refused(admin, changes, code):
    body = {"agent": "connections", "networks": ["10.0.0.0/24"]} | changes
    got = admin.put("/discovery/jobs/wrong", body)
    assert (got.status_code, codes(got)) == (422, [code])
    assert admin.get("/discovery/jobs").json()["items"] == []


@pytest.mark.parametrize("name", ["a b", ".hidden", "-rf", "x" * 65, "é", "a@b", "%00"])
def test_wrong_names(admin, agent, key, name):
    got = admin.put(f"/discovery/jobs/{name}", JOB)
    assert (got.status_code, codes(got)) == (422, ["WrongValue"])
    got = admin.put(f"/discovery/credentials/{name}", {"kind": "token", "values": {"token": MARK}})
    assert (got.status_code, codes(got)) == (422, ["WrongValue"])


def test_everything_wrong_is_told_at_once(admin, api):
    body = {
        "networks": ["10.0.0.1/24", "10.0.1.0/24", "x"],
        "deny": ["y"],
        "forbidden_ports": [22, 0, 70000],
        "schedule": {"cron": "never", "zone": "Nowhere"},
        "windows": [{"start": "22:00", "end": "late", "days": ["sun", "someday"]}],
        "rate": -1,
        "optoins": {},
    }
    got = admin.put("/discovery/jobs/wrong", body)
    assert got.status_code == 422
    told = [(one["fields"]["place"], one["fields"]["name"]) for one in got.json()["errors"]]
    assert told == [
        ("body", "agent"),
        ("networks[0]", "it"),
        ("networks[2]", "it"),
        ("deny[0]", "it"),
        ("schedule", "'cron'"),
        ("schedule", "'zone'"),
        ("windows[0].days[1]", "it"),
        ("windows[0]", "'end'"),
        ("body", "'rate'"),
        ("forbidden_ports[1]", "it"),
        ("forbidden_ports[2]", "it"),
        ("body", "optoins"),
    ]
    options = {"port": 0, "prt": 1}
    both = {"agent": "connections", "networks": ["10.0.0.0/24"], "profile": "x", "options": options}
    got = admin.put("/discovery/jobs/wrong", both)
    assert sorted(codes(got)) == ["UnknownField", "UnknownName", "WrongValue"]
    said = api("administrator", language="zh").put("/discovery/jobs/wrong", body).json()
    assert "地址或网络" in said["detail"]
    assert said["errors"][0]["title"] == "缺少字段"


VALUES = {
    kind: {name: f"{MARK}-{name}" for name in (*needed, *allowed)}
    for kind, (needed, allowed) in KINDS.items()
}


def test_the_life_of_a_credential(admin, key):
    path = "/discovery/credentials/switches"
    body = {"kind": "snmp_v2c", "values": {"community": MARK}}
    once = {"Idempotency-Key": "set"}
    first = admin.put(path, body, headers=once)
    row = CredentialRow.model_validate(first.json())
    assert (row.name, row.kind) == ("switches", "snmp_v2c")
    assert first.headers["ETag"] == f'"{row.version}"'
    again = admin.put(path, body, headers=once)
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (first.json(), "true")
    other = admin.put(path, body | {"values": {"community": "x"}}, headers=once)
    assert (other.status_code, other.json()["code"]) == (422, "IdempotencyMismatch")
    assert admin.get("/discovery/credentials").json() == {"items": [first.json()], "next": None}
    changed = admin.put(path, body, headers={"If-Match": first.headers["ETag"]})
    assert changed.json()["version"] != row.version
    late = {"If-Match": first.headers["ETag"]}
    assert admin.put(path, body, headers=late).status_code == 412
    assert admin.delete(path, headers=late).status_code == 412
    assert admin.delete(path).status_code == 204
    assert admin.delete(path).status_code == 404
    assert admin.get("/discovery/credentials").json()["items"] == []


def wrong_credentials():
    """Bodies that are wrong, each with a secret in it."""
    yield MARK, ["WrongValue"]
    yield [MARK], ["WrongValue"]
    yield {"kind": "token", "values": MARK}, ["WrongValue"]
    yield {"kind": "token", "values": [MARK]}, ["WrongValue"]
    yield {"values": {"token": MARK}}, ["MissingField"]
    yield {"kind": "tokn", "values": {"token": MARK}}, ["UnknownName"]
    yield {"kind": [MARK], "values": {"token": MARK}}, ["WrongValue"]
    yield {"kind": "token", "token": MARK}, ["MissingField", "UnknownField"]
    yield {"kind": "token", "values": {"tokne": MARK}}, ["MissingField", "UnknownField"]
    yield {"kind": "token", "values": {"token": [MARK]}}, ["WrongValue"]
    yield {"kind": "token", "values": {"token": {"is": MARK}}}, ["WrongValue"]
    yield {"kind": "token", "values": {"token": MARK * 2000}}, ["WrongValue"]
    yield {"kind": "basic", "values": {"password": MARK}}, ["MissingField"]
    deep = MARK
    for _ in range(100):
        deep = {"a": deep}
    yield {"kind": "token", "values": {"token": deep}}, ["WrongValue"]


@pytest.mark.parametrize(("body", "expected"), list(wrong_credentials()), ids=lambda o: str(o)[:60])
@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "again"}], ids=["", "key"])
def test_what_is_wrong_with_a_credential_is_told_without_it(
    admin, key, caplog, body, expected, headers
):
    got = admin.put("/discovery/credentials/x", body, headers=headers)
    assert (got.status_code, codes(got)) == (422, expected)
    assert MARK not in got.text
    assert MARK not in caplog.text


def test_values_are_nowhere_but_sealed(admin, api, editor, env, key, caplog, tmp_path, job):
    told = ""
    for kind, values in VALUES.items():
        body = {"kind": kind, "values": values}
        told += admin.put(f"/discovery/credentials/{kind}", body).text
        headers = {"Idempotency-Key": f"set {kind}"}
        told += admin.put(f"/discovery/credentials/{kind}", body, headers=headers).text
        told += editor.put(f"/discovery/credentials/{kind}", body, headers=headers).text
    admin.put(PATH, JOB | {"credentials": list(VALUES)})
    run = editor.post(f"{PATH}/runs").json()["id"]
    assert work(WORKER, env, run).state == "done"
    for path in ("/discovery/credentials", PATH, f"/discovery/runs/{run}", f"/runs/{run}"):
        told += admin.get(path).text
    told += json.dumps([repr(commit) for commit in env.store.log(0)])
    assert len(told) > 5000
    for text in (told, caplog.text):
        assert MARK not in text
    files = [path.read_bytes() for path in tmp_path.glob("cmdb.db*")]
    assert any(b"snmp_v2c" in data for data in files)
    assert not any(MARK.encode() in data for data in files)


def test_without_a_key_there_are_no_credentials(admin, api, monkeypatch, tmp_path):
    monkeypatch.delenv("CMDB_CREDENTIALS_KEY_FILE", raising=False)
    monkeypatch.delenv("CMDB_CREDENTIALS_KEY", raising=False)
    body = {"kind": "token", "values": {"token": MARK}}
    for headers in ({}, {"Idempotency-Key": "k"}):
        got = admin.put("/discovery/credentials/t", body, headers=headers)
        assert (got.status_code, got.json()["code"]) == (503, "NoCredentialsKey")
        assert "Retry-After" not in got.headers
    chinese = api("administrator", language="zh").put("/discovery/credentials/t", body)
    assert "没有用于凭据的密钥" in chinese.json()["detail"]
    monkeypatch.setenv("CMDB_CREDENTIALS_KEY_FILE", str(tmp_path / "nosuch"))
    got = admin.put("/discovery/credentials/t", body)
    assert (got.status_code, got.json()["code"]) == (503, "UnusableCredentialsKey")
    assert MARK not in got.text
