"""Codes over HTTP: declare a rule, ask for codes, repeat a request."""

from concurrent.futures import ThreadPoolExecutor

from api.http.models.codes import GivenCodes
from api.http.models.types import TypeRow

MACHINE = {
    "description": "A machine.",
    "parent": "server",
    "code": {"pattern": "{site}-{number:03}"},
    "name_pattern": "{site}-{hostname}",
}
LAB = {"values": {"site": "lab"}}


def declare(admin, name="machine", **more):
    return admin.put(f"/types/{name}", {**MACHINE, **more})


def test_a_rule_is_declared_shown_and_inherited(admin):
    row = TypeRow.model_validate(declare(admin).json())
    assert row.code.model_dump() == {
        "pattern": "{site}-{number:03}",
        "attribute": "asset_tag",
        "per": ["site"],
        "declared_by": "machine",
    }
    child = {"description": "One.", "parent": "machine"}
    child = TypeRow.model_validate(admin.put("/types/special", child).json())
    assert (child.code, child.name_pattern) == (row.code, "{site}-{hostname}")
    assert admin.get("/types/server").json()["code"] is None


def test_a_rule_that_does_not_fit_is_refused_with_all_that_is_wrong(admin):
    got = declare(admin, code={"pattern": "{a}{b}", "attribute": "c"}, name_pattern="{x")
    assert got.status_code == 422
    assert len(got.json()["errors"]) == 3
    assert admin.get("/types/machine").status_code == 404


def test_next_codes(admin, editor, env):
    declare(admin)
    got = editor.post("/types/machine/codes", {**LAB, "count": 2, "reason": "order 7"})
    assert got.status_code == 201
    assert GivenCodes.model_validate(got.json()).codes == ["lab-001", "lab-002"]
    (commit,) = env.store.log(env.store.seq() - 1)
    assert commit.actor.startswith("someone (token ")
    assert commit.reason == "gave codes of machine: 2; order 7"


def test_a_repeated_request_gets_the_same_codes(admin, editor):
    declare(admin)
    body, key = {**LAB, "count": 3}, {"Idempotency-Key": "order-7"}
    with ThreadPoolExecutor(4) as pool:
        work = [
            pool.submit(editor.post, "/types/machine/codes", body, headers=key) for _ in range(4)
        ]
        answers = [one.result() for one in work]
    assert {tuple(one.json()["codes"]) for one in answers} == {("lab-001", "lab-002", "lab-003")}
    assert sum("Idempotency-Replayed" not in one.headers for one in answers) == 1
    assert editor.post("/types/machine/codes", LAB).json()["codes"] == ["lab-004"]


def test_what_is_wrong_with_a_request(admin, editor, api):
    declare(admin)
    got = editor.post("/types/machine/codes", {"values": {"stie": "lab"}})
    assert (got.status_code, len(got.json()["errors"])) == (422, 2)
    assert editor.post("/types/machine/codes", {**LAB, "count": 0}).status_code == 422
    assert editor.post("/types/server/codes", LAB).json()["code"] == "NoCodeRule"
    assert editor.post("/types/nothing/codes", LAB).json()["code"] == "UnknownName"
    assert api("viewer").post("/types/machine/codes", LAB).status_code == 403
    chinese = api("editor", language="zh").post("/types/server/codes", LAB)
    assert "没有编码规则" in chinese.json()["detail"]


def test_codes_given_by_hand_are_checked(admin, editor):
    declare(admin)
    machine = {"type": "machine", "name": "lab-a", "attributes": {"site": "lab", "hostname": "a"}}
    taken = {**machine, "key": "a", "attributes": {**machine["attributes"], "asset_tag": "lab-001"}}
    assert editor.post("/cis", taken).status_code == 201
    got = editor.post("/cis", {**taken, "key": "b"})
    assert (got.status_code, got.json()["code"]) == (422, "CodeInUse")
    wrong = {**taken, "key": "b", "attributes": {**taken["attributes"], "asset_tag": "x"}}
    assert editor.post("/cis", wrong).json()["code"] == "PatternMismatch"
