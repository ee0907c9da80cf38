"""What is answered to alerts, and what people say of them."""

from pydantic import Field

from api.http.models.common import Form, Shown, Text


class AlertError(Shown):
    """What is wrong with one alert."""

    code: str = Field(description="The name of the error.")
    message: str = Field(description="What is wrong, where, and what to do.")


class AlertAnswer(Shown):
    """What became of the alerts of a call."""

    new: int = Field(description="Alerts that were not known.")
    changed: int = Field(description="Words that told something new of a known alert.")
    repeated: int = Field(description="Words that were heard before, or are out of date.")
    unmatched: int = Field(description="Alerts that match no CI for certain; kept for review.")
    refused: int = Field(description="How many are broken, and not kept.")
    errors: list[AlertError] = Field(description="What is wrong with the first 100 of these.")


class MatchForm(Form):
    """Which CI an alert is about."""

    key: Text = Field(description="The CI, by key, alias, `source:key` or unique name.")
