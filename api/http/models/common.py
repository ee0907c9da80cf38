"""What all forms share: texts, nesting, pages and problems."""

import re
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

MAX_TEXT = 512
MAX_NESTING = 32

Nested = TypeVar("Nested", dict[str, Any], list[Any])

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def _plain(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("a string without control characters")
    return text


def shallow(value: Nested) -> Nested:
    """The value, refused where it is nested too deep."""
    layer: list[dict[str, Any] | list[Any]] = [value]
    for _ in range(MAX_NESTING):
        layer = [
            inner
            for outer in layer
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
    if layer:
        raise ValueError(f"nested no deeper than {MAX_NESTING} levels")
    return value


Text = Annotated[str, Field(min_length=1, max_length=MAX_TEXT), AfterValidator(_plain)]
Words = Annotated[str, Field(max_length=MAX_TEXT), AfterValidator(_plain)]
"""Text that may be empty."""

Values = Annotated[dict[str, Any], AfterValidator(shallow)]


class Form(BaseModel):
    """Something sent to us: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Shown(BaseModel):
    """Something we answer."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


Row = TypeVar("Row", bound=BaseModel)


class Page(Shown, Generic[Row]):
    """One page of a list."""

    items: list[Row] = Field(description="The rows of this page.")
    next: str | None = Field(
        description="Give it as `cursor` to get the next page; null on the last page."
    )


class ProblemPart(Shown):
    """One of several errors."""

    code: str = Field(description="Stable name of the error.", examples=["UnknownField"])
    title: str = Field(description="What kind of error it is.")
    detail: str = Field(description="What went wrong, where, and the remedy.")
    fields: dict[str, Any] = Field(description="The parts of `detail`, for programs.")


class Problem(Shown):
    """What went wrong, in the form of RFC 9457."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:graph-cmdb:problem:UnknownField",
                    "title": "Unknown field",
                    "status": 422,
                    "detail": "body: unknown field 'nmae'; nearest known name: 'name'",
                    "instance": "/api/v1/cis",
                    "code": "UnknownField",
                    "fields": {
                        "place": "body",
                        "kind": "field",
                        "name": "nmae",
                        "nearest": "name",
                    },
                }
            ]
        }
    )

    type: str = Field(description="Identifies the kind of error; not a page.")
    title: str = Field(description="What kind of error it is.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What went wrong, where, and the remedy.")
    instance: str = Field(description="The path asked for.")
    code: str = Field(description="Stable name of the error.")
    fields: dict[str, Any] = Field(description="The parts of `detail`, for programs.")
    errors: list[ProblemPart] | None = Field(
        default=None, description="Every single error, when there are several."
    )
    message: str | None = Field(
        default=None, description="The same as `detail`, in answers to GLPI Agent."
    )
