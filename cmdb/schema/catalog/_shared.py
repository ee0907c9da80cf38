"""Attributes and identifiers that several domains share."""

from cmdb.schema.attributes import Attribute
from cmdb.schema.declarations import Identifier

VENDOR = Attribute("vendor", "string", "Maker of the product.", form="vendor")
VERSION = Attribute("version", "string", "Version in use.")

HARDWARE = (
    VENDOR,
    Attribute("model", "string", "Model as the maker names it."),
    Attribute("part_number", "string", "Order number of the maker."),
    Attribute("serial_number", "string", "Serial number given by the maker.", form="serial"),
    Attribute("purchase_date", "date", "Day of purchase."),
    Attribute("install_date", "date", "Day it was put in place."),
    Attribute("warranty_end", "date", "Last day of the maker's warranty."),
    Attribute("end_of_support", "date", "Last day the maker supports this model."),
    Attribute("weight", "number", "Weight.", unit="kg", minimum=0),
)
"""What anything bought as hardware has."""

MOUNTING = (
    Attribute(
        "rack_position", "number", "Lowest rack unit it fills, counted as on the rack.", minimum=0
    ),
    Attribute("rack_height", "number", "Rack units it fills.", unit="U", minimum=0),
    Attribute("face", "string", "Side of the rack it is on.", choices=("front", "rear")),
    Attribute("position", "string", "Place in the room, where it is not in a rack."),
)
"""Where hardware sits within its location."""

NETWORKED = (
    Attribute(
        "hostname", "string", "Name the system gives itself, without domain.", form="hostname"
    ),
    Attribute("fqdn", "string", "Fully qualified domain name.", form="fqdn"),
    Attribute("management_ip", "ip", "Address it is managed by.", form="address"),
    Attribute(
        "ip_addresses",
        "ip",
        "All addresses it was seen with.",
        many=True,
        combine="union",
        form="address",
    ),
    Attribute(
        "mac_addresses",
        "mac",
        "Hardware addresses of its interfaces.",
        many=True,
        combine="union",
        form="mac",
    ),
    Attribute(
        "ssh_host_keys",
        "string",
        "Fingerprints of its SSH host keys.",
        many=True,
        combine="union",
    ),
    Attribute("snmp_engine_id", "string", "SNMP engine id, in hexadecimal.", form="digits"),
    Attribute(
        "open_ports", "string", "Ports found open, such as tcp/443.", many=True, combine="union"
    ),
)
"""What anything with an address has."""

SYSTEM = (
    Attribute(
        "uuid",
        "string",
        "System UUID as the firmware or the hypervisor reports it.",
        form="uuid",
    ),
    Attribute("operating_system", "string", "Operating system, with its edition."),
    Attribute("os_version", "string", "Version of the operating system."),
    Attribute("kernel", "string", "Kernel name and version."),
    Attribute("last_boot", "datetime", "When it was last started."),
)
"""What anything that runs an operating system has."""

MEMORY = Attribute("memory", "integer", "Main memory.", unit="MiB", minimum=0)
DISK = Attribute("disk", "integer", "Disk space in all.", unit="GiB", minimum=0)

SERVICE_LEVELS = (
    Attribute("service_hours", "string", "When it must be available, such as 24x7 or Mo-Fr 08-18."),
    Attribute(
        "recovery_time_objective",
        "integer",
        "Longest time it may take to restore it.",
        unit="min",
        minimum=0,
    ),
    Attribute(
        "recovery_point_objective",
        "integer",
        "Longest span of data that may be lost.",
        unit="min",
        minimum=0,
    ),
    Attribute(
        "availability_target",
        "number",
        "Share of the service hours it must be available.",
        unit="%",
        minimum=0,
        maximum=100,
    ),
    Attribute("users", "integer", "How many people use it.", minimum=0),
)
"""What was agreed with those who use it."""

SERIAL = Identifier("serial", ("serial_number", "vendor"), 1, "Serial number and maker.")
UUID = Identifier("uuid", ("uuid",), 1, "System UUID.")
SSH_HOST_KEY = Identifier("ssh_host_key", ("ssh_host_keys",), 3, "SSH host key.", clonable=True)
ENGINE_ID = Identifier("engine_id", ("snmp_engine_id",), 3, "SNMP engine id.", clonable=True)
CHASSIS = Identifier("chassis", ("chassis_id",), 4, "LLDP chassis id.")
MAC = Identifier("mac", ("mac_addresses",), 5, "Globally administered MAC address.")
FQDN = Identifier("fqdn", ("fqdn",), 6, "Domain name within a site.", scope="site")
NAME_AND_ADDRESS = Identifier(
    "name_and_address",
    ("hostname", "ip_addresses"),
    7,
    "Host name and address together, within a site; an address alone identifies nothing.",
    scope="site",
)
NETWORK_IDENTITY = (SSH_HOST_KEY, ENGINE_ID, MAC, FQDN, NAME_AND_ADDRESS)
"""How anything with an address is recognised, strongest first."""
