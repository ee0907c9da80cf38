"""Forms of imports of tickets."""

from typing import Any

from pydantic import ConfigDict, Field

from api.http.models.common import Form, Shown, Text, Values

ROW: dict[str, Any] = {"number": "4711", "title": "Printer on fire", "priority": "P2"}
COUNTS: dict[str, Any] = {"created": 1, "changed": 0, "unchanged": 0, "kept": 0}
WRONG: dict[str, Any] = {
    "code": "WrongValue",
    "place": "rows[1]",
    "message": "rows[1]: 'priority' is 'P9', but must be 1, 2 or 3, or a name in 'priorities' of"
    " the mapping",
}


class ImportForm(Form):
    """Tickets of an older system."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"system": "otrs", "rows": [ROW]}]})

    system: Text = Field(description="Whose they are.")
    kind: Text | None = Field(default=None, description="Kind of ticket, where no row says it.")
    mapping: dict[str, Any] | None = Field(
        default=None,
        description="How they read as ours; left out: that of the system, where it is declared.",
    )
    dry_run: bool = Field(default=False, description="Whether to change nothing, and only tell.")
    overwrite: bool = Field(
        default=False, description="Whether also what was changed here since the last import."
    )
    rows: list[Values] = Field(
        min_length=1, max_length=10_000, description="The tickets: names with values."
    )


class ToldRow(Shown):
    """What is wrong with a row."""

    model_config = ConfigDict(json_schema_extra={"examples": [WRONG]})

    code: str = Field(description="Stable name of the error.")
    place: str = Field(description="Where: the row.")
    message: str = Field(description="What is wrong, and what to do.")


class ImportAnswer(Shown):
    """What an import has done."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"dry_run": False, "encoding": None, **COUNTS, "errors": [WRONG], "warnings": []}
            ]
        }
    )

    dry_run: bool = Field(description="Whether nothing was changed.")
    encoding: str | None = Field(description="How a table was read: UTF-8, UTF-16 or GB18030.")
    created: int = Field(description="Tickets that are new here.")
    changed: int = Field(description="Tickets that were taken over before, and have changed.")
    unchanged: int = Field(description="Tickets that say what they said before.")
    kept: int = Field(description="Tickets of which something stays, as it was changed here.")
    errors: list[ToldRow] = Field(description="Why rows were left out.")
    warnings: list[ToldRow] = Field(description="What is unknown here, and what stays.")
