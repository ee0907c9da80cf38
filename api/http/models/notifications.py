"""Forms of notifications, webhooks and the templates of messages."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from api.http.models.common import Form, Shown, Text

NOTIFICATION: dict[str, Any] = {
    "id": "0f3a5c1de98b47c2a1b0c9d8e7f60514",
    "state": "dead",
    "channel": "email",
    "recipient": "li.wei@example.org",
    "template": "ticket_assigned",
    "language": "zh",
    "about": "INC-12",
    "created": "2026-03-01T08:00:00+00:00",
    "attempts": 1,
    "due": None,
    "error": "li.wei@example.org: the server says 550 no such user",
    "version": "5f2c9a10d3e4b6f8",
}
WEBHOOK: dict[str, Any] = {
    "url": "https://chat.example.org/hooks/cmdb",
    "events": ["major_incident"],
}
WORDS: dict[str, Any] = {"subject": "[{number}] {title}", "text": "{text}\n\n{url}"}
EVENTS = "Templates of the messages it gets, such as `major_incident`; empty for all."
PLAIN = "Whether the URL may be `http` to other machines, without TLS."


class NotificationRow(Shown):
    """A message that waits for delivery, or was given up."""

    model_config = ConfigDict(json_schema_extra={"examples": [NOTIFICATION]})

    id: str = Field(description="Names the message, also to its receiver.")
    state: Literal["pending", "dead"] = Field(
        description="`pending`: it waits for its next attempt; `dead`: it was given up."
    )
    channel: Literal["email", "webhook"] = Field(description="By which way it is sent.")
    recipient: str = Field(description="An address of mail, or the name of a webhook.")
    template: str = Field(description="What it tells.")
    language: str = Field(description="In which language.")
    about: str = Field(description="Number of the ticket it tells of, if of one.")
    created: str = Field(description="When it was queued, ISO 8601.")
    attempts: int = Field(description="How often it was tried.")
    due: str | None = Field(description="When it is tried next, ISO 8601.")
    error: str = Field(description="Why the last attempt failed, in English.")
    version: str = Field(description="Changes with every attempt; its ETag.")


class WebhookForm(Form):
    """A webhook, whose name is in the path."""

    model_config = ConfigDict(hide_input_in_errors=True, json_schema_extra={"examples": [WEBHOOK]})

    url: str = Field(
        min_length=1,
        max_length=2048,
        description="Where it is called: https, or http to the machine of this service itself.",
    )
    events: list[Text] = Field(default_factory=list, max_length=100, description=EVENTS)
    plain_http: bool = Field(default=False, description=PLAIN)
    secret: Text | None = Field(
        default=None,
        description="`whsec_` and 24 to 64 bytes in Base64. Without it the webhook keeps the one"
        " it has, and a new one gets a random one.",
        json_schema_extra={"writeOnly": True},
    )


class WebhookRow(Shown):
    """A webhook, without its secret."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "chat",
                    **WEBHOOK,
                    "plain_http": False,
                    "at": "2026-03-01T08:00:00+00:00",
                    "version": "5f2c9a10d3e4b6f8",
                }
            ]
        }
    )

    name: str = Field(description="Its name.")
    url: str = Field(description="Where it is called.")
    events: list[str] = Field(description=EVENTS)
    plain_http: bool = Field(description=PLAIN)
    at: str = Field(description="When it was declared, ISO 8601.")
    version: str = Field(description="Changes whenever it is declared; its ETag.")


class DeclaredWebhook(WebhookRow):
    """A webhook that was declared just now."""

    secret: str | None = Field(
        default=None,
        description="The random secret of a new webhook, by which its receiver knows what comes"
        " from here (Standard Webhooks). It is shown only now.",
    )


class MessageWords(Form):
    """What a message says in one language, with `{placeholders}`."""

    model_config = ConfigDict(json_schema_extra={"examples": [WORDS]})

    subject: str = Field(min_length=1, max_length=200, description="Its subject, of one line.")
    text: str = Field(
        min_length=1,
        max_length=20_000,
        description="Plain text; a line whose placeholders are all empty is left out.",
    )


class TemplateForm(Form):
    """Words that stand for those of a template; a language left out keeps its own."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"en": WORDS}]})

    en: MessageWords | None = Field(default=None, description="In English.")
    zh: MessageWords | None = Field(default=None, description="In Simplified Chinese.")

    def values(self) -> dict[str, Any]:
        """The languages that were mentioned."""
        return self.model_dump(exclude_none=True)


class TemplateRow(Shown):
    """What a message says, in both languages."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "comment_added",
                    "parameters": ["number", "title", "person", "url", "text"],
                    "en": WORDS,
                    "zh": WORDS,
                    "overridden": ["en"],
                    "version": "5f2c9a10d3e4b6f8",
                }
            ]
        }
    )

    name: str = Field(description="Its name.")
    parameters: list[str] = Field(description="The placeholders it may have.")
    en: MessageWords = Field(description="In English.")
    zh: MessageWords = Field(description="In Simplified Chinese.")
    overridden: list[str] = Field(description="The languages whose words an administrator gave.")
    version: str = Field(description="Changes with the words that were given; its ETag.")
