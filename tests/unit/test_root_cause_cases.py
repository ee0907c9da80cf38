"""The harness of root cause analysis: cases from files, rivals, and tables."""

import json

import numpy as np
import pytest

from benchmarks import petshop, root_cause
from benchmarks.root_cause_cases import Noise, estates, incident, read_cases
from benchmarks.root_cause_rivals import RIVALS, Known

CASE = {
    "graph": {
        "cis": [{"key": key, "type": "application"} for key in ("web", "app", "db", "other")],
        "relations": [
            {"from": "web", "type": "depends_on", "to": "app"},
            {"from": "app", "type": "depends_on", "to": "db"},
            {"from": "other", "type": "depends_on", "to": "db"},
        ],
    },
    "symptoms": [{"key": "web", "state": "down"}, {"key": "app", "since": 5.0}],
    "healthy": ["other"],
    "truth": ["app"],
}


@pytest.fixture
def known(tmp_path):
    path = tmp_path / "case.json"
    path.write_text(json.dumps(CASE))
    snapshot, (case,) = read_cases(path)
    return Known(snapshot), case


@pytest.mark.parametrize("rival", RIVALS)
def test_every_rival_ranks(known, rival):
    graph, case = known
    ranked = RIVALS[rival](graph, case, np.random.default_rng(1))
    keys = [graph.snapshot.key(ci) for ci in ranked]
    assert len(set(keys)) == len(keys)
    best = {"deepest": "app", "codebook": "app"}
    assert keys[0] == best.get(rival, keys[0])
    assert set(keys) <= {"web", "app", "db", "other"}


def test_the_tables(known, tmp_path, capsys):
    graph, case = known
    noise = Noise(0.0, 0.0, 1)
    found = [
        root_cause.judged(graph, "file", noise, case, np.random.default_rng(i)) for i in range(3)
    ]
    tables = {table.name: table.rows for table in root_cause.tables(found)}
    (row,) = tables["root_cause.noise"]
    assert (row["incidents"], row["top1_ours"]) == (3, "1.000")
    assert len(tables["root_cause.calibration"]) == 4
    path = tmp_path / "one.json"
    path.write_text(json.dumps({"graph": CASE["graph"], "cases": [CASE, CASE]}))
    root_cause.main([str(path)])
    assert "| one | 2 | 1.000 |" in capsys.readouterr().out


def test_incidents_are_the_same_for_the_same_seed():
    ring = next(one for one in estates(3) if one.name == "ring")
    noise = Noise(0.3, 0.2, 2)
    first, again = (incident(ring, noise, np.random.default_rng(5)) for _ in range(2))
    assert first == again
    assert len(first.truth) == 2
    assert {one.ci for one in first.evidence.symptoms} <= ring.monitored
    assert not {one.ci for one in first.evidence.symptoms} & set(first.evidence.healthy)


def test_petshop_files(tmp_path):
    folder = tmp_path / "low_traffic"
    (folder / "noissue").mkdir(parents=True)
    issue = folder / "test" / "issue_0"
    issue.mkdir(parents=True)
    (folder / "graph.csv").write_text(",web,db\nweb,0.0,1.0\ndb,0.0,0.0\n")
    heads = (
        "microservice,web,db\nmetric,latency,latency\nstatistic,Average,Average\nunix_timestamp,,\n"
    )
    usual = "".join(f"{i}.0,{1 + i % 3 / 10},{2 + i % 3 / 10}\n" for i in range(20))
    (folder / "noissue" / "metrics.csv").write_text(heads + usual)
    (issue / "metrics.csv").write_text(heads + "1.0,1.1,2.1\n2.0,1.1,2.1\n3.0,9.0,99.0\n")
    target = {
        "target": {"node": "web", "metric": "latency", "agg": "Average"},
        "root_cause": {"node": "db"},
    }
    (issue / "target.json").write_text(json.dumps(target))
    (folder / "train").mkdir()
    petshop.main(tmp_path, tmp_path / "out")
    _, (case,) = read_cases(tmp_path / "out" / "low_traffic-test.json")
    assert len(case.evidence.symptoms) == 2
    assert len(case.truth) == 1
