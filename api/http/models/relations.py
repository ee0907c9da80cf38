"""Forms of relations."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from api.http.models.common import Form, Shown, Text, Values
from cmdb.identity.observation import ObservedRelation
from cmdb.schema.records import Relation

Strength = Literal["hard", "soft"]
REFERENCE = "A CI by key, alias, `source:key` or unique name."
STRENGTH = "Overrides the strength of its type; null leaves it to the type."
EXAMPLE: dict[str, Any] = {"from": "app-1", "type": "depends_on", "to": "db-1"}


class RelationChange(Form):
    """Changes of a relation (RFC 7396): what is not mentioned stays; null withdraws."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"strength": "soft"}]})

    strength: Strength | None = Field(default=None, description=STRENGTH)
    attributes: Values = Field(default_factory=dict, description="Free values.")

    def changes(self) -> dict[str, Any]:
        """What was mentioned."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class RelationForm(RelationChange):
    """A new relation."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    from_key: Text = Field(alias="from", description=REFERENCE)
    type: Text = Field(description="Name of its relation type.")
    to_key: Text = Field(alias="to", description=REFERENCE)
    group: Text | None = Field(
        default=None, description="Redundancy group; null leaves it to the type."
    )
    id: Text | None = Field(default=None, description="Tells parallel relations apart.")

    def observed(self) -> ObservedRelation:
        """The relation as what a person saw."""
        return ObservedRelation(
            self.from_key,
            self.type,
            self.to_key,
            "relation",
            self.strength,
            self.group,
            self.id,
            self.attributes,
        )


class RelationRow(Shown):
    """A relation between two configuration items."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **EXAMPLE,
                    "number": 3,
                    "strength": None,
                    "group": None,
                    "id": None,
                    "attributes": {},
                    "version": 13,
                }
            ]
        }
    )

    number: int = Field(description="Names the relation in URLs.")
    from_key: str = Field(alias="from", description="Key of one end.")
    type: str = Field(description="Name of its relation type.")
    to_key: str = Field(alias="to", description="Key of the other end.")
    strength: Strength | None = Field(description=STRENGTH)
    group: str | None = Field(description="Redundancy group, where it overrides the type's.")
    id: str | None = Field(description="Tells parallel relations apart.")
    attributes: dict[str, Any] = Field(description="Free values.")
    version: int = Field(description="Number of the commit that last changed it; its ETag.")


def shown(relation: Relation) -> dict[str, Any]:
    """A RelationRow."""
    return {"number": relation.number, **relation.content(), "version": relation.seq}
