"""Forms of codes."""

from pydantic import Field

from api.http.models.common import Form, Shown, Text, Values
from cmdb.services.codes import MOST


class CodesForm(Form):
    """What the codes are for."""

    values: Values = Field(
        default_factory=dict,
        description="Attributes of what will carry the codes: at least those in the pattern.",
        examples=[{"site": "lab"}],
    )
    count: int = Field(default=1, ge=1, le=MOST, strict=True, description="How many.")
    reason: Text | None = Field(default=None, description="Why; stands in the log.")


class GivenCodes(Shown):
    """Codes that nobody else has or will get."""

    codes: list[str] = Field(description="The codes, in order.", examples=[["lab-001"]])
