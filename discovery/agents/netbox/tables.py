"""What NetBox's words mean here: roles, statuses and kinds, as data."""

import re

LIFECYCLE = {
    "active": "live",
    "available": "live",
    "connected": "live",
    "container": "live",
    "dhcp": "live",
    "slaac": "live",
    "failed": "live",  # broken is an incident, not a stage of life
    "offline": "in_maintenance",  # in its place, not serving
    "paused": "in_maintenance",
    "planned": "planned",
    "reserved": "planned",
    "provisioning": "in_deployment",
    "staged": "in_deployment",
    "staging": "in_deployment",
    "inventory": "in_stock",
    "decommissioning": "retired",  # the last status that devices, machines and clusters have
    "decommissioned": "retired",
    "deprecated": "retired",
    "retired": "retired",
}
"""NetBox status → lifecycle status."""

LIFECYCLE_OF_MODEL = {
    # A later status exists for these, so things are still in use while this one lasts.
    ("dcim.site", "decommissioning"): "in_maintenance",
    ("dcim.location", "decommissioning"): "in_maintenance",
    ("circuits.circuit", "deprovisioning"): "in_maintenance",
    # A rack stands where it stands, whoever may use it.
    ("dcim.rack", "reserved"): "live",
    ("dcim.rack", "deprecated"): "live",
}
"""Exceptions to `LIFECYCLE`, by model."""

ROLES: tuple[tuple[str, str], ...] = (
    ("pdu|power distribution|power strip|rpdu|rpp|ats|sts", "pdu"),
    ("ups|uninterruptible", "ups"),
    ("crac|crah|chiller|cooling|air condition\\w*", "cooling"),
    ("patch panel\\w*|patchpanel\\w*|panel|odf|cable management", "appliance"),
    ("console|terminal server|kvm switch|kvm|modem|media converter|mux|tap", "appliance"),
    ("chassis|enclosure|controller|wlc|sensor|nvr|time server|ntp", "appliance"),
    ("load balancer\\w*|loadbalancer\\w*|adc|lb|slb", "load_balancer"),
    ("firewall\\w*|fw|ngfw|utm", "firewall"),
    ("access point\\w*|ap|wap|wifi|wireless", "access_point"),
    ("san switch\\w*|fc switch\\w*|fibre channel switch\\w*", "switch"),
    ("storage|san|nas|filer|disk array|tape|tape library", "storage"),
    ("printer\\w*|mfp", "printer"),
    ("phone\\w*|handset\\w*|voip", "phone"),
    ("camera\\w*|cctv", "camera"),
    (
        "hypervisor\\w*|esx|esxi|proxmox|hyper v|vm host\\w*|virtuali[sz]ation host\\w*",
        "hypervisor",
    ),
    ("router\\w*|rtr|cpe|bras|bng", "router"),
    ("switch\\w*|sw|leaf|spine|tor", "switch"),
    ("workstation\\w*|desktop\\w*|laptop\\w*|pc|thin client\\w*", "endpoint"),
    ("server\\w*|srv|blade\\w*|compute|host\\w*", "server"),
    ("appliance\\w*", "appliance"),
)
"""Whole words of a device role's name or slug → CI type; the first rule that fits counts."""

UNLINKABLE = frozenset({"facility", "power_panel", "power_feed", "ups", "pdu", "cooling"})
"""Types of device that the catalog does not let `connects_to` join."""

SHARED_ADDRESS_ROLES = frozenset({"anycast", "vip", "vrrp", "hsrp", "glbp", "carp"})
"""Roles of addresses that several machines answer at: they identify none of them."""

_RULES = tuple((re.compile(rf"\b(?:{words})\b"), ci_type) for words, ci_type in ROLES)


def lifecycle(model: str, status: str) -> str | None:
    """The lifecycle status, None when NetBox's status is not a known one."""
    return LIFECYCLE_OF_MODEL.get((model, status)) or LIFECYCLE.get(status)


def type_of_role(*words: str) -> str:
    """The CI type for a device role, by its slug and name; `device` when nothing fits."""
    text = " ".join(re.sub(r"[\W_]+", " ", word.lower()) for word in words)
    for pattern, ci_type in _RULES:
        if pattern.search(text):
            return ci_type
    return "device"
