"""Circuits, subnets, VLANs and addresses."""

from datetime import timedelta

from cmdb.schema.attributes import Attribute
from cmdb.schema.declarations import CIType, Identifier

CI_TYPES = (
    CIType(
        "circuit",
        "Circuit",
        "线路",
        "A line rented from a carrier or laid by oneself.",
        parent="ci",
        freshness=timedelta(days=180),
        identifiers=(
            Identifier("circuit", ("circuit_id", "provider"), 1, "Number and its provider."),
        ),
        attributes=(
            Attribute("circuit_id", "string", "Number the provider knows it by."),
            Attribute("provider", "string", "Carrier that runs it."),
            Attribute("circuit_type", "string", "Such as MPLS, SDH, Internet or dark fibre."),
            Attribute("bandwidth", "integer", "Committed rate.", unit="kbit/s", minimum=0),
            Attribute("install_date", "date", "Day it was handed over."),
            Attribute("termination_date", "date", "Day it ends."),
            Attribute("a_side", "string", "Place where it begins."),
            Attribute("z_side", "string", "Place where it ends."),
            Attribute("support_phone", "string", "Fault desk of the provider."),
        ),
    ),
    CIType(
        "network",
        "Network",
        "网络",
        "A subnet: a range of addresses.",
        parent="ci",
        freshness=timedelta(days=90),
        attributes=(
            Attribute("prefix", "network", "Range of addresses."),
            Attribute("vlan_id", "integer", "VLAN it is on.", minimum=1, maximum=4094),
            Attribute("gateway", "ip", "Default gateway."),
            Attribute("vrf", "string", "Routing table it belongs to."),
            Attribute("role", "string", "What it is for, such as servers or voice."),
            Attribute("dhcp", "boolean", "Whether addresses are given out by DHCP."),
            Attribute("dns_servers", "ip", "Name servers given to its hosts.", many=True),
            Attribute("security_zone", "string", "Zone, such as DMZ or intranet."),
            Attribute("is_pool", "boolean", "Whether every address of it may be used."),
        ),
    ),
    CIType(
        "vlan",
        "VLAN",
        "虚拟局域网",
        "A virtual LAN of the switches.",
        parent="ci",
        freshness=timedelta(days=90),
        attributes=(
            Attribute("vlan_id", "integer", "Number.", minimum=1, maximum=4094),
            Attribute("vlan_group", "string", "Area in which the number is unique."),
            Attribute("role", "string", "What it is for, such as servers or voice."),
        ),
    ),
    CIType(
        "ip_address",
        "IP address",
        "IP 地址",
        "One address, reserved or in use.",
        parent="ci",
        freshness=timedelta(days=30),
        attributes=(
            Attribute("address", "interface", "Address, with its prefix length."),
            Attribute("dns_name", "string", "Name it resolves to."),
            Attribute("vrf", "string", "Routing table it belongs to."),
            Attribute(
                "role",
                "string",
                "Special role of the address.",
                choices=(
                    "primary",
                    "secondary",
                    "loopback",
                    "anycast",
                    "vip",
                    "vrrp",
                    "hsrp",
                    "glbp",
                    "carp",
                ),
            ),
            Attribute("mac_address", "mac", "Hardware address it was last seen with."),
            Attribute("interface", "string", "Interface it is set on."),
            Attribute("nat_inside", "ip", "Inside address it is translated to."),
        ),
    ),
)
