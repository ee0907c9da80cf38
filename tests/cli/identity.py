"""What tests of identity import and look at."""

import json
from typing import Any

from tests.cli.conftest import Cmdb, ci

UUID = "4c4c4544-0044-4810-8031-b4c04f33333"
SERIAL = {"serial_number": "SN12345", "vendor": "Dell"}


def server(key: str, **attributes: Any) -> dict[str, Any]:
    return ci(key, "server", attributes=attributes)


def cis(cmdb: Cmdb) -> list[dict[str, Any]]:
    return json.loads(cmdb("export").out)["cis"]


def keys(cmdb: Cmdb) -> list[str]:
    return [one["key"] for one in cis(cmdb)]


def reviews(cmdb: Cmdb) -> list[dict[str, Any]]:
    return cmdb("review", "list", "--format", "json").json["reviews"]


def why(cmdb: Cmdb, key: str, field: str) -> tuple[Any, str, str]:
    """The value of a field, whose word it is, and why it holds."""
    fields = cmdb("explain", key, "--format", "json").json["fields"]
    (found,) = (one for one in fields if one["field"] == field)
    winner = found["sayings"][0]
    assert winner["wins"]
    return found["value"], winner["claim"], winner["why"]


def held(cmdb: Cmdb, key: str) -> dict[str, Any]:
    """The attributes of a CI."""
    return next(one["attributes"] for one in cis(cmdb) if one["key"] == key)
