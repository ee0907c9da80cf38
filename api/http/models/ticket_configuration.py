"""Forms of what an administrator configures for tickets."""

from typing import Any

from pydantic import ConfigDict, Field, RootModel

from api.http.models.common import Shown, Values
from cmdb.services.ticket_configuration import Kept

EXAMPLE: dict[str, Any] = {
    "zone": "Asia/Shanghai",
    "hours": {"mon": ["09:00-12:00", "13:00-18:00"]},
}


class SettingForm(RootModel[Values]):
    """A setting, in the form that `/schema` of its kind describes; its name is in the path."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})


class SettingSchema(RootModel[dict[str, Any]]):
    """The JSON Schema of a kind of settings."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"title": "CalendarSetting", "type": "object"}]}
    )


class SettingRow(Shown):
    """A setting in force."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "calendar",
                    "name": "office",
                    "own": True,
                    "setting": {**EXAMPLE, "country": "", "closed": [], "open": []},
                    "version": "5f2c9a10d3e4b6f8",
                }
            ]
        }
    )

    kind: str = Field(description="What kind of setting it is.")
    name: str = Field(description="Its name; of a process, its kind of ticket.")
    own: bool = Field(description="Whether an administrator put it; false: it is a default.")
    setting: dict[str, Any] = Field(description="What it says, in the form of its kind.")
    version: str = Field(description="Changes with every change of the setting; its ETag.")


def shown(kept: Kept) -> dict[str, Any]:
    """A SettingRow."""
    return {
        "kind": kept.kind,
        "name": kept.name,
        "own": kept.own,
        "setting": kept.body(),
        "version": kept.version,
    }
