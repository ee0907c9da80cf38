"""Baselines over HTTP."""


def test_the_life_of_a_baseline(editor, admin, estate):
    made = editor.post("/baselines", {"name": "OA V3.2"})
    assert made.status_code == 201
    path = "/baselines/OA V3.2"
    got = editor.get(path)
    assert got.json() == made.json()
    etag = got.headers["ETag"]
    assert editor.get(path, headers={"If-None-Match": etag}).status_code == 304
    other = admin.delete(path, headers={"If-Match": '"another"'})
    assert (other.status_code, other.json()["code"]) == (412, "PreconditionFailed")
    for _ in range(2):
        sent = {"If-Match": etag, "Idempotency-Key": "gone"}
        assert admin.delete(path, headers=sent).status_code == 204
    assert admin.delete(path).status_code == 404
