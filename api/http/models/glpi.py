"""Answers to GLPI Agent."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from api.http.models.common import Shown


class AgentAnswer(Shown):
    """What the agent is told."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "ok",
                    "expiration": 24,
                    "tasks": {"inventory": {"server": "glpi", "version": "10.0.0"}},
                }
            ]
        }
    )

    status: Literal["ok"] = Field(description="That all is well.")
    expiration: int | None = Field(default=None, description="Hours until it comes again.")
    tasks: dict[str, Any] | None = Field(default=None, description="What it shall do.")
    credentials: list[Any] | None = Field(default=None, description="None are given out here.")
    message: str | None = Field(
        default=None, description="What was wrong with an inventory; the rest of it went in."
    )
