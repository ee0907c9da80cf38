"""Configuration items over HTTP."""

from urllib.parse import quote

import pytest

from api.http.models.common import Page
from api.http.models.items import CI, CIRow
from cmdb.errors import Conflict
from cmdb.services.ingest import ingest
from discovery.agents.estate import parse
from tests.api.conftest import ADMIN

STRANGE = ["a/b/c", "订单/库", "x=down@2026-03-01", "50% off?", "a b+c", "#1", "..x", "a//b", "😀"]


def keys(got):
    assert got.status_code == 200, got.text
    Page[CIRow].model_validate(got.json())
    return [row["key"] for row in got.json()["items"]]


def test_create_show_change_remove(editor):
    form = {
        "key": "db-1",
        "type": "database",
        "name": "orders db",
        "attributes": {"version": "15"},
        "redundancy": {"feeds": {"need": 1}},
        "aliases": [{"source": "netbox", "key": "device:17"}],
    }
    got = editor.post("/cis", form)
    assert got.status_code == 201
    assert got.headers["Location"] == "/api/v1/cis/db-1"
    made = got.json()
    CI.model_validate(made)
    assert got.headers["ETag"] == f'"{made["version"]}"'
    assert all(made[name] == form[name] for name in form if name != "aliases")
    assert made["status"] == "live"
    assert made["aliases"] == [
        {"source": "manual", "key": "db-1"},
        {"source": "netbox", "key": "device:17"},
    ]
    assert [c["source"] for c in made["claims"]] == ["manual"]
    assert made["claims"][0]["observed_at"].startswith("2027-01-15T08:00:00.")
    for reference in ("db-1", "device:17", "netbox:device:17", "orders db", "orders%20db"):
        assert editor.get(f"/cis/{reference}").json() == made

    got = editor.patch("/cis/db-1", {"status": "retired", "attributes": {"version": None}})
    assert got.status_code == 200
    assert got.json()["status"] == "retired"
    assert got.json()["attributes"] == {}
    assert got.json()["name"] == "orders db"
    assert got.json()["version"] > made["version"]
    assert editor.delete("/cis/db-1").status_code == 204
    assert editor.get("/cis/db-1").status_code == 404


@pytest.mark.parametrize("key", STRANGE)
def test_strange_keys(editor, key):
    got = editor.post("/cis", {"key": key, "type": "server"})
    assert got.status_code == 201
    path = got.headers["Location"].removeprefix("/api/v1")
    assert path == f"/cis/{quote(key, safe='')}"
    assert editor.get(path).json()["key"] == key
    if key == "a/b/c":  # a slash may be written as it is
        assert editor.get("/cis/a/b/c").json()["key"] == key
    assert editor.patch(path, {"name": "x"}).json()["name"] == "x"
    assert editor.delete(path).status_code == 204


def test_null_withdraws_what_was_said_by_hand(env, editor, estate):
    editor.patch("/cis/sw-1", {"attributes": {"vendor": "H3C"}})
    assert editor.get("/cis/sw-1").json()["attributes"]["vendor"] == "H3C"
    got = editor.patch("/cis/sw-1", {"attributes": {"vendor": None}})
    assert got.json()["attributes"]["vendor"] == "Huawei"
    assert [c["source"] for c in got.json()["claims"]] == ["estate", "manual"]


def test_create_refusals(editor, estate):
    taken = editor.post("/cis", {"key": "sw-1", "type": "switch"})
    assert (taken.status_code, taken.json()["code"]) == (409, "AlreadyExists")
    got = editor.post("/cis", {"key": "x", "type": "swich"})
    assert got.status_code == 422
    assert got.json()["fields"]["nearest"] == "switch"
    got = editor.post("/cis", {"type": "switch", "nmae": 1, "network_root": "yes"})
    assert got.status_code == 422
    assert [e["code"] for e in got.json()["errors"]] == [
        "WrongValue",
        "MissingField",
        "UnknownField",
    ]
    got = editor.post(
        "/cis", {"key": "x", "type": "server", "attributes": {"memory": "much", "vendr": "x"}}
    )
    assert [e["code"] for e in got.json()["errors"]] == ["WrongValue", "UnknownField"]
    assert "in MiB" in got.json()["errors"][0]["detail"]
    for bad in (
        {"key": ""},
        {"key": "x" * 513},
        {"key": "a\nb"},
        {"key": None},
        {"key": 7},
        {"key": "x", "status": "lively"},
        {"key": "x", "status": None},
        {"key": "x", "redundancy": {"feeds": {"need": 0}}},
        {"key": "x", "redundancy": {"feeds": 2}},
        {"key": "x", "aliases": [{"source": "netbox"}]},
        {"key": "x", "attributes": {"memory": 2**70}},
        {"key": "x", "attributes": []},
    ):
        assert editor.post("/cis", {"type": "server", **bad}).status_code == 422, bad
    assert editor.get("/cis/x").status_code == 404


def test_patch_refusals(editor, estate):
    assert editor.patch("/cis/nothing", {"name": "x"}).status_code == 404
    assert editor.patch("/cis/sw-1", {"key": "x"}).json()["code"] == "UnknownField"
    assert editor.patch("/cis/sw-1", {"type": "robot"}).status_code == 422
    assert editor.patch("/cis/sw-1", {"name": None}).status_code == 422
    assert editor.patch("/cis/sw-1", []).status_code == 422
    foreign = {"aliases": [{"source": "estate", "key": "db-1"}]}
    assert editor.patch("/cis/sw-1", foreign).json()["code"] == "IdentityConflict"
    assert editor.patch("/cis/sw-1", {}).status_code == 200


def test_merge_patch_media_type(editor, estate):
    got = editor(
        "PATCH",
        "/cis/sw-1",
        content=b'{"name": "core"}',
        headers={"Content-Type": "application/merge-patch+json"},
    )
    assert got.json()["name"] == "core"


def test_versions(editor, estate):
    first = editor.get("/cis/sw-1")
    etag = first.headers["ETag"]
    for known in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        got = editor.get("/cis/sw-1", headers={"If-None-Match": known})
        assert (got.status_code, got.content, got.headers["ETag"]) == (304, b"", etag)
    assert editor.get("/cis/sw-1", headers={"If-None-Match": '"x"'}).status_code == 200

    changed = editor.patch("/cis/sw-1", {"name": "core"}, headers={"If-Match": etag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != etag
    for stale in (etag, '"x"', '"99999999999999999999999"'):
        got = editor.patch("/cis/sw-1", {"name": "late"}, headers={"If-Match": stale})
        assert (got.status_code, got.json()["code"]) == (412, "PreconditionFailed")
        assert editor.delete("/cis/sw-1", headers={"If-Match": stale}).status_code == 412
    for wrong in ("12", "", '"1", "2"', '"1'):
        assert editor.patch("/cis/sw-1", {}, headers={"If-Match": wrong}).status_code == 422
    assert editor.patch("/cis/sw-1", {"name": "x"}, headers={"If-Match": "*"}).status_code == 200
    now = editor.get("/cis/sw-1").headers["ETag"]
    assert editor.delete("/cis/sw-1", headers={"If-Match": f"W/{now}"}).status_code == 204


def test_deleting_takes_the_relations_along(editor, estate):
    assert editor.delete("/cis/db-1").status_code == 204
    assert [r["from"] for r in editor.get("/relations").json()["items"]] == ["pay"]


def test_conflict_at_commit(env, editor, estate, monkeypatch):
    def lost(*_):
        raise Conflict(kind="configuration item", name="sw-1")

    monkeypatch.setattr(env.store, "commit_planned", lost)
    got = editor.patch("/cis/sw-1", {"name": "x"}, headers={"Idempotency-Key": "k"})
    assert (got.status_code, got.json()["code"]) == (409, "Conflict")


def test_filters(editor, estate):
    assert keys(editor.get("/cis?type=application")) == ["app-1", "app-2"]
    assert keys(editor.get("/cis?type=device")) == ["sw-1"]
    assert keys(editor.get("/cis", params={"q": "订单"})) == ["app-1"]
    assert keys(editor.get("/cis?q=ORDERS")) == ["db-1"]
    assert keys(editor.get("/cis?vendor=Huawei&site=a")) == ["sw-1"]
    assert keys(editor.get("/cis?vendor=Huawei&site=b")) == []
    assert keys(editor.get("/cis?status=retired")) == []
    assert keys(editor.get("/cis?site=a&type=service")) == ["pay"]


def test_filters_of_every_kind(editor):
    for key, attributes in {
        "s1": {
            "memory": 1024,
            "weight": 12.5,
            "management_ip": "2001:db8::1",
            "install_date": "2026-03-01",
            "last_boot": "2026-03-01T08:00:00+00:00",
        },
        "s2": {"memory": 2048, "weight": 12},
    }.items():
        editor.post("/cis", {"key": key, "type": "server", "attributes": attributes})
    editor.post("/cis", {"key": "n", "type": "network", "attributes": {"dhcp": True}})
    for query, found in {
        "memory=1024": ["s1"],
        "weight=12.5": ["s1"],
        "weight=12": ["s2"],
        "weight=12.0": ["s2"],
        "management_ip=2001:DB8:0::1": ["s1"],
        "install_date=20260301": ["s1"],
        "last_boot=2026-03-01T08:00:00%2B00:00": ["s1"],
        "dhcp=true": ["n"],
        "dhcp=false": [],
    }.items():
        assert keys(editor.get(f"/cis?{query}")) == found, query


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("vendr=x", "UnknownName"),
        ("type=databse", "UnknownName"),
        ("type=application&rack_height=1", "UnknownName"),
        ("status=alive", "UnknownName"),
        ("sort=size", "UnknownName"),
        ("sort=", "UnknownName"),
        ("memory=much", "WrongValue"),
        ("memory=-1", "WrongValue"),
        ("memory=99999999999999999999999", "WrongValue"),
        ("weight=nan", "WrongValue"),
        ("weight=²", "WrongValue"),
        ("dhcp=1", "WrongValue"),
        ("tags=x", "InvalidInput"),
        ("vendor=a&vendor=b", "InvalidInput"),
        ("q=", "WrongValue"),
        ("limit=0", "WrongValue"),
        ("limit=1001", "WrongValue"),
        ("limit=many", "WrongValue"),
    ],
)
def test_filter_refusals(editor, estate, query, code):
    got = editor.get(f"/cis?{query}")
    assert (got.status_code, got.json()["code"]) == (422, code)


def walk(api, path, **params):
    found, cursor = [], None
    for _ in range(100):
        extra = {"cursor": cursor} if cursor else {}
        got = api.get(path, params={**params, **extra})
        found += keys(got)
        cursor = got.json()["next"]
        assert ("Link" in got.headers) == (cursor is not None)
        if cursor is None:
            return found
        assert got.headers["Link"].startswith(f"</api/v1{path}?")
    raise AssertionError("endless")


@pytest.mark.parametrize("sort", ["key", "-key", "name", "-name", "type", "-status"])
def test_pages(env, editor, sort):
    cis = [
        {"key": f"k{n:02}", "type": "server", "name": f"n{n % 3}", "status": "live"}
        for n in range(23)
    ]
    ingest(ADMIN, env, parse({"cis": cis}), source="estate", reason="test")
    field = sort.removeprefix("-")
    expected = sorted(cis, key=lambda c: (c[field], c["key"]), reverse=sort.startswith("-"))
    for limit in (1, 4, 23, 1000):
        assert walk(editor, "/cis", sort=sort, limit=limit) == [c["key"] for c in expected]


def test_pages_stay_in_order_under_writes(editor):
    for n in range(0, 20, 2):
        editor.post("/cis", {"key": f"k{n:02}", "type": "server"})
    first = editor.get("/cis?limit=5").json()
    assert [r["key"] for r in first["items"]] == ["k00", "k02", "k04", "k06", "k08"]
    for key in ("k01", "k11"):  # one before the cursor, one after it
        editor.post("/cis", {"key": key, "type": "server"})
    editor.delete("/cis/k08")
    editor.delete("/cis/k10")
    second = editor.get("/cis", params={"limit": 5, "cursor": first["next"]})
    assert keys(second) == ["k11", "k12", "k14", "k16", "k18"]


def test_the_link_leads_to_the_next_page(editor, estate):
    got = editor.get("/cis?limit=2&site=a&sort=-key")
    url = got.headers["Link"].removeprefix("<").partition(">")[0]
    assert keys(editor.get(url.removeprefix("/api/v1"))) == ["app-1"]


@pytest.mark.parametrize(
    "cursor", ["x", "!!", "e30", "W10", "bnVsbA", "WyJjaXMga2V5IiwxLDJd", "订单", "A" * 5000]
)
def test_bad_cursors(editor, estate, cursor):
    got = editor.get("/cis", params={"cursor": cursor})
    assert got.status_code == 422
    assert "cursor" in got.json()["detail"]


def test_a_cursor_belongs_to_its_list(editor, estate):
    cursor = editor.get("/cis?limit=1").json()["next"]
    for path in ("/cis?sort=-key", "/cis?sort=name", "/relations?"):
        got = editor.get(f"{path}&cursor={cursor}")
        assert got.status_code == 422
        assert "another list" in got.json()["detail"]
