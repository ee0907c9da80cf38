"""Forms of sources and precedences."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from api.http.models.common import Form, Shown, Text, Words

Seconds = Annotated[int, Field(ge=0, le=10**9, strict=True)]
RANK = "How far it is trusted where no precedence says otherwise: the greater wins."
RECORDS = "Whether two of its keys are two things; else its keys are sightings, as addresses are."
FRESHNESS = "Seconds of silence after which its values yield to fresher ones; null: as the type."
FADES = "Seconds of silence after which its relations count no more; null: never."
MAY_ERASE = "Whether its null is a value."
WITHDRAWN = "Whether nothing it said counts."

EXAMPLE: dict[str, Any] = {
    "description": "The scanner in the branch offices.",
    "rank": 60,
    "records": False,
    "freshness": 2592000,
    "fades": 7776000,
    "may_erase": False,
    "withdrawn": False,
}


class SourceForm(Form):
    """A declaration of a source, whose name is in the path; what is left out is as usual."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    description: Words = Field(default="", description="What it is.")
    rank: Annotated[int, Field(ge=0, le=10**6, strict=True)] = Field(default=100, description=RANK)
    records: bool = Field(default=True, strict=True, description=RECORDS)
    freshness: Seconds | None = Field(default=None, description=FRESHNESS)
    fades: Seconds | None = Field(default=None, description=FADES)
    may_erase: bool = Field(default=False, strict=True, description=MAY_ERASE)
    withdrawn: bool = Field(default=False, strict=True, description=WITHDRAWN)


class SourceRow(Shown):
    """A source."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "scanner", **EXAMPLE}]})

    name: str = Field(description="Its name.")
    description: str = Field(description="What it is.")
    rank: int = Field(description=RANK)
    records: bool = Field(description=RECORDS)
    freshness: int | None = Field(description=FRESHNESS)
    fades: int | None = Field(description=FADES)
    may_erase: bool = Field(description=MAY_ERASE)
    withdrawn: bool = Field(description=WITHDRAWN)


class PrecedenceForm(Form):
    """Which sources win for an attribute of a type; both are in the path."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"sources": ["netbox", "glpi"]}]})

    sources: list[Text] = Field(
        max_length=1000, description="Best first; none at all takes the precedence back."
    )


class PrecedenceRow(Shown):
    """Which sources win for an attribute of a type and those below it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"type": "device", "attribute": "vendor", "sources": ["netbox", "glpi"]},
            ]
        }
    )

    type: str = Field(description="Name of the CI type.")
    attribute: str = Field(description="The attribute; `*` for all.")
    sources: list[str] = Field(description="Best first.")


class Settled(Shown):
    """What time alone changed."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"changed": 3}]})

    changed: int = Field(description="How many CIs and relations changed.")
