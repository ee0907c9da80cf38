"""The catalog over HTTP."""

from api.http.models.common import Page
from api.http.models.types import RelationTypeRow, TypeRow

ROBOT = {
    "labels": {"en": "Robot", "zh": "机器人"},
    "description": "A robot on the factory floor.",
    "parent": "device",
    "attributes": [{"name": "axes", "kind": "integer", "description": "Axes.", "minimum": 1}],
    "freshness": 3600,
}
OBEYS = {
    "reverse": "controls",
    "labels": {"zh": "受控于"},
    "description": "A machine obeys a controller.",
    "impact": "to→from",
    "need": None,
    "joins": [[["device"], ["software"]]],
}


def test_types(admin):
    got = admin.get("/types")
    page = Page[TypeRow].model_validate(got.json())
    names = [row.name for row in page.items]
    assert names == sorted(names)
    assert "database" in names
    row = TypeRow.model_validate(admin.get("/types/server").json())
    assert row.ancestors == ["computer", "device", "ci"]
    owners = {a.name: a.declared_by for a in row.attributes}
    assert owners["site"] == "ci"
    assert row.labels.zh == "服务器"
    assert row.freshness > 0
    got = admin.get("/types/serve")
    assert (got.status_code, got.json()["fields"]["nearest"]) == (404, "server")


def test_declare_a_type_and_use_it(admin):
    got = admin.put("/types/robot", ROBOT)
    assert got.status_code == 200, got.text
    row = TypeRow.model_validate(got.json())
    assert (row.parent, row.freshness, row.labels.zh) == ("device", 3600, "机器人")
    assert {a.name: a.declared_by for a in row.attributes}["axes"] == "robot"
    assert admin.get("/types/robot").json() == got.json()
    made = admin.post("/cis", {"key": "r", "type": "robot", "attributes": {"axes": 6}})
    assert made.status_code == 201
    assert admin.get("/cis?axes=6").json()["items"][0]["key"] == "r"
    assert admin.put("/types/robot", {**ROBOT, "freshness": 7200}).json()["freshness"] == 7200


def test_type_versions(admin):
    first = admin.put("/types/robot", ROBOT).headers["ETag"]
    assert admin.get("/types/robot", headers={"If-None-Match": first}).status_code == 304
    changed = {**ROBOT, "description": "Another."}
    second = admin.put("/types/robot", changed, headers={"If-Match": first})
    assert second.status_code == 200
    got = admin.put("/types/robot", ROBOT, headers={"If-Match": first})
    assert (got.status_code, got.json()["code"]) == (412, "PreconditionFailed")
    assert admin.put("/types/new", ROBOT, headers={"If-Match": first}).status_code == 412
    etag = admin.get("/relation-types/uses").headers["ETag"]
    got = admin.put("/relation-types/uses", OBEYS, headers={"If-Match": '"x"'})
    assert got.status_code == 412
    got = admin.put("/relation-types/uses", OBEYS, headers={"If-Match": etag})
    assert got.status_code == 200


def test_type_refusals(admin):
    for name, form in (
        ("Robot!", ROBOT),
        ("robot", {**ROBOT, "parent": "devise"}),
        ("robot", {**ROBOT, "parent": "robot"}),
        ("robot", {**ROBOT, "parent": None}),
        ("robot", {**ROBOT, "attributes": [{"name": "a", "kind": "int", "description": "x"}]}),
        ("robot", {**ROBOT, "attributes": [{"name": "a"}]}),
        ("robot", {**ROBOT, "freshness": 0}),
        ("robot", {**ROBOT, "freshness": 10**30}),
        ("robot", {**ROBOT, "colour": "red"}),
    ):
        assert admin.put(f"/types/{name}", form).status_code == 422, (name, form)
    assert admin.get("/types/robot").status_code == 404
    got = admin.put("/types/robot", {**ROBOT, "parent": "devise"})
    assert got.json()["fields"]["nearest"] == "device"


def test_relation_types(admin):
    page = Page[RelationTypeRow].model_validate(admin.get("/relation-types").json())
    assert "depends_on" in [row.name for row in page.items]
    row = RelationTypeRow.model_validate(admin.get("/relation-types/powered_by").json())
    assert (row.impact, row.group, row.need) == ("to→from", "power", 1)
    got = admin.put("/relation-types/obeys", OBEYS)
    assert got.status_code == 200, got.text
    row = RelationTypeRow.model_validate(got.json())
    assert (row.reverse, row.labels.zh, row.labels.en) == ("controls", "受控于", "obeys")
    assert admin.get("/relation-types/obey").status_code == 404
    plain = admin.put("/relation-types/likes", {"description": "x"}).json()
    assert (plain["reverse"], plain["impact"], plain["joins"]) == ("likes", "none", [])


def test_relation_type_refusals(admin):
    for form in (
        {**OBEYS, "impact": "sideways"},
        {**OBEYS, "strength": "weak"},
        {**OBEYS, "need": "200%"},
        {**OBEYS, "need": True},
        {**OBEYS, "joins": [[["device"]]]},
        {**OBEYS, "joins": [[["devise"], ["ci"]]]},
        {**OBEYS, "impact": "both", "group": "g"},
        {**OBEYS, "nead": 1},
        {},
    ):
        assert admin.put("/relation-types/obeys", form).status_code == 422, form


def test_repeated_declaration(admin):
    headers = {"Idempotency-Key": "k"}
    first = admin.put("/types/robot", ROBOT, headers=headers)
    again = admin.put("/types/robot", ROBOT, headers=headers)
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    other = admin.put("/types/robot", {**ROBOT, "parent": "ci"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "IdempotencyMismatch")
    first = admin.put("/relation-types/obeys", OBEYS, headers={"Idempotency-Key": "r"})
    again = admin.put("/relation-types/obeys", OBEYS, headers={"Idempotency-Key": "r"})
    assert again.json() == first.json()
