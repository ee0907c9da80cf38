"""What an administrator configures for tickets, over HTTP."""

from api.http.models.ticket_configuration import SettingRow
from cmdb.tickets.configuration.kinds import ALL

BASE = "/ticket-configuration"
NIGHT = {"zone": "Asia/Shanghai", "hours": {"sat": ["20:00-24:00"]}}


def test_the_life_of_a_setting(admin):
    path = f"{BASE}/calendar/night"
    assert admin.get(path).status_code == 404
    made = admin.put(path, NIGHT)
    row = SettingRow.model_validate(made.json())
    assert (row.kind, row.name, row.own) == ("calendar", "night", True)
    assert row.setting["hours"] == NIGHT["hours"]
    etag = made.headers["ETag"]
    assert admin.get(path).json() == made.json()
    assert admin.get(path, headers={"If-None-Match": etag}).status_code == 304
    changed = admin.put(path, {**NIGHT, "country": "CN"}, headers={"If-Match": etag})
    assert changed.json()["setting"]["country"] == "CN"
    assert admin.put(path, NIGHT, headers={"If-Match": etag}).status_code == 412
    assert admin.delete(path, headers={"If-Match": etag}).status_code == 412
    assert admin.put(path, changed.json()["setting"]).json() == changed.json()
    assert admin.delete(path).status_code == 204
    assert admin.get(path).status_code == 404


def test_a_default_comes_back(admin):
    path = f"{BASE}/priority_matrix/default"
    before = admin.get(path)
    rows = [[1, 1, 1], [1, 2, 2], [2, 3, 3]]
    assert admin.put(path, {"rows": rows}, headers={"If-Match": before.headers["ETag"]}).json()[
        "own"
    ]
    assert admin.delete(path).status_code == 204
    assert admin.get(path).json() == before.json()
    assert admin.delete(path).status_code == 422


def test_lists_and_schemas(admin):
    for kind in ALL:
        got = admin.get(f"{BASE}/{kind}")
        names = [one["name"] for one in got.json()["items"]]
        assert names == sorted(names)
        again = admin.get(f"{BASE}/{kind}", headers={"If-None-Match": got.headers["ETag"]})
        assert again.status_code == 304
        schema = admin.get(f"{BASE}/{kind}/schema").json()
        assert schema["type"] == "object"
        assert schema["additionalProperties"] is False
    names = [one["name"] for one in admin.get(f"{BASE}/process").json()["items"]]
    assert {"incident", "article", "inspection", "emergency_plan"} < set(names)


def test_repeated_requests(admin):
    key = {"Idempotency-Key": "once"}
    for _ in range(2):
        made = admin.put(f"{BASE}/calendar/night", NIGHT, headers=key)
        assert made.status_code == 200
    assert made.headers["Idempotency-Replayed"] == "true"
    for _ in range(2):
        got = admin.delete(f"{BASE}/calendar/night", headers={"Idempotency-Key": "gone"})
        assert got.status_code == 204


def test_what_is_wrong(api, admin):
    for path in (f"{BASE}/calender", f"{BASE}/calender/schema", f"{BASE}/calender/x"):
        got = admin.get(path)
        assert (got.status_code, got.json()["code"]) == (404, "UnknownName")
    assert admin.put(f"{BASE}/calender/x", {}).status_code == 404
    assert admin.delete(f"{BASE}/calender/x").status_code == 404
    bad = {"zone": "Mars", "hours": {"sat": ["1-2"], "mon": ["08:00-12:00", "11:00-12:00"]}, "x": 1}
    got = admin.put(f"{BASE}/calendar/night", bad)
    assert got.status_code == 422
    assert len(got.json()["errors"]) == 4
    assert admin.put(f"{BASE}/calendar/night", []).status_code == 422
    chinese = api("administrator", language="zh").put(f"{BASE}/calendar/night", bad).json()
    assert chinese["errors"][0]["detail"] == (
        "calendar night：'zone' 的值是 'Mars'，但必须是时区，例如 Asia/Shanghai"
    )
    for role in ("viewer", "service_desk", "change_manager"):
        assert api(role).get(f"{BASE}/calendar").status_code == 403
        assert api(role).put(f"{BASE}/calendar/night", NIGHT).status_code == 403
