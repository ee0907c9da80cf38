"""Who may do what."""

import importlib
import pkgutil

import pytest
from fastapi.testclient import TestClient

from api.http import resources
from api.http.app import create_app
from cmdb.errors import StoreUnavailable
from cmdb.services.tokens import list_tokens, revoke_token
from tests.api.conftest import ADMIN, V1, Api, check_form

AGENT = f"{V1}/discovery/glpi"
EVENTS = f"{V1}/external-systems/{{name}}/events"
"""What is sent there is signed; who signs not, is refused as well."""

OPEN = {"/", "/healthz", "/readyz", "/docs", "/docs/oauth2-redirect", "/openapi.json"}


def all_routes(app):
    """Every (method, path): those of the resources, and whatever else the application has."""
    found = set()
    for info in pkgutil.iter_modules(resources.__path__):
        module = importlib.import_module(f"{resources.__name__}.{info.name}")
        prefix = "" if getattr(module, "OPEN", False) else V1
        for route in module.router.routes:
            found |= {(method, prefix + route.path) for method in route.methods}
    for route in app.routes:
        if getattr(route, "path", None) and getattr(route, "methods", None):
            found |= {(method, route.path) for method in route.methods}
    for path, operations in app.openapi()["paths"].items():
        # OpenAPI writes {reference:path} without its convertor
        known = {p.replace(":path}", "}") for _, p in found}
        assert path in known, operations
    return found


def test_every_route_but_the_open_ones_needs_a_token(client):
    routes = all_routes(client.app)
    assert len(routes) > 20
    for method, path in routes:
        got = client.request(method, path.replace(":path", ""), follow_redirects=False)
        if path in OPEN:
            assert got.status_code < 400, path
        else:
            assert got.status_code == 401, (method, path)
            check_form(got)
            basic = 'Basic realm="cmdb", ' if path == AGENT else ""
            if path != EVENTS:
                assert got.headers["WWW-Authenticate"] == f'{basic}Bearer realm="cmdb"'


def test_even_unknown_paths_below_api_need_a_token(client):
    for path in ("/api", "/api/v1", "/api/v1/nothing", "/api/v2/cis"):
        assert client.get(path).status_code == 401


def test_whoever_is_unknown_cannot_make_us_read_a_body(client):
    got = client.post(f"{V1}/cis", content=b"{" * 100, headers={"Content-Type": "text/plain"})
    assert got.status_code == 401


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer wrong", "Bearer cmdb_1_2", "Bearer cmdb__"],
)
def test_wrong_tokens(client, header):
    got = client.get(f"{V1}/cis", headers={"Authorization": header})
    assert got.status_code == 401
    check_form(got)
    assert 'error="invalid_token"' in got.headers["WWW-Authenticate"]


def test_scheme_in_any_case(client, token):
    got = client.get(f"{V1}/cis", headers={"Authorization": f"bearer {token()}"})
    assert got.status_code == 200


def test_right_number_with_wrong_secret(client, token):
    number = token().rpartition("_")[0][:17]
    got = client.get(f"{V1}/cis", headers={"Authorization": f"Bearer {number}_guess"})
    assert got.status_code == 401


def test_expired_and_revoked_tokens(api, env, clock):
    short = api("viewer", expires=60)
    assert short.get("/cis").status_code == 200
    clock.now += 61
    got = short.get("/cis")
    assert got.status_code == 401
    assert "expired" in got.json()["detail"]
    viewer = api("viewer", name="to revoke")
    (number,) = (d.name for d in list_tokens(ADMIN, env) if d.body["name"] == "to revoke")
    revoke_token(ADMIN, env, number)
    assert viewer.get("/cis").status_code == 401


def test_viewer_reads_but_does_not_write(api, estate):
    viewer = api("viewer")
    assert viewer.get("/cis").status_code == 200
    assert viewer.post("/impact", {"failures": [{"key": "sw-1"}]}).status_code == 200
    for got in (
        viewer.post("/cis", {"key": "x", "type": "server"}),
        viewer.patch("/cis/sw-1", {"name": "x"}),
        viewer.delete("/cis/sw-1"),
        viewer.post("/relations", {"from": "sw-1", "type": "depends_on", "to": "db-1"}),
        viewer.patch("/relations/0", {"strength": "soft"}),
        viewer.delete("/relations/0"),
        viewer.put("/types/robot", {"description": "x", "parent": "device"}),
        viewer.put("/relation-types/obeys", {"description": "x"}),
    ):
        assert got.status_code == 403
        assert got.json()["code"] == "Forbidden"


def test_editor_does_not_declare_types(editor):
    got = editor.put("/types/robot", {"description": "A robot.", "parent": "device"})
    assert got.status_code == 403
    assert "administrator" in got.json()["detail"]


def test_scoped_token_sees_only_its_site(api, estate):
    site_a = api("editor", sites=["a"])
    assert [r["key"] for r in site_a.get("/cis").json()["items"]] == ["app-1", "pay", "sw-1"]
    assert [r["from"] for r in site_a.get("/relations").json()["items"]] == ["pay"]
    hidden, absent = site_a.get("/cis/db-1"), site_a.get("/cis/nothing")
    assert hidden.status_code == absent.status_code == 404
    assert hidden.text.replace("db-1", "nothing") == absent.text
    for got in (
        site_a.get("/cis/orders db"),
        site_a.patch("/cis/db-1", {"name": "mine"}),
        site_a.delete("/cis/db-1"),
        site_a.get("/relations/0"),
        site_a.delete("/relations/0"),
    ):
        assert got.status_code == 404
        assert "db-1" not in got.json()["detail"] or "db-1" in got.request.url.path


def test_scoped_token_cannot_ask_for_or_join_what_it_does_not_see(api, estate):
    site_a = api("editor", sites=["a"])
    for form in (
        {"failures": [{"key": "db-1"}]},
        {"failures": [{"key": "orders db"}]},
        {"failures": [{"key": "estate:db-1"}]},
    ):
        got = site_a.post("/impact", form)
        assert got.status_code == 422
        assert got.json()["code"] == "UnknownReference"
        assert got.json()["fields"]["reference"] == form["failures"][0]["key"]
    got = site_a.post("/relations", {"from": "sw-1", "type": "depends_on", "to": "orders db"})
    assert got.status_code == 422
    assert "db-1" not in got.text
    assert site_a.get("/relations?key=db-1").status_code == 422


def test_scoped_token_does_not_write_outside(api, estate):
    site_a = api("editor", sites=["a"])
    outside = {"key": "new", "type": "server", "attributes": {"site": "b"}}
    assert site_a.post("/cis", outside).status_code == 403
    assert site_a.patch("/cis/sw-1", {"attributes": {"site": "b"}}).status_code == 403
    assert site_a.post("/cis", {**outside, "attributes": {"site": "a"}}).status_code == 201


def test_an_alias_does_not_give_away_what_is_hidden(api, admin, estate):
    site_a = api("editor", sites=["a"])
    steal = {
        "key": "mine",
        "type": "database",
        "attributes": {"site": "a"},
        "aliases": [{"source": "estate", "key": "db-1"}],
    }
    assert site_a.post("/cis", steal).status_code == 409
    got = site_a.patch("/cis/sw-1", {"aliases": steal["aliases"]})
    assert (got.status_code, got.json()["code"]) == (422, "IdentityConflict")
    assert got.json()["fields"]["candidates"] == "'sw-1'"
    assert admin.get("/cis/db-1").json()["attributes"]["site"] == "b"


def test_ambiguous_names_count_only_what_is_seen(api, editor, estate):
    editor.patch("/cis/db-1", {"name": "same"})
    editor.patch("/cis/sw-1", {"name": "same"})
    got = editor.get("/cis/same")
    assert got.status_code == 409
    assert got.json()["fields"]["candidates"] == "'db-1', 'sw-1'"
    assert api("viewer", sites=["a"]).get("/cis/same").json()["key"] == "sw-1"


def test_scope_by_type_includes_the_types_below(api, estate):
    devices = api("viewer", types=["device"])
    assert [r["key"] for r in devices.get("/cis").json()["items"]] == ["sw-1"]


def test_impact_counts_what_is_hidden(api, estate):
    answer = api("viewer", sites=["a"]).post("/impact", {"failures": [{"key": "sw-1"}]}).json()
    assert [row["key"] for row in answer["impacted"]] == ["app-1", "pay"]
    assert answer["confidence"]["hidden"] == 2
    assert answer["impacted"][0]["path"] == ["sw-1", {"hidden": True}, "app-1"]
    assert answer["impacted"][0]["causes"][0]["from"] == [{"hidden": True}]
    assert answer["summary"]["down"] == 1


def test_ready_says_no_when_the_store_does_not_answer(env, client):
    client.get("/readyz").raise_for_status()

    def broken():
        raise StoreUnavailable(address="neo4j://secret-host", detail="gone")

    env.store.seq = broken
    env.store.document = lambda kind, name: broken()
    for path in ("/readyz", f"{V1}/cis"):
        got = client.get(path, headers={"Authorization": "Bearer cmdb_1_2"})
        assert got.status_code == 503
        check_form(got)
        assert got.headers["Retry-After"] == "5"
        assert "secret-host" not in got.text
    assert client.get("/healthz").json() == {"status": "alive"}


def test_open_paths_need_no_token(client):
    nobody = Api(client)
    assert nobody.get("/healthz").json() == {"status": "alive"}
    assert nobody.get("/readyz").json() == {"status": "ready", "seq": 0}


def test_behind_a_proxy_with_a_path(env, token):
    client = TestClient(create_app(env), root_path="/cmdb")
    assert client.get("/cmdb/api/v1/cis").status_code == 401
    headers = {"Authorization": f"Bearer {token()}"}
    assert client.get("/cmdb/api/v1/cis", headers=headers).status_code == 200
    assert client.get("/cmdb/healthz").status_code == 200
    assert client.get("/cmdb/", follow_redirects=False).headers["location"] == "/cmdb/docs"
