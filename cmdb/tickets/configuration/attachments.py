"""Limits of the files that people attach to tickets."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from cmdb.errors import CMDBError, WrongValue
from cmdb.tickets.configuration.values import Setting

MIB = 1024 * 1024
MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")


def _media_type(text: str) -> str:
    if not MEDIA_TYPE.fullmatch(text):
        raise ValueError("a media type such as image/png, in lower case")
    return text


class AttachmentLimits(Setting):
    """How large and how many files may be, and of which types."""

    file_bytes: Annotated[int, Field(ge=1, le=100 * MIB, strict=True)] = Field(
        10 * MIB, description="Bytes of a file at most."
    )
    files: Annotated[int, Field(ge=0, le=1000, strict=True)] = Field(
        20, description="Files of a ticket at most."
    )
    media_types: Annotated[
        tuple[Annotated[str, AfterValidator(_media_type)], ...], Field(max_length=200)
    ] = Field(description="Media types that are taken.")


def refused(
    limits: AttachmentLimits, name: str, media_type: str, size: int, files: int
) -> list[CMDBError]:
    """Everything that keeps a file from being attached to a ticket that has so many already."""
    errors: list[CMDBError] = []

    def wrong(what: str, value: object, expected: str) -> None:
        errors.append(WrongValue(place=name, name=what, value=value, expected=expected))

    if size > limits.file_bytes:
        wrong("size", size, f"at most {limits.file_bytes} bytes")
    if files >= limits.files:
        wrong("number of files", files + 1, f"at most {limits.files}")
    if media_type.partition(";")[0].strip().lower() not in limits.media_types:
        wrong("media type", repr(media_type), f"one of {', '.join(limits.media_types)}")
    return errors
