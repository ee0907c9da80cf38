"""NetBox by its REST API tells what its dump tells."""

from collections import defaultdict
from typing import Any

import pytest

from cmdb.errors import CMDBError
from discovery import documents
from discovery.agent import Covered, Progress
from discovery.agents import netbox
from discovery.agents.netbox.fetching import PATHS, SIDES, authorise
from tests.discovery.asking import Asked, token
from tests.discovery.recorded_server import Server
from tests.shared_data import shared_data

CHOICES = frozenset(
    {"status", "role", "type", "face", "airflow", "supply", "phase", "width", "outer_unit"}
    | {"priority", "mode", "duplex", "length_unit", "subdevice_role", "weight_unit", "feed_leg"}
)
REFERENCES = frozenset(
    {"device", "device_type", "role", "site", "rack", "location", "tenant", "platform", "region"}
    | {"cluster", "group", "type", "vrf", "vlan", "manufacturer", "provider", "circuit", "cable"}
    | {"primary_ip4", "primary_ip6", "virtual_chassis", "master", "power_panel", "rear_port"}
    | {"power_port", "nat_inside", "provider_network", "contact", "virtual_machine", "parent"}
    | {"installed_device", "untagged_vlan", "lag", "bridge"}
)


class Api:
    """The REST API on the rows of a dump: other objects nested, choices with labels, in pages."""

    def __init__(self, dump: list[dict[str, Any]], page: int) -> None:
        self.page = page
        self.rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        ends: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for row in dump:
            if row["model"] == "dcim.cabletermination":
                ends[row["fields"]["cable"]].append(row["fields"])
        for row in dump:
            if row["model"] not in PATHS:
                continue
            found = {"id": row["pk"], "url": "x", "display": "x", "tags": [{"id": 1}]}
            found |= {n: self._rich(n, v) for n, v in row["fields"].items() if n[0] != "_"}
            if row["model"] == "dcim.cable":
                for side, name in SIDES.items():
                    found[name] = [
                        {
                            "object_type": ".".join(one["termination_type"]),
                            "object_id": one["termination_id"],
                        }
                        for one in ends[row["pk"]]
                        if one["cable_end"] == side
                    ]
            self.rows[row["model"]].append(found)

    @staticmethod
    def _rich(name: str, value: Any) -> Any:
        if isinstance(value, list) and len(value) == 2 and name.endswith("_type"):
            return ".".join(value)
        if name in CHOICES and isinstance(value, str):
            return {"value": value, "label": value.title()} if value else None
        if type(value) is int and name in REFERENCES:
            return {"id": value, "url": "x", "display": "x", "name": "x"}
        return value

    def __call__(self, path: str, query: dict[str, str], headers: dict[str, str]) -> Any:
        if headers.get("authorization") != "Token good":
            return 403, {"detail": "Invalid token"}
        models = {f"/api/{one}/": model for model, one in PATHS.items()}
        model = models[path]
        if model == "dcim.macaddress":
            return 404, {"detail": "Not found."}
        rows = self.rows[model]
        start = int(query["offset"])
        page = rows[start : start + min(self.page, int(query["limit"]))]
        more = start + len(page) < len(rows)
        return 200, {"count": len(rows), "next": "http://x/" if more else None, "results": page}


@pytest.fixture(scope="module")
def dump() -> list[dict[str, Any]]:
    return documents.load(shared_data("netbox-demo/netbox-demo.json"))


def words(found: list[Any]) -> tuple[set[str], set[str]]:
    """What was observed, and what was wrong."""
    return (
        {repr(one) for one in found if not isinstance(one, CMDBError | Progress | Covered)},
        {str(one) for one in found if isinstance(one, CMDBError)},
    )


def test_the_api_tells_what_the_dump_tells(dump):
    with Server(Api(dump, page=400)) as server:
        found = Asked("netbox", server.url, token("bad"), token("good"))
    assert len(found.reading.covered) == 1
    assert words(found.reading.events) == words(list(netbox.parse(dump)))
    interfaces = [one for one in server.asked if one.startswith("/api/dcim/interfaces/")]
    assert len(interfaces) == 4
    assert interfaces[1] == "/api/dcim/interfaces/?limit=500&offset=400&ordering=id"
    assert not any("good" in one for one in found.commands)


def test_both_versions_of_tokens():
    assert authorise(token("0123")) == {"Authorization": "Token 0123"}
    assert authorise(token("nbt_key.secret")) == {"Authorization": "Bearer nbt_key.secret"}


def test_another_service_is_told_to_be_none():
    with (
        Server(lambda path, query, headers: (200, {"results": "x"})) as server,
        pytest.raises(CMDBError, match="this is no page of NetBox"),
    ):
        Asked("netbox", server.url, token("good"))
