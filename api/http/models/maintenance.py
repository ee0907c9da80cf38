"""Forms of maintenance windows."""

from typing import Any

from pydantic import ConfigDict, Field

from api.http.models.common import Form, Text
from api.http.models.impact import WindowRow
from api.http.models.questions import TIME
from cmdb.services.maintenance import Window

EXAMPLE: dict[str, Any] = {
    "key": "sw-1",
    "starts": "2026-12-01T22:00:00+00:00",
    "ends": "2026-12-02T02:00:00+00:00",
    "state": "down",
    "reason": "new firmware",
}


class WindowChange(Form):
    """Changes of a maintenance window: what is not mentioned stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"ends": EXAMPLE["ends"]}]})

    key: Text = Field(default="", description="A CI by key, alias, `source:key` or unique name.")
    starts: Text = Field(default="", description=f"When it opens: {TIME}.")
    ends: Text = Field(default="", description=f"When it is over: {TIME}.")
    state: Text = Field(
        default="down",
        description="The state of the CI meanwhile: `down`, `degraded` or `at_risk`.",
    )
    reason: Text = Field(default="", description="Why.")

    def values(self) -> dict[str, Any]:
        """What was mentioned."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class WindowForm(WindowChange):
    """A new maintenance window."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    key: Text = Field(description="A CI by key, alias, `source:key` or unique name.")
    starts: Text = Field(description=f"When it opens: {TIME}.")
    ends: Text = Field(description=f"When it is over: {TIME}.")


class VersionedWindow(WindowRow):
    """When a CI will not be in its usual state."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"id": "8c1f0e2b9a7d", **EXAMPLE, "version": "5f2c9a10d3e4b6f8"}]
        }
    )

    version: str = Field(description="Changes with every change of the window; its ETag.")


def shown(window: Window) -> dict[str, Any]:
    """A VersionedWindow."""
    return {**window.content(), "version": window.version}
