"""Forms of configuration items."""

from datetime import UTC, datetime
from typing import Any

from pydantic import ConfigDict, Field

from api.http.models.common import Form, Shown, Text, Values
from cmdb.identity.observation import Alias, ObservedItem
from cmdb.schema.records import STATUSES, ConfigurationItem
from cmdb.services.items import ItemView

EXAMPLE: dict[str, Any] = {
    "key": "db-1",
    "type": "database",
    "name": "orders db",
    "status": "live",
    "attributes": {"version": "15"},
    "redundancy": {"feeds": {"need": 1}},
}
NETWORK_ROOT = "Whether the rest of the network must reach it: a core, gateway or internet edge."
REDUNDANCY = "How many members of each redundancy group it needs: a count, or such as `50%`."
ATTRIBUTES = "Values of the attributes that its type declares."
STATUS = f"Lifecycle status: {', '.join(STATUSES)}."


class AliasForm(Form):
    """The key by which another source knows the same thing."""

    source: Text = Field(description="Name of the source.", examples=["netbox"])
    key: Text = Field(description="Its key there.", examples=["device:17"])


class CIChange(Form):
    """Changes of a configuration item (RFC 7396): what is not mentioned stays.

    An attribute or redundancy group of null withdraws what was entered by hand.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "orders db", "attributes": {"version": None}}]}
    )

    type: Text = Field(default="", description="Name of its CI type.")
    name: Text = Field(default="", description="Name for people.")
    status: Text = Field(default="", description=STATUS)
    network_root: bool = Field(default=False, strict=True, description=NETWORK_ROOT)
    redundancy: Values = Field(default_factory=dict, description=REDUNDANCY)
    attributes: Values = Field(default_factory=dict, description=ATTRIBUTES)
    aliases: list[AliasForm] = Field(
        default_factory=list, description="Keys by which other sources know it; they are added."
    )

    def changes(self) -> dict[str, Any]:
        """What was mentioned, as an observation has it."""
        mentioned = {name: getattr(self, name) for name in self.model_fields_set}
        if "aliases" in mentioned:
            mentioned["aliases"] = tuple(Alias(one.source, one.key) for one in self.aliases)
        return mentioned


class CIForm(CIChange):
    """A new configuration item."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    key: Text = Field(description="Unique in the store, for life.")
    type: Text = Field(description="Name of its CI type.")
    name: Text = Field(default="", description="Name for people; the key without it.")
    status: Text = Field(default="live", description=STATUS)

    def observed(self) -> ObservedItem:
        """The item as what a person saw."""
        return ObservedItem(**self.changes(), place="body")


class CIRow(Shown):
    """A configuration item, as concluded from what its sources say."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**EXAMPLE, "network_root": False, "version": 12}]}
    )

    key: str = Field(description="Unique in the store, for life.")
    type: str = Field(description="Name of its CI type.")
    name: str = Field(description="Name for people.")
    status: str = Field(description=STATUS)
    network_root: bool = Field(description=NETWORK_ROOT)
    redundancy: dict[str, dict[str, Any]] = Field(description=REDUNDANCY)
    attributes: dict[str, Any] = Field(description=ATTRIBUTES)
    version: int = Field(description="Number of the commit that last changed it; its ETag.")


class AliasRow(Shown):
    """The key by which a source knows the item."""

    source: str = Field(description="Name of the source; `manual` is what people enter.")
    key: str = Field(description="Its key there.")


class ClaimRow(AliasRow):
    """What a source said, and when."""

    observed_at: str = Field(description="When the source last said something new (UTC).")
    confirmed_at: str = Field(description="When the source last said the same (UTC).")
    withdrawn: bool = Field(description="Whether the source has taken it back.")


class CI(CIRow):
    """A configuration item with its sources."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **EXAMPLE,
                    "network_root": False,
                    "version": 12,
                    "aliases": [{"source": "netbox", "key": "device:17"}],
                    "claims": [
                        {
                            "source": "netbox",
                            "key": "device:17",
                            "observed_at": "2026-03-01T08:00:00.000Z",
                            "confirmed_at": "2026-03-02T08:00:00.000Z",
                            "withdrawn": False,
                        }
                    ],
                }
            ]
        }
    )

    aliases: list[AliasRow] = Field(description="All keys by which sources know it.")
    claims: list[ClaimRow] = Field(description="The sources that say something about it.")


def row(item: ConfigurationItem) -> dict[str, Any]:
    """A CIRow."""
    return {**item.content(), "version": item.seq}


def shown(view: ItemView) -> dict[str, Any]:
    """A CI."""
    claims = sorted(view.claims, key=lambda c: (c.source, c.key))
    return {
        **row(view.item),
        "aliases": [{"source": c.source, "key": c.key} for c in claims],
        "claims": [
            {
                "source": c.source,
                "key": c.key,
                "observed_at": moment(c.observed_at),
                "confirmed_at": moment(c.confirmed_at),
                "withdrawn": c.withdrawn,
            }
            for c in claims
            if c.body is not None
        ],
    }


def moment(at: float) -> str:
    """Seconds since 1970 as ISO 8601 in UTC."""
    text = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z"
