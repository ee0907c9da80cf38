"""What kind of machine an inventory is of: only what there is evidence for."""

import re

from discovery.agents.glpi.inventory import Inventory
from discovery.agents.glpi.record import Record

CONTAINERS = frozenset({"docker", "podman", "containerd"})
"""Kinds of virtual machine that are containers."""

FORMS = {
    "all in one": "desktop",
    "convertible": "laptop",
    "desktop": "desktop",
    "detachable": "tablet",
    "docking station": "desktop",
    "hand held": "tablet",
    "laptop": "laptop",
    "low profile desktop": "desktop",
    "lunch box": "desktop",
    "mini pc": "desktop",
    "mini tower": "desktop",
    "notebook": "laptop",
    "portable": "laptop",
    "sealed-case pc": "desktop",
    "space-saving": "desktop",
    "stick pc": "desktop",
    "sub notebook": "laptop",
    "tablet": "tablet",
}
"""SMBIOS chassis type of a workplace → form. A tower may stand in a server room, too."""

PORTABLE = ("laptop", "tablet")
"""Forms of a workplace, whatever system is on it."""

SERVER_CHASSIS = frozenset(
    {"blade", "blade enclosing", "main server chassis", "multi-system", "rack mount chassis"}
    | {"raid chassis", "server"}
)
"""SMBIOS chassis types of servers, and what agents call them."""
SERVER_SYSTEM = re.compile(r"\b(server|proxmox|truenas|aix|hp-ux|solaris)\b", re.IGNORECASE)
WORKPLACE_SYSTEM = re.compile(
    r"\bworkstation\b|\bwindows (xp|vista|7|8|8\.1|10|11)\b|\bmac ?os\b", re.IGNORECASE
)
HYPERVISOR_SYSTEM = re.compile(
    r"\b(esxi?|xenserver|xcp-ng|hyper-v server|proxmox)\b", re.IGNORECASE
)

SCANNED = {
    "Computer": "computer",
    "Networking": "network_device",
    "Printer": "printer",
    "Storage": "storage",
    "Phone": "phone",
    "Video": "device",
    "KVM": "appliance",
}
"""GLPI's kind of a scanned device → CI type. Its "Power" may be any facility or device."""

NETWORK_ROLES = (
    (r"load.?balancer|big-ip|alteon|netscaler", "load_balancer"),
    (r"firewall|fortigate|pan-os|adaptive security appliance|usg\d+", "firewall"),
    (r"access.?point|aironet|wireless ap", "access_point"),
    (r"router", "router"),
    (r"switch|procurve|catalyst|nexus", "switch"),
)
"""Words in what a network device says of itself → CI type."""


def type_of(inventory: Inventory) -> str:
    """The CI type of the machine: the most special one that its inventory proves."""
    if inventory.itemtype == "Computer":
        return _computer(inventory)
    if inventory.itemtype in ("Phone", "Printer"):
        return inventory.itemtype.lower()
    device = inventory.content.record("network_device")
    known = "network_device" if inventory.itemtype == "NetworkEquipment" else "unclassified"
    ci_type = SCANNED.get(device.text("type") or "", known)
    return _network_device(inventory, device) if ci_type == "network_device" else ci_type


def form_of(inventory: Inventory) -> str | None:
    """The form of a workplace."""
    return FORMS.get((inventory.content.record("hardware").text("chassis_type") or "").casefold())


def is_container(machine: Record) -> bool:
    """Whether a guest is a container; one of no kind that has an image is."""
    kind = machine.text("vmtype")
    return machine.text("image") is not None if kind is None else kind.casefold() in CONTAINERS


def virtual_on(inventory: Inventory) -> str | None:
    """What a virtual machine runs on, such as VMware; None for one that is none."""
    system = inventory.content.record("hardware").text("vmsystem")
    return None if system is None or system.casefold() == "physical" else system


def _computer(inventory: Inventory) -> str:
    system = virtual_on(inventory)
    if system is not None:
        return "container" if system.casefold() in CONTAINERS else "virtual_machine"
    hardware = inventory.content.record("hardware")
    chassis = (hardware.text("chassis_type") or "").casefold()
    if FORMS.get(chassis) in PORTABLE:
        return "endpoint"
    os = inventory.content.record("operatingsystem")
    named = " ".join(filter(None, (os.text("full_name"), os.text("name"))))
    if HYPERVISOR_SYSTEM.search(named):
        return "hypervisor"
    serves = SERVER_SYSTEM.search(named) is not None or chassis in SERVER_CHASSIS
    complete = not inventory.partial
    if not serves and WORKPLACE_SYSTEM.search(named):
        return "endpoint"
    if not serves and chassis in FORMS and (complete or named):
        return "endpoint"
    guests = inventory.content.records("virtualmachines")
    if any(not is_container(guest) for guest in guests):
        return "hypervisor"
    if complete:
        return "server" if serves else "computer"
    # What a partial one leaves out, such as its guests, may tell more.
    return "computer" if hardware.text("vmsystem") or chassis else "unclassified"


def _network_device(inventory: Inventory, device: Record) -> str:
    said = [device.text("description"), device.text("model")]
    said += [
        component.text("description")
        for component in inventory.content.records("network_components")
        if component.text("type") in ("chassis", "stack")
    ]
    words = " ".join(filter(None, said))
    found = (kind for pattern, kind in NETWORK_ROLES if re.search(pattern, words, re.IGNORECASE))
    return next(found, "network_device")
