"""Asks NetBox by its REST API for the rows that a dump would have, in the form of a dump."""

from collections.abc import Iterator
from typing import Any

from discovery.agent import Secret
from discovery.asking import AskingFailed
from discovery.web import Headers, Service

PAGE = 500

PATHS = {
    "circuits.circuit": "circuits/circuits",
    "circuits.circuittermination": "circuits/circuit-terminations",
    "circuits.circuittype": "circuits/circuit-types",
    "circuits.provider": "circuits/providers",
    "circuits.providernetwork": "circuits/provider-networks",
    "dcim.cable": "dcim/cables",
    "dcim.device": "dcim/devices",
    "dcim.devicebay": "dcim/device-bays",
    "dcim.devicerole": "dcim/device-roles",
    "dcim.devicetype": "dcim/device-types",
    "dcim.frontport": "dcim/front-ports",
    "dcim.interface": "dcim/interfaces",
    "dcim.location": "dcim/locations",
    "dcim.macaddress": "dcim/mac-addresses",
    "dcim.manufacturer": "dcim/manufacturers",
    "dcim.platform": "dcim/platforms",
    "dcim.powerfeed": "dcim/power-feeds",
    "dcim.poweroutlet": "dcim/power-outlets",
    "dcim.powerpanel": "dcim/power-panels",
    "dcim.powerport": "dcim/power-ports",
    "dcim.rack": "dcim/racks",
    "dcim.rearport": "dcim/rear-ports",
    "dcim.region": "dcim/regions",
    "dcim.site": "dcim/sites",
    "dcim.virtualchassis": "dcim/virtual-chassis",
    "ipam.ipaddress": "ipam/ip-addresses",
    "ipam.prefix": "ipam/prefixes",
    "ipam.role": "ipam/roles",
    "ipam.vlan": "ipam/vlans",
    "ipam.vlangroup": "ipam/vlan-groups",
    "ipam.vrf": "ipam/vrfs",
    "tenancy.contact": "tenancy/contacts",
    "tenancy.contactassignment": "tenancy/contact-assignments",
    "tenancy.contactrole": "tenancy/contact-roles",
    "tenancy.tenant": "tenancy/tenants",
    "virtualization.cluster": "virtualization/clusters",
    "virtualization.clustertype": "virtualization/cluster-types",
    "virtualization.virtualmachine": "virtualization/virtual-machines",
    "virtualization.vminterface": "virtualization/interfaces",
}
"""Where the API has the rows of each model."""

TERMINATION = "dcim.cabletermination"
SIDES = {"A": "a_terminations", "B": "b_terminations"}


def authorise(secret: Secret) -> Headers:
    """A token of the first or, since NetBox 4.5, of the second version."""
    token = secret.values["token"]
    scheme = "Bearer" if token.startswith("nbt_") else "Token"
    return {"Authorization": f"{scheme} {token}"}


def fetch(service: Service) -> list[dict[str, Any]]:
    """All rows, as a dump."""
    rows: list[dict[str, Any]] = []
    for model, path in PATHS.items():
        for found in _pages(service, f"api/{path}/"):
            rows.append(_row(model, found))
            if model == "dcim.cable":
                rows += _terminations(found)
    return rows


def _pages(service: Service, path: str) -> Iterator[dict[str, Any]]:
    """All objects at a path, page by page; nothing where this NetBox has no such path."""
    offset = 0
    while True:
        page = service.json(path, missing=True, limit=PAGE, offset=offset, ordering="id")
        if page is None:
            return
        found = page.get("results") if isinstance(page, dict) else None
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise AskingFailed(target=service.address, detail=f"{path}: this is no page of NetBox")
        yield from found
        offset += len(found)
        if not found or not page.get("next"):
            return


def _row(model: str, found: dict[str, Any]) -> dict[str, Any]:
    fields = {name: _plain(value) for name, value in found.items() if name != "id"}
    return {"model": model, "pk": found.get("id"), "fields": fields}


def _plain(value: Any) -> Any:
    """A choice as its value, another object as its key."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    return value["value"] if {"value", "label"} <= value.keys() else value.get("id", value)


def _terminations(cable: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows that a dump has for the ends of a cable."""
    for side, name in SIDES.items():
        ends = cable.get(name)
        for position, end in enumerate(ends if isinstance(ends, list) else ()):
            if not isinstance(end, dict):
                continue
            fields = {
                "cable": cable.get("id"),
                "cable_end": side,
                "termination_type": end.get("object_type"),
                "termination_id": end.get("object_id"),
            }
            pk = f"{cable.get('id')}-{side}-{position}"
            yield {"model": TERMINATION, "pk": pk, "fields": fields}
