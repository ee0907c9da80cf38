"""What Prometheus watches: machines that a name tells, and addresses that tell none."""

from typing import Any

import pytest

from cmdb.errors import UnreadableInput
from discovery import readers
from discovery.agents import prometheus
from tests.discovery.asking import Asked, Reading, token
from tests.discovery.recorded_server import Server


def target(url: str, job: str = "node", discovered: Any = None, **labels: str) -> dict[str, Any]:
    return {
        "scrapeUrl": url,
        "labels": {"job": job, "instance": "x", **labels},
        "discoveredLabels": discovered or {},
        "health": "up",
    }


ANSWER: dict[str, Any] = {
    "status": "success",
    "data": {
        "activeTargets": [
            target("http://web1.example.org:9100/metrics"),
            target("http://web1.example.org:9113/metrics", "nginx"),
            target("http://10.1.2.9:9187/metrics", "postgres"),
            target("http://10.1.2.10:9100/metrics", nodename="db2"),
            target("https://10.1.2.11/metrics", "vm", {"__meta_ec2_instance_id": "i-0abc"}),
            target("http://localhost:9090/metrics", "prometheus"),
            target("http://[bad:9100/metrics"),
            "x",
            {"labels": {}},
        ],
        "droppedTargets": [],
    },
}


def test_a_name_or_an_id_tells_a_machine_with_a_listener():
    assert readers.recognised(ANSWER) == "prometheus"
    found = Reading(prometheus.parse(ANSWER))
    assert {key: one.type for key, one in found.items.items()} == {
        "prometheus": "technical_service",
        "web1.example.org": "unclassified",
        "web1.example.org/port/9100": "software_service",
        "web1.example.org/port/9113": "software_service",
        "db2": "unclassified",
        "db2/port/9100": "software_service",
        "i-0abc": "virtual_machine",
        "i-0abc/port/443": "software_service",
    }
    assert found.items["web1.example.org"].attributes["fqdn"] == "web1.example.org"
    assert found.items["db2"].attributes["ip_addresses"] == ["10.1.2.10"]
    assert found.items["i-0abc"].attributes["instance_id"] == "i-0abc"
    assert found.items["web1.example.org/port/9113"].name == "nginx tcp/9113"


def test_an_address_alone_makes_no_machine_but_is_watched():
    found = Reading(prometheus.parse(ANSWER))
    watched = {one for one, kind, _ in found.relations if kind == "managed_by"}
    assert "endpoint:10.1.2.9/tcp/9187" in watched
    assert len(watched) == 5
    assert not [key for key in found.items if "10.1.2.9" in key]


def test_what_is_no_target_is_told_beside_the_others():
    assert Reading(prometheus.parse(ANSWER)).errors == [
        "activeTargets[6]: 'scrapeUrl' is 'http://[bad:9100/metrics', but must be a URL",
        "activeTargets[7]: it is 'x', but must be an object",
        "activeTargets[8]: required field 'scrapeUrl' is missing",
    ]


def test_the_api_is_asked_once_and_tells_the_site():
    with Server(lambda path, query, headers: (200, ANSWER)) as server:
        found = Asked("prometheus", server.url + "/prom/", token("t"))
    assert server.asked == ["/prom/api/v1/targets?state=active"]
    assert server.headers[0]["authorization"] == "Bearer t"
    assert found.reading.items["db2"].attributes["site"] == "hq"
    ends = {one for one, _, _ in found.reading.relations}
    assert "endpoint:10.1.2.9/tcp/9187@hq" in ends
    assert f"{server.url}/prom" in found.reading.items


@pytest.mark.parametrize("document", [None, [], {}, {"data": {}}, {"data": {"activeTargets": 1}}])
def test_another_answer_is_refused(document):
    with pytest.raises(UnreadableInput):
        list(prometheus.parse(document))
