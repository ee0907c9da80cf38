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
    Attribute("snmp_engine_id", "string", "SNMP engine id, in hexadecimal.", form="engine_id"),
    Attribute(
        "open_ports", "string", "Ports found open, such as tcp/443.", many=True, combine="union"
    ),
    Attribute("snmp_location", "string", "Where it is, as it says itself: SNMP sysLocation."),
    Attribute("snmp_contact", "string", "Whom to ask, as it says itself: SNMP sysContact."),
    Attribute("inventory_agent", "string", "Agent that inventoried it, with its version."),
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
    Attribute("time_zone", "string", "Time zone it is set to."),
    Attribute("architecture", "string", "Instruction set, such as x86_64 or aarch64."),
    Attribute("cpu_model", "string", "Model of its processors."),
    Attribute("domain", "string", "Directory domain or workgroup it is joined to."),
    Attribute("default_gateway", "ip", "Address it sends to what is in no network of its own."),
    Attribute("dns_servers", "ip", "Name servers it asks.", many=True),
    Attribute("swap", "integer", "Swap space.", unit="MiB", minimum=0),
    Attribute("bios_version", "string", "Version of BIOS or UEFI."),
    Attribute("bios_date", "date", "Day that version was made."),
    Attribute(
        "secure_boot",
        "string",
        "Whether the firmware starts signed systems only.",
        choices=("enabled", "disabled", "unsupported"),
    ),
    Attribute("encrypted", "boolean", "Whether the disk of its system is encrypted."),
    Attribute("firewall_enabled", "boolean", "Whether its own packet filter is on."),
    Attribute("antivirus", "string", "Antivirus products on it, with version.", many=True),
    Attribute("antivirus_enabled", "boolean", "Whether one of them is on."),
    Attribute("antivirus_up_to_date", "boolean", "Whether one that is on has fresh signatures."),
    Attribute("remote_access", "string", "Remote control tools and its id in them.", many=True),
    Attribute("last_user", "string", "Account that last logged on."),
    Attribute("logged_on_users", "string", "Accounts logged on when last seen.", many=True),
)
"""What anything that runs an operating system has."""

PROCESSORS = (
    Attribute("cpu_count", "integer", "Number of processors.", minimum=0),
    Attribute("cpu_cores", "integer", "Cores of all processors.", minimum=0),
    Attribute("cpu_threads", "integer", "Hardware threads of all processors.", minimum=0),
    Attribute("cpu_speed", "integer", "Nominal clock of its processors.", unit="MHz", minimum=0),
)
"""What a machine with processors of its own has."""

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
FQDN = Identifier("fqdn", ("fqdn",), 6, "Domain name within a site.", scope="known site")
NAME_AND_ADDRESS = Identifier(
    "name_and_address",
    ("hostname", "ip_addresses"),
    7,
    "Host name and address together, within a site; an address alone identifies nothing.",
    scope="site",
)
NETWORK_IDENTITY = (SSH_HOST_KEY, ENGINE_ID, MAC, FQDN, NAME_AND_ADDRESS)
"""How anything with an address is recognised, strongest first."""
