"""The real application on a real embedded store; every answer is checked for its form."""

import logging
from datetime import timedelta
from functools import partial

import httpx
import pytest
from fastapi.testclient import TestClient

from api.http.app import create_app
from api.http.models.common import Problem
from cmdb.services.actor import Actor, Scope
from cmdb.services.environment import Environment
from cmdb.services.ingest import ingest
from cmdb.services.tokens import create_token
from cmdb.services.users import create_user
from cmdb.stores.sqlite import SQLiteStore
from discovery.agents.estate import parse
from tests.api.sending import send

ADMIN = Actor("test", frozenset({"administrator"}))
V1 = "/api/v1"

ESTATE = {
    "cis": [
        {"key": "sw-1", "type": "switch", "attributes": {"site": "a", "vendor": "Huawei"}},
        {"key": "db-1", "type": "database", "name": "orders db", "attributes": {"site": "b"}},
        {"key": "app-1", "type": "application", "name": "订单系统", "attributes": {"site": "a"}},
        {"key": "app-2", "type": "application", "attributes": {"site": "b"}},
        {"key": "pay", "type": "business_service", "attributes": {"site": "a"}},
    ],
    "relations": [
        {"from": "db-1", "type": "depends_on", "to": "sw-1"},
        {"from": "app-1", "type": "depends_on", "to": "db-1"},
        {"from": "app-2", "type": "depends_on", "to": "db-1"},
        {"from": "pay", "type": "uses", "to": "app-1"},
    ],
}


PEOPLE = {
    "bob": ("requester", (), "mia"),
    "ann": ("service_desk", ("desk",), ""),
    "fay": ("fulfiller", ("network",), "mia"),
    "cho": ("change_manager", ("changes",), ""),
    "cab": ("cab_member", (), ""),
    "pam": ("problem_manager", ("problems",), ""),
    "mia": ("requester", (), ""),
}


class Clock:
    """A clock that tests set."""

    def __init__(self):
        self.now = 1_800_000_000.0

    def __call__(self):
        self.now += 0.001
        return self.now


class Api:
    """A client with one token; asks below /api/v1 and checks what every answer must have."""

    def __init__(self, client, token=None, language=None):
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        if language:
            self.headers["Accept-Language"] = language

    def __call__(self, method, path, headers=None, **rest) -> httpx.Response:
        path = path if path.startswith(("/healthz", "/readyz", "/docs")) else V1 + path
        got = self.client.request(method, path, headers={**self.headers, **(headers or {})}, **rest)
        check_form(got)
        return got

    def get(self, path, **rest):
        return self("GET", path, **rest)

    def post(self, path, json=None, **rest):
        return self("POST", path, json=json, **rest)

    def put(self, path, json=None, **rest):
        return self("PUT", path, json=json, **rest)

    def patch(self, path, json=None, **rest):
        return self("PATCH", path, json=json, **rest)

    def delete(self, path, **rest):
        return self("DELETE", path, **rest)


def check_form(got):
    assert got.headers["Content-Language"] in ("en", "zh-CN")
    assert "Accept-Language" in got.headers["Vary"]
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Security-Policy"]
    if got.status_code >= 400:
        assert got.headers["Content-Type"] == "application/problem+json"
        problem = Problem.model_validate_json(got.content)
        assert problem.status == got.status_code
        assert problem.instance == got.request.url.path
        assert problem.type == f"urn:graph-cmdb:problem:{problem.code}"
        assert problem.detail
        assert problem.title
        assert "Traceback" not in got.text
        token = got.request.headers.get("Authorization", "").partition(" ")[2]
        assert not token or token not in got.text


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def env(tmp_path, clock):
    store = SQLiteStore(tmp_path / "cmdb.db")
    yield Environment(store, clock)
    store.close()


@pytest.fixture
def client(env):
    return TestClient(create_app(env), raise_server_exceptions=False)


@pytest.fixture
def token(env):
    """Makes tokens."""

    def make(role="editor", expires=None, sites=None, types=None, name="someone", source=None):
        scope = None
        if sites is not None or types is not None:
            scope = Scope(
                None if sites is None else frozenset(sites),
                None if types is None else frozenset(types),
            )
        span = None if expires is None else timedelta(seconds=expires)
        return create_token(
            ADMIN, env, role=role, name=name, expires=span, scope=scope, source=source
        )

    return make


@pytest.fixture
def api(client, token):
    """Makes clients."""

    def make(role="editor", language=None, **options):
        return Api(client, token(role, **options), language)

    return make


@pytest.fixture
def editor(api):
    return api("editor")


@pytest.fixture
def admin(api):
    return api("administrator")


@pytest.fixture
def say(editor):
    """Send what a source saw, and give the answer."""
    return partial(send, editor)


@pytest.fixture
def estate(env):
    """The small estate above, imported."""
    report = ingest(ADMIN, env, parse(ESTATE), source="estate", reason="test")
    assert report.errors == []
    return ESTATE


@pytest.fixture
def people(env, client, estate):
    """A client for each of some users."""
    made = {}
    for name, (role, teams, manager) in sorted(PEOPLE.items(), key=lambda one: one[1][2] != ""):
        values = {"name": name, "roles": [role], "teams": teams, "manager": manager}
        create_user(ADMIN, env, {**values, "email": f"{name}@example.org"})
        made[name] = Api(client, create_token(ADMIN, env, user=name, name=name))
    return made


@pytest.fixture(autouse=True)
def _no_token_in_logs(caplog, request):
    caplog.set_level(logging.DEBUG)
    yield
    assert "Bearer cmdb_" not in caplog.text
