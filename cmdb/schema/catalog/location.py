"""The root type of all, and the places where things are."""

from datetime import timedelta

from cmdb.schema.attributes import Attribute
from cmdb.schema.declarations import CIType

CI_TYPES = (
    CIType(
        "ci",
        "Configuration item",
        "配置项",
        "Anything that must be managed to deliver an IT service; the root of all types.",
        attributes=(
            Attribute("description", "string", "What it is and what it is for."),
            Attribute(
                "environment",
                "string",
                "Environment it serves.",
                choices=("production", "pre_production", "test", "development"),
            ),
            Attribute(
                "criticality",
                "string",
                "How much the business depends on it.",
                choices=("mission_critical", "high", "medium", "low"),
            ),
            Attribute("owner", "string", "Person or team accountable for it."),
            Attribute("support_team", "string", "Team that restores it."),
            Attribute("site", "string", "Key of the site it is at."),
            Attribute("asset_tag", "string", "Number on the asset label or in the asset ledger."),
            Attribute("cost_center", "string", "Cost center that pays for it."),
            Attribute("tags", "string", "Free words to find and group it by.", many=True),
            Attribute("comments", "string", "Remarks."),
        ),
    ),
    CIType(
        "location",
        "Location",
        "位置",
        "A place where people or equipment are; any level between the named ones.",
        parent="ci",
        freshness=timedelta(days=365),
        attributes=(
            Attribute("code", "string", "Short code used in names and labels."),
            Attribute("floor", "string", "Floor, as the building counts it."),
            Attribute("area", "number", "Floor area.", unit="m²", minimum=0),
            Attribute("contact", "string", "Whom to call for access."),
            Attribute("access_instructions", "string", "How to get in."),
        ),
    ),
    CIType(
        "site",
        "Site",
        "站点",
        "A campus, branch or data centre with an address of its own.",
        parent="location",
        attributes=(
            Attribute("address", "string", "Postal address."),
            Attribute("city", "string", "City."),
            Attribute("region", "string", "Province, state or region."),
            Attribute("country", "string", "Country, as ISO 3166-1 alpha-2."),
            Attribute("latitude", "number", "North is positive.", "°", minimum=-90, maximum=90),
            Attribute("longitude", "number", "East is positive.", "°", minimum=-180, maximum=180),
            Attribute("time_zone", "string", "IANA time zone, such as Asia/Shanghai."),
            Attribute("phone", "string", "Phone number of the site."),
            Attribute("facility", "string", "Name the operator of the facility uses."),
            Attribute(
                "kind",
                "string",
                "What the site is mainly used for.",
                choices=("office", "data_center", "branch", "warehouse", "plant", "other"),
            ),
        ),
    ),
    CIType(
        "building",
        "Building",
        "楼宇",
        "A building of a site.",
        parent="location",
        attributes=(
            Attribute("floors", "integer", "Number of floors.", minimum=0),
            Attribute("address", "string", "Postal address, where it differs from the site's."),
        ),
    ),
    CIType(
        "room",
        "Room",
        "房间",
        "A room, such as a machine room, a wiring closet or an office.",
        parent="location",
        attributes=(
            Attribute("room_number", "string", "Number on the door."),
            Attribute("power_capacity", "number", "Power it can feed.", unit="kW", minimum=0),
            Attribute("cooling_capacity", "number", "Heat it can remove.", unit="kW", minimum=0),
            Attribute("raised_floor", "boolean", "Whether it has a raised floor."),
        ),
    ),
    CIType(
        "rack",
        "Rack",
        "机柜",
        "A rack or cabinet that equipment is mounted in.",
        parent="location",
        attributes=(
            Attribute("height", "integer", "Rack units it offers.", "U", minimum=1, maximum=100),
            Attribute("width", "number", "Mounting width, mostly 19.", unit="in", minimum=0),
            Attribute("depth", "number", "Outer depth.", unit="mm", minimum=0),
            Attribute("row", "string", "Row it stands in."),
            Attribute("max_weight", "number", "Load it may carry.", unit="kg", minimum=0),
            Attribute("power_capacity", "number", "Power it may draw.", unit="W", minimum=0),
            Attribute("descending_units", "boolean", "Whether units are counted from the top."),
            Attribute("vendor", "string", "Maker of the rack."),
            Attribute("model", "string", "Model of the rack."),
            Attribute("serial_number", "string", "Serial number of the rack."),
        ),
    ),
)
