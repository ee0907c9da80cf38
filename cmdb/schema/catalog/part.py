"""Parts of machines: interfaces, replaceable components, file systems."""

from datetime import timedelta

from cmdb.schema.attributes import Attribute
from cmdb.schema.catalog._shared import VENDOR
from cmdb.schema.declarations import CIType, Identifier

FRESHNESS = timedelta(days=30)

CI_TYPES = (
    CIType(
        "network_interface",
        "Network interface",
        "网络接口",
        "A port or interface of a device or machine.",
        parent="ci",
        freshness=FRESHNESS,
        identifiers=(Identifier("interface", ("if_name",), 2, "Name on its device.", within=True),),
        attributes=(
            Attribute("if_name", "string", "Name on its device: ifName (RFC 2863)."),
            Attribute("if_index", "integer", "ifIndex (RFC 2863).", minimum=0),
            Attribute("if_alias", "string", "Name people gave it: ifAlias (RFC 2863)."),
            Attribute("interface_type", "string", "Such as ethernet, wifi or loopback."),
            Attribute("mac_address", "mac", "Hardware address.", form="mac"),
            Attribute("ip_addresses", "ip", "Addresses set on it.", many=True),
            Attribute("networks", "network", "Networks it is in.", many=True),
            Attribute("gateway", "ip", "Gateway it was given."),
            Attribute("dhcp_server", "ip", "DHCP server that gave its address."),
            Attribute("speed", "number", "Speed.", unit="Mbit/s", minimum=0),
            Attribute("mtu", "integer", "Largest packet.", unit="B", minimum=0),
            Attribute(
                "duplex", "string", "Duplex mode.", choices=("half", "full", "auto", "unknown")
            ),
            Attribute(
                "admin_status",
                "string",
                "State it is set to: ifAdminStatus (RFC 2863).",
                choices=("up", "down", "testing"),
            ),
            Attribute(
                "oper_status",
                "string",
                "State it is in: ifOperStatus (RFC 2863).",
                choices=(
                    "up",
                    "down",
                    "testing",
                    "unknown",
                    "dormant",
                    "not_present",
                    "lower_layer_down",
                ),
            ),
            Attribute("vlans", "string", "VLANs it carries: number and name.", many=True),
            Attribute("trunk", "boolean", "Whether it carries several VLANs, tagged."),
            Attribute("aggregates", "string", "Interfaces it bundles.", many=True),
            Attribute("virtual", "boolean", "Whether it has no hardware of its own."),
            Attribute("management", "boolean", "Whether it is there for management only."),
            VENDOR,
            Attribute("model", "string", "Model as the maker names it."),
            Attribute("driver", "string", "Driver in use."),
            Attribute("firmware_version", "string", "Version of its firmware."),
            Attribute("wwn", "string", "World wide name, of Fibre Channel.", form="digits"),
            Attribute("ssid", "string", "Wireless network it is joined to."),
        ),
    ),
    CIType(
        "component",
        "Hardware component",
        "硬件部件",
        "A part that can be replaced alone: module, disk, memory, power supply, monitor.",
        parent="ci",
        freshness=FRESHNESS,
        identifiers=(
            Identifier(
                "component", ("kind", "serial_number"), 2, "Serial within its device.", within=True
            ),
        ),
        attributes=(
            Attribute("kind", "string", "What it is, such as module, disk or memory."),
            VENDOR,
            Attribute("model", "string", "Model as the maker names it."),
            Attribute("part_number", "string", "Order number of the maker."),
            Attribute("serial_number", "string", "Serial number.", form="serial"),
            Attribute("firmware_version", "string", "Version of its firmware."),
            Attribute("slot", "string", "Where in the device it is."),
            Attribute("capacity", "number", "Memory or disk space.", unit="MiB", minimum=0),
            Attribute("power", "number", "Power a supply gives at most.", unit="W", minimum=0),
            Attribute("technology", "string", "Such as DDR4, SATA or lithium-ion."),
            Attribute("speed", "string", "Speed, as the maker gives it."),
            Attribute("manufacture_date", "date", "Day it was made."),
        ),
    ),
    CIType(
        "file_system",
        "File system",
        "文件系统",
        "A file system mounted on a machine.",
        parent="ci",
        freshness=FRESHNESS,
        identifiers=(
            Identifier("mount", ("mount_point",), 2, "Where it is mounted.", within=True),
        ),
        attributes=(
            Attribute("mount_point", "string", "Where it is mounted: path or drive letter."),
            Attribute("format", "string", "Format, such as ext4 or NTFS."),
            Attribute("volume", "string", "Volume or share it is on."),
            Attribute("label", "string", "Label."),
            Attribute("volume_id", "string", "Serial number or UUID of the volume."),
            Attribute("size", "number", "Size.", unit="MiB", minimum=0),
            Attribute("encrypted", "boolean", "Whether it is encrypted."),
            Attribute("encryption", "string", "Product and algorithm of its encryption."),
        ),
    ),
)
