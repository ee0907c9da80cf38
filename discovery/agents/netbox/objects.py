"""Places, power equipment, devices, virtual machines and clusters."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from cmdb.identity.observation import Observation
from discovery.agents.netbox.build import observed, place_of, related, site_of
from discovery.agents.netbox.dump import Dump, Row
from discovery.agents.netbox.networks import Addresses
from discovery.agents.netbox.tables import UNLINKABLE, type_of_role

Attributes = dict[str, Any]

MM_PER_INCH = 25.4
PHASES = {"single-phase": 1, "three-phase": 3}


def device_types(dump: Dump) -> dict[str, str]:
    """The CI type of each device by its key. One of unknown role that has outlets is a PDU."""
    with_outlets = _counted(dump, "dcim.poweroutlet")
    types: dict[str, str] = {}
    for row in dump.rows("dcim.device"):
        role = role_of(row)
        words = [role.text("slug") or "", role.text("name") or ""] if role else []
        types[row.key] = type_of_role(*words)
        if types[row.key] == "device" and row.key in with_outlets:
            types[row.key] = "pdu"
    return types


def role_of(row: Row) -> Row | None:
    """The role of a device, under its present name or the one it had before NetBox 3.6."""
    return row.ref("role", "dcim.devicerole") or row.ref("device_role", "dcim.devicerole")


def observations(dump: Dump, types: dict[str, str], addresses: Addresses) -> Iterator[Observation]:
    """All items of this module's kinds, each followed by its relations."""
    yield from _places(dump)
    yield from _power(dump)
    for row in dump.rows("virtualization.cluster"):
        kind = {"cluster_type": row.label("type", "virtualization.clustertype")}
        yield from observed(row, "cluster", row.required_text("name"), kind)
        yield from related(row, "located_in", place_of(row))
    for row in dump.rows("dcim.virtualchassis"):
        kind = {"cluster_type": "virtual chassis"}
        yield from observed(row, "cluster", row.required_text("name"), kind)
    yield from _devices(dump, types, addresses)
    for row in dump.rows("virtualization.virtualmachine"):
        yield from _virtual_machine(row, addresses)


def _places(dump: Dump) -> Iterator[Observation]:
    for row in dump.rows("dcim.region"):
        attributes = {"code": row.text("slug")}
        yield from observed(row, "location", row.required_text("name"), attributes)
        yield from related(row, "located_in", row.ref("parent", "dcim.region"))
    for row in dump.rows("dcim.site"):
        yield from observed(row, "site", row.required_text("name"), _site(row))
        yield from related(row, "located_in", row.ref("region", "dcim.region"))
    for row in dump.rows("dcim.location"):
        attributes = {"code": row.text("slug")}
        yield from observed(row, "room", row.required_text("name"), attributes)
        parent = row.ref("parent", "dcim.location") or row.ref("site", "dcim.site")
        yield from related(row, "located_in", parent)
    for row in dump.rows("dcim.rack"):
        yield from observed(row, "rack", row.required_text("name"), _rack(row))
        yield from related(row, "located_in", place_of(row))


def _site(row: Row) -> Attributes:
    return {
        "code": row.text("slug"),
        "region": row.label("region", "dcim.region"),
        "address": row.text("physical_address"),
        "latitude": row.number("latitude"),
        "longitude": row.number("longitude"),
        "time_zone": row.text("time_zone"),
        "facility": row.text("facility"),
    }


def _rack(row: Row) -> Attributes:
    depth = row.number("outer_depth")
    return {
        "height": row.number("u_height"),
        "width": row.number("width"),
        "depth": depth * MM_PER_INCH if depth and row.text("outer_unit") == "in" else depth,
        "max_weight": _kilograms(row, "_abs_max_weight"),
        "descending_units": row.flag("desc_units"),
        "serial_number": row.text("serial"),
    }


def _kilograms(row: Row, name: str) -> float | int | None:
    grams = row.number(name)
    return grams / 1000 if grams else None


def _power(dump: Dump) -> Iterator[Observation]:
    for row in dump.rows("dcim.powerpanel"):
        yield from observed(row, "power_panel", row.required_text("name"))
        yield from related(row, "located_in", place_of(row))
    for row in dump.rows("dcim.powerfeed"):
        panel = row.ref("power_panel", "dcim.powerpanel")
        attributes = {
            "site": site_of(panel) if panel else None,
            "voltage": row.number("voltage"),
            "current": row.number("amperage"),
            "phases": PHASES.get(row.text("phase") or ""),
            "supply": row.text("supply"),
            "side": row.text("type"),
            "max_utilization": row.number("max_utilization"),
        }
        yield from observed(row, "power_feed", row.required_text("name"), attributes)
        place = place_of(row) or (place_of(panel) if panel else None)
        yield from related(row, "located_in", place)
        yield from related(row, "powered_by", panel)


def _devices(dump: Dump, types: dict[str, str], addresses: Addresses) -> Iterator[Observation]:
    supplies, outlets = (_counted(dump, model) for model in ("dcim.powerport", "dcim.poweroutlet"))
    bays: dict[str, Row] = {}
    for bay in dump.rows("dcim.devicebay"):
        if (child := bay.ref("installed_device", "dcim.device")) is not None:
            bays[child.key] = bay
    for row in dump.rows("dcim.device"):
        ci_type, bay_of_row = types[row.key], bays.get(row.key)
        attributes = _device(row, ci_type, addresses)
        if ci_type in ("server", "hypervisor"):
            attributes["power_supplies"] = supplies.get(row.key)
        elif ci_type == "pdu":
            attributes["outlets"] = outlets.get(row.key)
        name = row.text("name") or _helpful_name(row, bay_of_row)
        yield from observed(row, ci_type, name, attributes)
        yield from _device_relations(row, ci_type, bay_of_row, types)


def _counted(dump: Dump, model: str) -> Counter[str]:
    """How many rows of a component each device has, by the device's key."""
    devices = (row.ref("device", "dcim.device") for row in dump.rows(model))
    return Counter(device.key for device in devices if device is not None)


def _device(row: Row, ci_type: str, addresses: Addresses) -> Attributes:
    model = row.ref("device_type", "dcim.devicetype")
    management = addresses.primary(row) or addresses.one(row, "oob_ip")
    attributes: Attributes = {
        "serial_number": row.text("serial"),
        "rack_position": row.number("position"),
        "face": row.text("face"),
        "management_ip": management,
        "mac_addresses": addresses.mac_addresses[row.key],
    }
    if model is not None:
        attributes |= {
            "vendor": model.label("manufacturer", "dcim.manufacturer"),
            "model": model.text("model"),
            "part_number": model.text("part_number"),
            "rack_height": model.number("u_height"),
            "weight": _kilograms(model, "_abs_weight"),
        }
    if ci_type in UNLINKABLE:
        return attributes
    role = role_of(row)
    attributes |= {
        "ip_addresses": addresses.ip_addresses[row.key],
        "platform": row.label("platform", "dcim.platform"),
        "role": role.text("name") if role else None,
        "airflow": row.text("airflow") or (model.text("airflow") if model else None),
    }
    if ci_type in ("server", "hypervisor"):
        attributes["bmc_ip"] = addresses.one(row, "oob_ip")
    return attributes


def _helpful_name(row: Row, bay: Row | None) -> str:
    """A name for a device without one: what it is and where it is."""
    what = row.label("device_type", "dcim.devicetype", "model") or "(unnamed device)"
    rack, unit = row.ref("rack", "dcim.rack"), row.number("position")
    if bay is not None:
        return f"{what} in {bay.label('device', 'dcim.device') or 'bay'} {bay.text('name') or ''}"
    if rack is not None:
        return f"{what} in rack {rack.text('name')}" + (f" U{unit:g}" if unit else "")
    place = place_of(row)
    return f"{what} at {place.text('name')}" if place else f"{what} {row.key}"


def _device_relations(
    row: Row, ci_type: str, bay: Row | None, types: dict[str, str]
) -> Iterator[Observation]:
    yield from related(row, "located_in", place_of(row))
    yield from related(row, "member_of", row.ref("cluster", "virtualization.cluster"))
    chassis = row.ref("virtual_chassis", "dcim.virtualchassis")
    master = True if chassis and chassis.ref("master", "dcim.device") is row else None
    position = row.number("vc_position")
    yield from related(row, "member_of", chassis, position=position, master=master)
    parent = bay.ref("device", "dcim.device") if bay else None
    if bay and parent and not UNLINKABLE & {ci_type, types[parent.key]}:
        yield from related(row, "part_of", parent, bay=bay.text("name"))


def _virtual_machine(row: Row, addresses: Addresses) -> Iterator[Observation]:
    cluster = row.ref("cluster", "virtualization.cluster")
    host = row.ref("device", "dcim.device")
    attributes = {
        "site": site_of(row) or (site_of(cluster) if cluster else None),
        "vcpus": row.number("vcpus"),
        "memory": row.number("memory"),
        "platform": row.label("platform", "dcim.platform"),
        "role": row.label("role", "dcim.devicerole"),
        "management_ip": addresses.primary(row),
        "ip_addresses": addresses.ip_addresses[row.key],
        "mac_addresses": addresses.mac_addresses[row.key],
    }
    yield from observed(row, "virtual_machine", row.required_text("name"), attributes)
    # A cluster may move its machines to another host, so the present host is a note only.
    if cluster is not None:
        yield from related(row, "hosted_on", cluster, host=host.key if host else None)
    else:
        yield from related(row, "hosted_on", host)
