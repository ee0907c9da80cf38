"""Attributes that several domains share."""

from cmdb.schema.attributes import Attribute

VENDOR = Attribute("vendor", "string", "Maker of the product.")
VERSION = Attribute("version", "string", "Version in use.")

HARDWARE = (
    VENDOR,
    Attribute("model", "string", "Model as the maker names it."),
    Attribute("part_number", "string", "Order number of the maker."),
    Attribute("serial_number", "string", "Serial number given by the maker."),
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
    Attribute("hostname", "string", "Name the system gives itself, without domain."),
    Attribute("fqdn", "string", "Fully qualified domain name."),
    Attribute("management_ip", "ip", "Address it is managed by."),
    Attribute("ip_addresses", "ip", "All addresses it was seen with.", many=True),
    Attribute("mac_addresses", "mac", "Hardware addresses of its interfaces.", many=True),
    Attribute("ssh_host_keys", "string", "Fingerprints of its SSH host keys.", many=True),
    Attribute("snmp_engine_id", "string", "SNMP engine id, in hexadecimal."),
    Attribute("open_ports", "string", "Ports found open, such as tcp/443.", many=True),
)
"""What anything with an address has."""

SYSTEM = (
    Attribute("uuid", "string", "System UUID as the firmware or the hypervisor reports it."),
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
