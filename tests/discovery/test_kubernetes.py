"""Objects of Kubernetes, from a file and from an API, and objects that are none."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.errors import UnreadableInput
from cmdb.schema.catalog import builtin_catalog
from discovery import readers
from discovery.agents import kubernetes
from discovery.agents.kubernetes.fetching import PATHS
from tests.discovery.asking import Asked, Reading, token
from tests.discovery.recorded_server import Server

FILE = Path(__file__).parents[1] / "data" / "kubernetes" / "shop.json"
CLUSTER = "c0ffee00-0000-4000-8000-000000000001"
SHOP = json.loads(FILE.read_text())


@pytest.fixture(scope="module")
def shop() -> Reading:
    form, document = readers.opened(str(FILE), None, builtin_catalog())
    assert form == "kubernetes"
    found = Reading(kubernetes.parse(document))
    found.joinable()
    return found


def test_nodes_are_machines_of_the_cluster(shop):
    assert shop.items[f"{CLUSTER}/cluster"].attributes == {
        "cluster_type": "Kubernetes",
        "version": "v1.31.0",
    }
    worker = shop.items[f"{CLUSTER}/Node//worker-1"]
    assert worker.type == "virtual_machine"
    assert worker.attributes == {
        "hostname": "worker-1",
        "fqdn": "worker-1.eu.internal",
        "ip_addresses": ["10.1.5.1"],
        "uuid": "4c4c4544-0044-4810-8031-b4c04f333331",
        "operating_system": "Debian GNU/Linux 12",
        "kernel": "6.1.0",
        "architecture": "amd64",
        "memory": 16,
        "instance_id": "i-0abc1234",
        "hypervisor_type": "aws",
        "vcpus": 4.0,
    }
    metal = shop.items[f"{CLUSTER}/Node//metal-1"]
    assert (metal.type, metal.coverage, metal.attributes["memory"]) == ("computer", "part", 65536)
    assert (f"{CLUSTER}/Node//metal-1", "member_of", f"{CLUSTER}/cluster") in shop.relations


def test_workloads_stand_for_their_pods(shop):
    cart = shop.items[f"{CLUSTER}/Deployment/shop/cart"]
    assert cart.type == "container"
    assert cart.attributes == {
        "description": "Deployment of 3 pods",
        "image": "registry.example.org/cart:1.4",
        "namespace": "shop",
        "runtime": "Kubernetes",
        "ports": ["tcp/8080"],
        "cpu_limit": 1.5,
        "memory_limit": 320,
        "state": "running",
    }
    assert shop.items[f"{CLUSTER}/CronJob/shop/report"].attributes["image"] == "report:2"
    application = f"{CLUSTER}/application/shop/webshop"
    assert shop.items[application].name == "webshop"
    assert (cart.key, "part_of", application) in shop.relations


def test_services_run_on_what_they_select_in_their_namespace(shop):
    runs = [(key[0], one.group) for key, one in shop.relations.items() if one.type == "runs_on"]
    cart = f"{CLUSTER}/Service/shop/cart"
    assert [group for one, group in runs if one == cart] == ["backends", "backends"]
    assert [group for one, group in runs if one == f"{CLUSTER}/Service/shop/db"] == [None]
    assert not [one for one, _ in runs if one == f"{CLUSTER}/Service/other/cart"]
    assert "bind_address" not in shop.items[f"{CLUSTER}/Service/shop/db"].attributes


def test_an_ingress_depends_on_its_service(shop):
    front = shop.items[f"{CLUSTER}/Ingress/shop/front"]
    assert front.attributes["urls"] == ["https://shop.example.org/cart"]
    assert (front.key, "depends_on", f"{CLUSTER}/Service/shop/cart") in shop.relations


def test_what_is_no_object_is_told_beside_the_others(shop):
    assert shop.errors == ["items[11]: required field 'metadata.name' is missing"]


class Api:
    """An API server with pages of two objects, no CronJobs, and tokens."""

    def __init__(self, good: str = "good") -> None:
        self.good = good

    def __call__(self, path: str, query: dict[str, str], headers: dict[str, str]) -> Any:
        if headers.get("authorization") != f"Bearer {self.good}":
            return 401, {"kind": "Status"}
        kinds = {f"/{one}": kind for kind, one in PATHS.items()}
        if path == "/version":
            return 200, {"gitVersion": "v1.31.3"}
        if path not in kinds or kinds[path] == "CronJob":
            return 404, {"kind": "Status"}
        named = [one for one in SHOP["items"] if "name" in one["metadata"]]
        found = [dict(one) for one in named if one["kind"] == kinds[path]]
        for one in found:  # as an API gives them, the list tells their kind
            del one["kind"]
        start = int(query.get("continue", 0))
        more = {"continue": str(start + 2)} if start + 2 < len(found) else {}
        return 200, {"kind": "X", "metadata": more, "items": found[start : start + 2]}


def test_the_api_tells_the_same_as_the_file(shop):
    with Server(Api()) as server:
        found = Asked("kubernetes", server.url, token("bad"), token("good"))
        pages = [one for one in server.asked if one.startswith("/api/v1/services")]
    api, expected = found.reading, set(shop.items) - {f"{CLUSTER}/CronJob/shop/report"}
    assert api.errors == []
    assert set(api.items) == expected
    assert api.items[f"{CLUSTER}/cluster"].attributes["version"] == "v1.31.3"
    assert api.items[f"{CLUSTER}/Node//metal-1"].attributes["site"] == "hq"
    assert pages == ["/api/v1/services?limit=500", "/api/v1/services?limit=500&continue=2"]
    assert [one.method for one in api.covered] == ["document"]
    bad = [one for one in server.headers if "bad" in one["authorization"]]
    assert len(bad) == 1
    assert not any("good" in one or "bad" in one for one in found.commands)
    assert found.commands[0] == f"GET {server.url}/api/v1/nodes?limit=500"


@pytest.mark.parametrize("document", ["x", 5, None, {"items": 5}])
def test_a_document_of_something_else_is_refused(document):
    with pytest.raises(UnreadableInput):
        list(kubernetes.parse(document))


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place within a document."""
    if not isinstance(value, dict | list):
        return [path]
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    return [path, *(one for name, each in inner for one in places(each, (*path, name)))]


PLACES = [one for one in places(SHOP) if len(one) > 1]
ANYTHING = st.sampled_from([None, 0, -1, "", "x", [], [1], {}, {"a": 1}, [{"name": 3}], True, 1e9])


@given(st.lists(st.tuples(st.sampled_from(PLACES), ANYTHING), min_size=1, max_size=3))
def test_no_wrong_value_stops_the_reading(changes):
    document = copy.deepcopy(SHOP)
    for path, value in changes:
        inside = document
        try:
            for name in path[:-1]:
                inside = inside[name]
            inside[path[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue
    Reading(kubernetes.parse(document))
