"""Power and cooling: what keeps a machine room running."""

from datetime import timedelta

from cmdb.schema.attributes import Attribute
from cmdb.schema.catalog._shared import HARDWARE, MOUNTING, NETWORK_IDENTITY, NETWORKED, SERIAL
from cmdb.schema.declarations import CIType

VOLTAGE = Attribute("voltage", "number", "Nominal voltage.", unit="V")
CURRENT = Attribute("current", "number", "Current it may carry.", unit="A", minimum=0)
PHASES = Attribute("phases", "integer", "Number of phases.", minimum=1, maximum=3)

CI_TYPES = (
    CIType(
        "facility",
        "Facility equipment",
        "基础设施",
        "Equipment of the building that IT equipment needs, such as power and cooling.",
        parent="ci",
        freshness=timedelta(days=90),
        identifiers=(SERIAL, *NETWORK_IDENTITY),
        attributes=(
            *HARDWARE,
            *MOUNTING,
            *NETWORKED,
            Attribute("firmware_version", "string", "Version of its firmware."),
            Attribute("maintenance_interval", "integer", "Time between services.", "d", minimum=0),
        ),
    ),
    CIType(
        "power_panel",
        "Power panel",
        "配电柜",
        "A distribution board that power feeds start from.",
        parent="facility",
        attributes=(VOLTAGE, CURRENT, PHASES),
    ),
    CIType(
        "power_feed",
        "Power feed",
        "供电回路",
        "A circuit that brings power from a panel to a rack or a machine.",
        parent="facility",
        attributes=(
            VOLTAGE,
            CURRENT,
            PHASES,
            Attribute("supply", "string", "Kind of current.", choices=("ac", "dc")),
            Attribute("side", "string", "Primary or redundant.", choices=("primary", "redundant")),
            Attribute("max_utilization", "number", "Load it may take.", "%", (), 0, 100),
        ),
    ),
    CIType(
        "ups",
        "Uninterruptible power supply",
        "不间断电源",
        "A supply that bridges a mains failure from its batteries.",
        parent="facility",
        attributes=(
            VOLTAGE,
            PHASES,
            Attribute("capacity", "number", "Rated apparent power.", unit="VA", minimum=0),
            Attribute("battery_runtime", "number", "Runtime at its load.", unit="min", minimum=0),
            Attribute("battery_date", "date", "Day the batteries were last replaced."),
            Attribute("load", "number", "Load when last measured.", unit="%", minimum=0),
        ),
    ),
    CIType(
        "pdu",
        "Power distribution unit",
        "机柜配电单元",
        "A power strip in a rack that equipment is plugged into.",
        parent="facility",
        attributes=(
            VOLTAGE,
            CURRENT,
            PHASES,
            Attribute("outlets", "integer", "Number of outlets.", minimum=0),
            Attribute("metered", "boolean", "Whether it measures its load."),
            Attribute("switched", "boolean", "Whether its outlets can be switched remotely."),
        ),
    ),
    CIType(
        "cooling",
        "Cooling unit",
        "制冷设备",
        "A unit that removes heat, such as an air conditioner or a chiller.",
        parent="facility",
        attributes=(
            Attribute("cooling_capacity", "number", "Heat it can remove.", unit="kW", minimum=0),
            Attribute("set_temperature", "number", "Temperature it is set to.", unit="°C"),
            Attribute("refrigerant", "string", "Refrigerant, such as R410A."),
        ),
    ),
)
