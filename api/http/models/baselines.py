"""Forms of baselines."""

from typing import Any

from pydantic import ConfigDict, Field

from api.http.models.common import Form, Shown, Text
from cmdb.services.baselines import MOST_NOTE

EXAMPLE: dict[str, Any] = {"name": "OA V3.2", "note": "after the release"}


class BaselineForm(Form):
    """A name for a state of the CMDB."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    name: Text = Field(max_length=128, description="Its name; `as_of` takes it.")
    seq: int | None = Field(default=None, ge=1, description="After which commit; null: now.")
    note: str = Field(default="", max_length=MOST_NOTE, description="What it is for.")


class BaselineRow(Shown):
    """A named state of the CMDB."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **EXAMPLE,
                    "seq": 731,
                    "at": "2026-12-01T08:20:00+00:00",
                    "by": "wang",
                    "ticket": "REL-3",
                }
            ]
        }
    )

    name: str = Field(description="Its name.")
    seq: int = Field(description="The commit after which it is.")
    at: str = Field(description="When it was named.")
    by: str = Field(description="Who named it.")
    note: str = Field(description="What it is for.")
    ticket: str = Field(description="The release that named it; empty: none.")
