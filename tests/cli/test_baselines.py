"""Baselines: names for states, which questions about the past take."""

import json

ESTATE = {
    "cis": [{"key": "a", "type": "server"}, {"key": "b", "type": "application"}],
    "relations": [{"from": "b", "type": "runs_on", "to": "a"}],
}


def test_a_question_is_asked_as_of_a_baseline(cmdb, tmp_path):
    file = tmp_path / "estate.json"
    file.write_text(json.dumps(ESTATE))
    assert cmdb("import", file).code == 0
    made = cmdb("baseline", "add", "before 迁移", "--note", "as it was")
    name, seq = made.out.strip().rsplit(" ", 1)
    assert (made.code, name) == (0, "before 迁移")
    then = cmdb("impact", "a", "--as-of", name, "--format", "json").json
    assert then["seq"] == int(seq)
    assert [one["key"] for one in then["impacted"]] == ["b"]
    assert cmdb("baseline", "add", name).code == 2
    assert "seq" in cmdb("baseline", "list").out
    (row,) = cmdb("baseline", "list", "--format", "json").json["baselines"]
    assert (row["name"], row["note"], row["seq"]) == (name, "as it was", int(seq))
    assert cmdb("baseline", "add", "12").code == 2
    assert cmdb("baseline", "add", "x", "--seq", "999999").code == 2
    assert cmdb("baseline", "remove", name).code == 0
    assert cmdb("impact", "a", "--as-of", name).code == 2
