"""What connections propose, shown and confirmed on the command line."""

import datetime as dt
from pathlib import Path

RECORDING = Path(__file__).parents[1] / "data" / "connections" / "web01.txt"
NGINX, REDIS = "web01.example.org@hq/port/80", "web01.example.org@hq/port/6379"
DATABASE = {
    "key": "db9",
    "type": "server",
    "attributes": {
        "ip_addresses": ["10.1.2.9"],
        "mac_addresses": ["00:14:22:09:09:09"],
        "site": "hq",
    },
}


def recorded(tmp_path, hour):
    """The recording as of some hours ago."""
    at = dt.datetime.now(dt.UTC) - dt.timedelta(hours=hour)
    text = RECORDING.read_text().replace("2026-01-31T09:00:00Z", f"{at:%Y-%m-%dT%H:%M:%SZ}")
    path = tmp_path / f"web01-{hour}.txt"
    path.write_text(text)
    return path


def proposals(cmdb):
    found = cmdb("discover", "proposals", "--format", "json").json["proposals"]
    return {(one["from_key"], one["to_key"]): round(one["certainty"], 2) for one in found}


def test_a_connection_is_proposed_and_then_a_fact(cmdb, file, tmp_path):
    assert cmdb("import", file({"cis": [DATABASE]}), "--source", "nmap").code == 0
    for hour, certainty in ((3, 0.25), (2, 0.44), (1, None)):
        path = recorded(tmp_path, hour)
        assert cmdb("import", "--format", "connections", path).code == 0
        found = proposals(cmdb)
        assert found.get((NGINX, "db9")) == found.get((NGINX, REDIS)) == certainty
    assert NGINX in cmdb("impact", "db9").out


def test_a_proposal_is_confirmed_by_hand(cmdb, tmp_path):
    assert cmdb("import", "--format", "connections", recorded(tmp_path, 1)).code == 0
    assert NGINX not in cmdb("impact", REDIS).out
    (row,) = (line for line in cmdb("discover", "proposals").out.splitlines() if NGINX in line)
    assert "depends_on" in row
    assert "25%" in row
    done = cmdb("discover", "confirm", NGINX, "depends_on", REDIS)
    assert (done.code, done.err) == (0, f"{NGINX} depends_on {REDIS} is confirmed\n")
    assert NGINX in cmdb("impact", REDIS).out
    assert (NGINX, REDIS) not in proposals(cmdb)
