"""External ticket systems over HTTP: declared by administrators, heard by their signature."""

import orjson
import pytest

from cmdb.messages.signatures import signed
from cmdb.sealing import new_key
from tests.api.conftest import V1, Api

MAPPING = {"fields": {"short": "title", "ci": "item"}, "states": {"Work": "in_progress"}}
PATH = "/external-systems/desk"


@pytest.fixture(autouse=True)
def _key(monkeypatch):
    monkeypatch.setenv("CMDB_CREDENTIALS_KEY", new_key())


@pytest.fixture
def secret(admin):
    return admin.put(PATH, {"mapping": MAPPING}).json()["secret"]


@pytest.fixture
def call(client, clock, secret):
    """Send an event as the system does: without a token."""
    nobody = Api(client)

    def send(data, id="m1", path=f"{PATH}/events", age=0, **headers):
        body = data if isinstance(data, bytes) else orjson.dumps({"type": "x", "data": data})
        headers = {**signed(secret, id, int(clock.now) - age, body), **headers}
        return nobody("POST", path, content=body, headers=headers)

    return send


def test_the_life_of_a_system(admin, editor):
    made = admin.put(PATH, {"mapping": MAPPING, "roles": ["service_desk"]})
    assert made.json()["secret"].startswith("whsec_")
    etag = made.headers["ETag"]
    got = admin.get(PATH)
    assert "secret" not in got.text
    assert "whsec" not in got.text
    assert got.json()["mapping"]["states"] == {"Work": "in_progress"}
    assert got.json()["events"] == ["ticket_opened", "ticket_changed", "comment_added"]
    assert admin.get(PATH, headers={"If-None-Match": etag}).status_code == 304
    again = admin.put(PATH, {"mapping": MAPPING}, headers={"If-Match": etag})
    assert again.json()["secret"] is None
    assert admin.put(PATH, {}, headers={"If-Match": etag}).status_code == 412
    assert admin.get("/external-systems").json()["items"][0]["name"] == "desk"
    for refused in (editor.get(PATH), editor.put(PATH, {}), editor.get(f"{PATH}/unmatched")):
        assert refused.status_code == 403
    assert admin.delete(PATH).status_code == 204
    assert admin.get(PATH).status_code == 404


def test_everything_wrong_is_told(admin):
    mapping = {"states": {"x": "nowhere"}, "fields": {"a": "titel"}}
    form = {"mapping": mapping, "target": "out", "events": ["odd"], "roles": ["odd"]}
    got = admin.put(PATH, {**form, "secret": "whsec_x"})
    assert got.status_code == 422
    assert len(got.json()["errors"]) == 6
    assert "whsec_x" not in got.text
    assert admin.put(PATH, {"mapping": {"zone": "x", "odd": 1}}).status_code == 422
    assert admin.put("/external-systems/a%20b", {}).status_code == 422


def test_an_event_needs_a_signature_and_no_token(admin, call, estate):
    data = {"id": "7", "version": 1, "short": "慢", "ci": ["db-1", "gone"], "state": "Work"}
    got = call(data)
    assert got.status_code == 200, got.text
    answer = got.json()
    assert (answer["result"], answer["number"], answer["unmatched"]) == (
        "created",
        "INC-1",
        ["gone"],
    )
    assert answer["wishes"][0]["wish"] == "be in_progress"
    assert call(data).json() == answer
    ticket = admin.get("/incidents/INC-1").json()
    assert (ticket["foreign"], ticket["items"][0]["key"]) == ({"desk": "7"}, "db-1")
    assert ticket["by"] == "external system desk"
    (row,) = admin.get(f"{PATH}/unmatched").json()["items"]
    assert row["reference"] == "gone"
    assert admin.post(f"{PATH}/unmatched").json() == {"found": 0}
    assert call({**data, "version": 0}, "m2").json()["result"] == "ignored"


def test_what_is_refused(admin, call, env):
    data = {"id": "7", "version": 1, "short": "x"}
    assert call(data, age=301).status_code == 401
    assert call(data, age=-400).status_code == 401
    assert call(data, **{"webhook-signature": "v1,AAAA"}).status_code == 401
    assert call(data, **{"webhook-id": "other"}).status_code == 401
    assert call(data, path="/external-systems/other/events").status_code == 401
    assert call(b"x" * (1024 * 1024 + 1)).status_code == 413
    assert call(b"{").status_code == 400
    assert call({"id": "7"}).status_code == 422
    assert call({"version": 1, "short": "x", "id": "7", "priority": "P9"}).status_code == 422
    assert admin.get("/incidents").json()["items"] == []
    assert call(data).status_code == 200
    assert call({**data, "short": "y"}).status_code == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"{PATH}/events"),
        ("PUT", f"{PATH}/events"),
        ("POST", PATH),
        ("POST", f"{PATH}/events/"),
        ("POST", f"{PATH}/events/more"),
        ("POST", f"{PATH}/unmatched"),
        ("POST", "/external-systems/a/b/events"),
        ("POST", "/external-systems/%2e%2e/events"),
        ("POST", "/external-systems//events"),
        ("POST", "/cis/x/events"),
        ("POST", "/external-systems/desk%0a/events"),
    ],
)
def test_nothing_else_is_let_in_without_a_token(client, secret, method, path):
    got = client.request(method, V1 + path, follow_redirects=False)
    assert got.status_code in (401, 404)
    assert got.status_code == 401 or "%2e" in path


def test_an_error_speaks_the_language_of_the_caller(call):
    got = call({"id": "7", "version": 1, "short": "x"}, age=301, **{"Accept-Language": "zh"})
    assert "签名" in got.json()["detail"]
