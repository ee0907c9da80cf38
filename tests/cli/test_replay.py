"""`cmdb discover replay`: what an agent makes of a recording."""

import json
from pathlib import Path

DATA = Path(__file__).parents[1] / "data" / "connections"


def test_a_recording_is_told_as_lines_that_never_change(cmdb):
    done = cmdb("discover", "replay", "--agent", "connections", DATA / "web01.txt")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    first = json.loads(lines[0])
    assert first == {
        "attributes": {
            "fqdn": "web01.example.org",
            "hostname": "web01",
            "ip_addresses": ["10.1.1.1"],
            "mac_addresses": ["00:14:22:01:02:03"],
            "site": "hq",
        },
        "coverage": "part",
        "evidence": {"table": "web01"},
        "key": "web01.example.org@hq",
        "kind": "item",
        "name": "web01.example.org",
        "observed_at": "2026-01-31T09:00:00+00:00",
        "type": "unclassified",
    }
    for line in lines:
        said = json.loads(line)
        assert list(said) == sorted(said)
        assert None not in said.values()
        assert said["kind"] in ("item", "relation")
    assert cmdb("discover", "replay", "--agent", "connections", DATA / "web01.txt").out == done.out


def test_what_is_wrong_is_told_beside_the_others_and_the_code_is_1(cmdb):
    files = DATA / "netstat-linux.txt", DATA / "none.txt", DATA / "web01.txt"
    done = cmdb("discover", "replay", "--agent", "connections", *files)
    assert done.code == 1
    assert len(done.errors) == 2
    assert "netstat-linux, line 11" in done.errors[0]
    assert "there is no such file" in done.errors[1]
    assert '"web01.example.org@hq"' in done.out
    assert '"netstat-linux"' in done.out


def test_a_recording_tells_its_agent_where_it_can(cmdb, file):
    inventory = {"deviceid": "pc-1", "content": {"hardware": {"name": "pc-1"}}}
    done = cmdb("discover", "replay", file(inventory))
    assert done.code == 0
    assert json.loads(done.out)["evidence"]["inventory"] == "glpi"


def test_an_agent_that_nobody_wrote(cmdb, file):
    done = cmdb("discover", "replay", "--agent", "connection", file("x"))
    assert (done.code, done.out) == (2, "")
    assert done.errors == [
        "error: --agent: unknown format 'connection'; nearest known name: 'connections'"
    ]
