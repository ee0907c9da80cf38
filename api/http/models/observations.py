"""Forms of observations, and what became of them."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, SkipValidation, field_serializer

from api.http.models.common import Form, Shown, Text, Values, shallow
from api.http.models.items import ATTRIBUTES, NETWORK_ROOT, REDUNDANCY, STATUS, AliasForm
from api.http.models.relations import REFERENCE, STRENGTH, Strength
from api.identity import step
from api.messages import message
from cmdb.errors import CMDBError, UnknownField, UnknownName
from cmdb.identity.observation import Alias, ObservedItem, ObservedRelation
from cmdb.identity.plan import Counts
from cmdb.services.run_report import IngestReport
from cmdb.services.times import moment

MAX_OBSERVATIONS = 10_000
AT = "When it was seen, ISO 8601 (UTC without a zone); the time of the batch without it."
CONFIDENCE = "How sure the source is, from 0 to 1."
EVIDENCE = "What the word rests on, such as a file, a command or a packet."

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]

ITEM: dict[str, Any] = {
    "kind": "item",
    "key": "host-17",
    "type": "server",
    "name": "web-1",
    "attributes": {"serial_number": "640HP72", "vendor": "Dell Inc."},
    "evidence": {"file": "scan.xml"},
}
RELATION: dict[str, Any] = {
    "kind": "relation",
    "from": "host-17",
    "type": "connects_to",
    "to": "sw-1",
    "id": "eth0–Gi1/0/7",
    "confidence": 0.8,
}


class Observed(Form):
    """What all observations have."""

    observed_at: Text | None = Field(default=None, description=AT)
    confidence: Share | None = Field(default=None, description=CONFIDENCE)
    evidence: Values = Field(default_factory=dict, description=EVIDENCE)

    def at(self, place: str, batch: float | None) -> float | None:
        """When it was seen, in seconds since 1970; WrongValue for what is no time."""
        if self.observed_at is None:
            return batch
        return moment(self.observed_at, place, "observed_at")


class ItemObservation(Observed):
    """One thing a source saw: what it does not mention stays; an attribute of null is withdrawn."""

    model_config = ConfigDict(json_schema_extra={"examples": [ITEM]})

    kind: Literal["item"] = Field(description="An item.")
    key: Text = Field(description="The source's own key for it.")
    type: Text = Field(description="Name of its CI type: the most special one that is sure.")
    name: Text | None = Field(default=None, description="Name for people.")
    status: Text | None = Field(default=None, description=STATUS)
    network_root: bool | None = Field(default=None, strict=True, description=NETWORK_ROOT)
    redundancy: Values = Field(default_factory=dict, description=REDUNDANCY)
    attributes: Values = Field(default_factory=dict, description=ATTRIBUTES)
    aliases: list[AliasForm] = Field(
        default_factory=list, description="Keys by which other sources know it."
    )
    within: Text | None = Field(
        default=None, description="The source's key of the CI inside which it is identified."
    )
    attribute_confidence: dict[str, Share] = Field(
        default_factory=dict, description="Confidence in single attributes, where it differs."
    )

    def observed(self, place: str, batch: float | None) -> ObservedItem:
        """The observation."""
        said = self.model_dump(exclude={"kind", "aliases", "observed_at"})
        aliases = tuple(Alias(one.source, one.key) for one in self.aliases)
        at = self.at(place, batch)
        return ObservedItem(**said, place=place, aliases=aliases, observed_at=at)


class RelationObservation(Observed):
    """One relation a source saw, between things it names by its own keys."""

    model_config = ConfigDict(json_schema_extra={"examples": [RELATION]})

    kind: Literal["relation"] = Field(description="A relation.")
    from_key: Text = Field(alias="from", description=REFERENCE)
    type: Text = Field(description="Name of its relation type.")
    to_key: Text = Field(alias="to", description=REFERENCE)
    strength: Strength | None = Field(default=None, description=STRENGTH)
    group: Text | None = Field(default=None, description="Redundancy group.")
    id: Text | None = Field(default=None, description="Tells parallel relations apart.")
    attributes: Values = Field(default_factory=dict, description="Free values.")

    def observed(self, place: str, batch: float | None) -> ObservedRelation:
        """The observation."""
        said = self.model_dump(exclude={"kind", "observed_at"})
        return ObservedRelation(**said, place=place, observed_at=self.at(place, batch))


Observation = Annotated[ItemObservation | RelationObservation, Field(discriminator="kind")]
KINDS: dict[str, type[ItemObservation | RelationObservation]] = {
    "item": ItemObservation,
    "relation": RelationObservation,
}


class ObservationBatch(Form):
    """What one source saw. Sent again it changes nothing; bad observations are told one by one."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"source": "scanner", "observations": [ITEM, RELATION]}]}
    )

    source: Text | None = Field(
        default=None, description="Who saw it; not needed with a token good for one source."
    )
    run: Text | None = Field(
        default=None, description="Names the run, where it takes several requests; else a new one."
    )
    observed_at: Text | None = Field(
        default=None, description="When it was seen, ISO 8601; the time of the request without it."
    )
    # each is looked at for itself, so that a bad one does not keep the good ones out
    observations: Annotated[list[SkipValidation[Observation]], AfterValidator(shallow)] = Field(
        max_length=MAX_OBSERVATIONS, description="Items first or relations first: as you like."
    )
    dry_run: bool = Field(
        default=False, strict=True, description="Say what would be done, and change nothing."
    )

    @field_serializer("observations")
    def _as_sent(self, observations: list[Any]) -> list[Any]:
        return observations


class CountsRow(Shown):
    """How many records of a kind had what happen to them."""

    created: int = Field(description="New.")
    changed: int = Field(description="Changed.")
    merged: int = Field(description="Found to be another one, and merged with it.")
    retired: int = Field(description="Retired, because no source says them any more.")
    unchanged: int = Field(description="As they were.")
    withdrawn: int = Field(description="No longer said by this source.")
    conflicts: int = Field(description="Put before people, because identifiers disagree.")


class ObservationError(Shown):
    """What is wrong with one observation, which was left out."""

    index: int | None = Field(description="Its place in `observations`, from 0.")
    code: str = Field(description="Stable name of the error.", examples=["UnknownField"])
    message: str = Field(description="What went wrong, where, and the remedy.")
    field: str | None = Field(description="The field that is wrong, where it is one.")


class StepRow(Shown):
    """One thing that would be done."""

    action: str = Field(description="Such as create, change, merge, conflict or retire.")
    kind: str = Field(description="`ci`, `relation` or `review`.")
    key: str = Field(description="Of which record.")
    type: str = Field(description="Its type.")
    name: str = Field(description="Its name.")
    rule: str = Field(description="The identifier by which it was found, where it was.")
    source: str = Field(description="Whose word it follows from.")
    detail: dict[str, Any] = Field(description="Changed fields, each with before and after.")


class EffectRow(Shown):
    """A CI whose failure would leave a business service in another state than before."""

    key: str = Field(description="The CI that fails.")
    service: str = Field(description="The business service.")
    before: str = Field(description="Its state then, as things are.")
    after: str = Field(description="Its state then, after the change.")


class EffectsRow(Shown):
    """What a plan means to business services."""

    effects: list[EffectRow] = Field(description="One for each CI and service that differ.")
    complete: bool = Field(description="Whether all effects were looked at.")


class ObservationAnswer(Shown):
    """What became of a batch."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "run": "5f2c",
                    "source": "scanner",
                    "dry_run": False,
                    "seq": 12,
                    "items": {**asdict(Counts()), "created": 1},
                    "relations": asdict(Counts()),
                    "waiting": 1,
                    "errors": [],
                    "warnings": [],
                    "steps": None,
                    "effects": None,
                }
            ]
        }
    )

    run: str = Field(description="The run it belongs to.")
    source: str = Field(description="Whose observations they are.")
    dry_run: bool = Field(description="Whether nothing was changed.")
    seq: int = Field(description="Number of the last commit.")
    items: CountsRow = Field(description="Configuration items.")
    relations: CountsRow = Field(description="Relations.")
    waiting: int = Field(
        description="Relations that wait: an end is not known yet, or both are one CI."
    )
    errors: list[ObservationError] = Field(description="One for each fault of an observation.")
    warnings: list[str] = Field(description="What else is to be known.")
    steps: list[StepRow] | None = Field(description="What a dry run would do; else null.")
    effects: EffectsRow | None = Field(description="What that means to services; else null.")


def answer(report: IngestReport, dry_run: bool, language: str) -> dict[str, Any]:
    """An ObservationAnswer."""
    effects = None if report.effects is None else report.effects.content()
    return {
        "run": report.run,
        "source": report.source,
        "dry_run": dry_run,
        "seq": report.seq,
        "items": asdict(report.items),
        "relations": asdict(report.relations),
        "waiting": report.waiting,
        "errors": [_error(one, language) for one in report.errors],
        "warnings": [message(one, language) for one in report.warnings],
        "steps": [step(one) for one in report.steps] if dry_run else None,
        "effects": effects,
    }


def place_of(index: int) -> str:
    """How messages name an observation."""
    return f"observations[{index}]"


def _error(error: CMDBError, language: str) -> dict[str, Any]:
    place = str(error.fields.get("place", ""))
    index, _, inside = place.removeprefix("observations[").partition("]")
    return {
        "index": int(index) if place.startswith("observations[") else None,
        "code": error.code,
        "message": message(error, language),
        "field": _field(error, inside.partition(" ")[0].lstrip(".")),
    }


def _field(error: CMDBError, around: str) -> str | None:
    """The field an error names, with the fields around it."""
    name, kind = str(error.fields.get("name", "it")), str(error.fields.get("kind", ""))
    if isinstance(error, UnknownName) and not isinstance(error, UnknownField):
        name = kind.rpartition(" ")[2]  # of an unknown CI type the field is `type`
    elif name.startswith("attribute ") or kind.startswith("attribute "):
        around = "attributes"
    steps = (around, name.rpartition(" ")[2].strip("'"))
    return ".".join(one for one in steps if one not in ("", "it")) or None
