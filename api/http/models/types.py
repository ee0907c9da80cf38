"""Forms of CI types and relation types."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field

from api.http.models.common import Form, Shown, Text
from cmdb.schema.attributes import KINDS
from cmdb.schema.declarations import CIType, RelationType, need_fraction
from cmdb.schema.model import Catalog

MAX_SECONDS = 10**9
Seconds = Annotated[int, Field(ge=1, le=MAX_SECONDS, strict=True)]
Impact = Literal["to→from", "from→to", "both", "link", "none"]
KIND = f"Kind of value: {', '.join(KINDS)}."
IMPACT = "Which way trouble travels along the relation."
STRENGTH = "What becomes of the dependent when the provider is down."
GROUP = "Default redundancy group."
NEED = "Default need of the group: a count, or such as `50%`."
JOINS = "Pairs of (from types, to types); empty for any. `=x` means x without the types below it."
FRESHNESS = "How many seconds a confirmation holds."
PATTERN = (
    "`{attribute}` stands for its value, `{attribute:02}` for digits with leading zeros,"
    " `{attribute:2}` for text of that length, `{number:03}` for a counter,"
    " `{{` and `}}` for braces."
)
HOLDER = "The attribute that holds the code."
PER = "The fields per which the counter counts"
NAME_PATTERN = "How names must look, written as the pattern of codes."


def _need(value: Any) -> Any:
    if value is not None:
        need_fraction(value)
    return value


class Labels(Form):
    """Names for people, by language."""

    en: Text | None = Field(default=None, description="English.")
    zh: Text | None = Field(default=None, description="Simplified Chinese.")


class ChineseLabel(Form):
    """The name for people in other languages; the English one is the type's name."""

    zh: Text | None = Field(default=None, description="Simplified Chinese.")


class AttributeForm(Form):
    """An attribute that CIs of the type may have."""

    name: Text = Field(description="Lower case letters, digits and `_`.", examples=["version"])
    kind: Text = Field(description=KIND, examples=["string"])
    description: Text = Field(description="What it means.")
    unit: Text | None = Field(default=None, description="SI or IEC unit.")
    choices: list[Text] = Field(default_factory=list, description="The only values allowed.")
    minimum: float | None = Field(default=None, description="Least value.")
    maximum: float | None = Field(default=None, description="Greatest value.")
    many: bool = Field(default=False, strict=True, description="A list of such values.")


class CodeForm(Form):
    """A code rule: how the codes of the type are made."""

    pattern: Text = Field(description=PATTERN, examples=["{site}-{number:03}"])
    attribute: Text = Field(default="asset_tag", description=HOLDER)
    per: list[Text] | None = Field(default=None, description=f"{PER}; null for all of them.")


class TypeForm(Form):
    """A declaration of a CI type; its name is in the path."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "labels": {"en": "Robot", "zh": "机器人"},
                    "description": "A robot on the factory floor.",
                    "parent": "device",
                    "attributes": [
                        {"name": "axes", "kind": "integer", "description": "Axes.", "minimum": 1}
                    ],
                    "freshness": 2592000,
                }
            ]
        }
    )

    labels: Labels = Field(default_factory=Labels, description="Names for people.")
    description: Text = Field(description="What such a CI is.")
    parent: Text = Field(description="The type it inherits attributes and freshness from.")
    attributes: list[AttributeForm] = Field(
        default_factory=list, description="Its own attributes, beside those it inherits."
    )
    freshness: Seconds | None = Field(default=None, description=FRESHNESS)
    code: CodeForm | None = Field(default=None, description="Its code rule; null inherits.")
    name_pattern: Text | None = Field(default=None, description=f"{NAME_PATTERN} Null inherits.")

    def declaration(self, name: str) -> dict[str, Any]:
        """The declaration as data."""
        data = self.model_dump(exclude={"labels"})
        labels = {"label": self.labels.en, "label_zh": self.labels.zh}
        return {"name": name, **data, **{k: v for k, v in labels.items() if v is not None}}


class RelationTypeForm(Form):
    """A declaration of a relation type; its name is in the path."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "reverse": "controls",
                    "labels": {"zh": "受控于"},
                    "description": "A machine obeys a controller.",
                    "impact": "to→from",
                    "strength": "hard",
                    "joins": [[["device"], ["software"]]],
                }
            ]
        }
    )

    reverse: Text | None = Field(default=None, description="How it reads from the other end.")
    labels: ChineseLabel = Field(default_factory=ChineseLabel, description="Names for people.")
    description: Text = Field(description="What the relation means.")
    impact: Impact = Field(default="none", description=IMPACT)
    strength: Literal["hard", "soft"] = Field(default="hard", description=STRENGTH)
    group: Text | None = Field(default=None, description=GROUP)
    need: Annotated[Any, AfterValidator(_need)] = Field(default=None, description=NEED)
    joins: list[tuple[list[Text], list[Text]]] = Field(default_factory=list, description=JOINS)
    freshness: Seconds | None = Field(default=None, description=FRESHNESS)

    def declaration(self, name: str) -> dict[str, Any]:
        """The declaration as data."""
        data = self.model_dump(exclude={"labels"})
        optional = {"reverse": data.pop("reverse"), "label_zh": self.labels.zh}
        return {"name": name, **data, **{k: v for k, v in optional.items() if v is not None}}


class ShownLabels(Shown):
    """Names for people, by language."""

    en: str = Field(description="English.")
    zh: str = Field(description="Simplified Chinese.")


class AttributeRow(Shown):
    """An attribute that CIs of the type may have."""

    name: str = Field(description="Its name.")
    kind: str = Field(description=KIND)
    description: str = Field(description="What it means.")
    unit: str | None = Field(description="SI or IEC unit.")
    choices: list[str] = Field(description="The only values allowed; empty for any.")
    minimum: float | None = Field(description="Least value.")
    maximum: float | None = Field(description="Greatest value.")
    many: bool = Field(description="A list of such values.")
    declared_by: str = Field(description="The type that declares it: this one or one above.")


class CodeRow(Shown):
    """A code rule."""

    pattern: str = Field(description=PATTERN, examples=["{site}-{number:03}"])
    attribute: str = Field(description=HOLDER)
    per: list[str] = Field(description=f"{PER}.")
    declared_by: str = Field(description="The type that declares it: this one or one above.")


class TypeRow(Shown):
    """A type of configuration item."""

    name: str = Field(description="Its name.", examples=["database"])
    labels: ShownLabels = Field(description="Names for people.")
    description: str = Field(description="What such a CI is.")
    parent: str | None = Field(description="The type it inherits from; null for the root.")
    ancestors: list[str] = Field(description="The types above it, nearest first.")
    attributes: list[AttributeRow] = Field(description="Its own and inherited attributes.")
    freshness: int = Field(description=FRESHNESS)
    code: CodeRow | None = Field(description="Its own or inherited code rule.")
    name_pattern: str | None = Field(description=NAME_PATTERN)


class RelationTypeRow(Shown):
    """A type of relation."""

    name: str = Field(description="Its name.", examples=["depends_on"])
    reverse: str = Field(description="How it reads from the other end.")
    labels: ShownLabels = Field(description="Names for people.")
    description: str = Field(description="What the relation means.")
    impact: Impact = Field(description=IMPACT)
    strength: Literal["hard", "soft"] = Field(description=STRENGTH)
    group: str | None = Field(description=GROUP)
    need: int | str | None = Field(description=NEED)
    joins: list[tuple[list[str], list[str]]] = Field(description=JOINS)
    freshness: int = Field(description=FRESHNESS)


def type_shown(catalog: Catalog, declared: CIType) -> dict[str, Any]:
    """A TypeRow."""
    chain = catalog.ancestors[declared.name]
    owners = {a.name: t for t in reversed(chain) for a in catalog.ci_types[t].attributes}
    pattern = catalog.name_patterns.get(declared.name)
    return {
        "name": declared.name,
        "labels": {"en": declared.label, "zh": declared.label_zh},
        "description": declared.description,
        "parent": declared.parent,
        "ancestors": chain[1:],
        "attributes": [
            {
                "name": a.name,
                "kind": a.kind,
                "description": a.description,
                "unit": a.unit,
                "choices": a.choices,
                "minimum": a.minimum,
                "maximum": a.maximum,
                "many": a.many,
                "declared_by": owners[a.name],
            }
            for a in catalog.attributes[declared.name].values()
        ],
        "freshness": int(catalog.freshness[declared.name].total_seconds()),
        "code": code_shown(catalog, declared.name),
        "name_pattern": None if pattern is None else pattern.text,
    }


def code_shown(catalog: Catalog, name: str) -> dict[str, Any] | None:
    """A CodeRow, where the type has a code rule."""
    rule = catalog.codes.get(name)
    if rule is None:
        return None
    shown = {"pattern": rule.pattern, "attribute": rule.attribute, "per": rule.counted}
    return {**shown, "declared_by": catalog.code_owners[name]}


def relation_type_shown(declared: RelationType) -> dict[str, Any]:
    """A RelationTypeRow."""
    return {
        "name": declared.name,
        "reverse": declared.reverse,
        "labels": {"en": declared.name.replace("_", " "), "zh": declared.label_zh},
        "description": declared.description,
        "impact": declared.impact,
        "strength": declared.strength,
        "group": declared.group,
        "need": declared.need,
        "joins": declared.joins,
        "freshness": int(declared.freshness.total_seconds()),
    }
