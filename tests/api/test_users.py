"""Users over HTTP, and tokens that act as one."""

from api.http.models.users import UserRow
from cmdb.services.tokens import create_token
from tests.api.conftest import ADMIN, Api

LI = {"name": "李娜", "roles": ["requester"], "email": "li@example.org", "language": "zh"}


def test_the_life_of_a_user(admin, client, env):
    made = admin.post("/users", LI)
    assert made.status_code == 201
    row = UserRow.model_validate(made.json())
    assert (row.name, row.roles, row.active, row.teams) == ("李娜", ["requester"], True, [])
    path = "/users/李娜"
    got = admin.get(path)
    assert got.json() == made.json()
    etag = got.headers["ETag"]
    assert client.get(made.headers["Location"], headers=admin.headers).json() == made.json()
    assert admin.get(path, headers={"If-None-Match": etag}).status_code == 304
    li = Api(client, create_token(ADMIN, env, user="李娜"))
    assert li.get("/users/me").json() == made.json()
    assert li.get("/cis").status_code == 403
    assert li.get("/users").status_code == 403
    changed = admin.patch(path, {"roles": ["fulfiller"]}, headers={"If-Match": etag})
    assert changed.json()["roles"] == ["fulfiller"]
    assert admin.patch(path, {"roles": []}, headers={"If-Match": etag}).status_code == 412
    assert li.get("/cis").status_code == 200
    assert [one["name"] for one in admin.get("/users?active=true").json()["items"]] == ["李娜"]
    assert admin.patch(path, {"active": False}).json()["active"] is False
    got = li.get("/users/me")
    assert (got.status_code, got.json()["code"]) == (401, "Unauthenticated")
    assert admin.get("/users?active=true").json()["items"] == []
    assert [one["name"] for one in admin.get("/users").json()["items"]] == ["李娜"]


def test_every_token_knows_who_it_is(api):
    for role in ("viewer", "collector", "requester", "administrator"):
        me = api(role, name="wall", sites=["a"]).get("/users/me").json()
        assert (me["name"], me["roles"], me["sites"]) == ("wall", [role], ["a"])


def test_repeated_and_wrong_requests(admin):
    key = {"Idempotency-Key": "once"}
    first = admin.post("/users", LI, headers=key)
    again = admin.post("/users", LI, headers=key)
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    got = admin.post("/users", LI)
    assert (got.status_code, got.json()["code"]) == (409, "AlreadyExists")
    for _ in range(2):
        got = admin.patch("/users/李娜", {"teams": ["x"]}, headers={"Idempotency-Key": "two"})
        assert got.json()["teams"] == ["x"]
    assert admin.get("/users/nobody").status_code == 404
    assert admin.patch("/users/nobody", {}).status_code == 404
    wrong = admin.post("/users", {"name": "a b", "roles": ["boss"], "email": "x"})
    assert wrong.status_code == 422
    assert len(wrong.json()["errors"]) == 2


def test_it_is_told_in_chinese(api):
    chinese = api("administrator", language="zh")
    chinese.post("/users", {"name": "a", "roles": ["viewer"]})
    for values, told in (
        ({"manager": "a"}, "'a' 是其下级或其本人；请给出另一位主管"),
        ({"roles": ["boss"]}, "未知的角色 'boss'"),
        ({"email": "x"}, "邮件地址，例如 li@example.org"),
    ):
        assert told in chinese.patch("/users/a", values).json()["detail"]
    got = api("requester", language="zh").get("/cis").json()["detail"]
    assert "无权执行 读取" in got
