"""What tests send about identity: observations of a source, and decisions."""

from api.http.models.decisions import DecisionRow
from api.http.models.provenance import ExplanationAnswer

UUID = "4c4c4544-0044-4810-8031-b4c04f33333"
"""All but the last digit of a UUID."""

SERIAL = {"serial_number": "SN12345", "vendor": "Dell"}


def item(key, type="server", **attributes):
    return {"kind": "item", "key": key, "type": type, "attributes": attributes}


def relation(start, type, end):
    return {"kind": "relation", "from": start, "type": type, "to": end}


def send(editor, source, *observations, **more):
    """Send what a source saw, which must all be good, and give the answer."""
    got = editor.post("/observations", {"source": source, "observations": observations, **more})
    assert (got.status_code, got.json()["errors"]) == (200, [])
    return got.json()


def decide(editor, **form):
    """Decide, and give the decision's id."""
    got = editor.post("/decisions", form)
    assert got.status_code == 201
    return DecisionRow.model_validate(got.json()).id


def content(editor):
    """All CIs, without their versions, and all relations."""
    items = editor.get("/cis?limit=1000").json()["items"]
    relations = editor.get("/relations?limit=1000").json()["items"]
    joined = [(one["from"], one["type"], one["to"]) for one in relations]
    return [{k: v for k, v in one.items() if k != "version"} for one in items], sorted(joined)


def keys(editor):
    return [one["key"] for one in editor.get("/cis").json()["items"]]


def attribute(editor, key, name):
    return editor.get(f"/cis/{key}").json()["attributes"].get(name)


def why(editor, key, field):
    """The value of a field, whose word it is, and why it holds."""
    answer = ExplanationAnswer.model_validate(editor.get(f"/cis/{key}/explanation").json())
    (found,) = (one for one in answer.fields if one.field == field)
    assert found.sayings[0].wins
    return found.value, found.sayings[0].claim, found.sayings[0].why
