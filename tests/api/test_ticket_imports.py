"""Imports of tickets over HTTP."""

ROWS = [
    {"number": "1", "title": "x", "state": "Closed", "opened": "2021-01-01", "ci": "db-1"},
    {"number": "2", "title": "y", "priority": "P9"},
    {"number": 3, "title": "z", "item": [{"vendor": "Huawei"}, "gone"]},
]


def test_rows(admin, estate, env):
    form = {"system": "otrs", "rows": ROWS}
    got = admin.post("/tickets/imports", {**form, "dry_run": True})
    assert (got.json()["created"], got.json()["dry_run"]) == (2, True)
    got = admin.post("/tickets/imports", form, headers={"Idempotency-Key": "a"})
    assert got.status_code == 200
    answer = got.json()
    assert (answer["created"], len(answer["errors"]), len(answer["warnings"])) == (2, 1, 1)
    assert answer["errors"][0]["place"] == "rows[1]"
    again = admin.post("/tickets/imports", form, headers={"Idempotency-Key": "a"})
    assert again.json() == answer
    assert again.headers["Idempotency-Replayed"] == "true"
    assert admin.get("/incidents/INC-2").json()["items"] == [{"key": "sw-1", "role": "affected"}]
    seq = env.store.seq()
    assert admin.post("/tickets/imports", form).json()["unchanged"] == 2
    assert env.store.seq() == seq


def test_a_table(admin, api, estate):
    table = "编号,标题,状态\n7,门坏了,已关闭\n8,窗,何处\n".encode()
    csv = {"headers": {"Content-Type": "text/csv"}, "content": table}
    got = admin("POST", "/tickets/imports?system=otrs", **csv)
    assert (got.json()["created"], got.json()["errors"][0]["place"]) == (1, "row 3")
    assert admin.get("/incidents/INC-1").json()["state"] == "closed"
    assert admin("POST", "/tickets/imports", **csv).status_code == 422
    assert admin("POST", "/tickets/imports?system=a%20b", **csv).status_code == 422
    assert admin("POST", "/tickets/imports?system=x&kind=odd", **csv).status_code == 422
    assert api("editor")("POST", "/tickets/imports?system=otrs", **csv).status_code == 403
    assert got.json()["encoding"] == "UTF-8"
    csv["content"] = "编号,标题\n9,门又坏了\n".encode("gb18030")
    got = admin("POST", "/tickets/imports?system=otrs", **csv).json()
    assert (got["created"], got["encoding"]) == (1, "GB18030")
    assert admin.get("/incidents/INC-2").json()["title"] == "门又坏了"
    csv["content"] = "编号".encode("gb18030")[:-1]
    assert admin("POST", "/tickets/imports?system=otrs", **csv).status_code == 400


def test_what_is_refused(admin):
    assert admin.post("/tickets/imports", {"system": "x", "rows": []}).status_code == 422
    assert admin.post("/tickets/imports", {"system": "x", "rows": [7], "odd": 1}).status_code == 422
    form = {"system": "x", "rows": [{"a": 1}], "mapping": {"fields": {"a": "titel"}, "zone": "x"}}
    assert admin.post("/tickets/imports", form).status_code == 422
    json = {"headers": {"Content-Type": "application/json"}, "content": b"{"}
    assert admin("POST", "/tickets/imports", **json).status_code == 400
    odd = {"headers": {"Content-Type": "application/pdf"}, "content": b"{}"}
    assert admin("POST", "/tickets/imports", **odd).status_code == 415
