"""Forms of users."""

from typing import Any

from pydantic import ConfigDict, Field

from api.http.models.common import Form, Shown, Text, Words
from cmdb.services.users import User

EXAMPLE: dict[str, Any] = {
    "display": "Li Na",
    "email": "li.na@example.org",
    "language": "zh",
    "roles": ["fulfiller"],
    "teams": ["network"],
    "sites": [],
    "manager": "wang",
    "active": True,
}


def _described(name: str) -> str:
    return str(User.model_fields[name].description)


class UserChange(Form):
    """Changes of a user: what is not mentioned stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"teams": ["network", "voice"]}]})

    display: Words = Field(default="", description=_described("display"))
    email: Words = Field(default="", description=_described("email"))
    language: Words = Field(default="en", description=_described("language"))
    roles: list[Text] = Field(default=[], max_length=1000, description=_described("roles"))
    teams: list[Text] = Field(default=[], max_length=1000, description=_described("teams"))
    sites: list[Text] = Field(default=[], max_length=1000, description=_described("sites"))
    manager: Words = Field(default="", description=_described("manager"))
    active: bool = Field(default=True, strict=True, description=_described("active"))

    def values(self) -> dict[str, Any]:
        """What was mentioned."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class UserForm(UserChange):
    """A new user."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "li.na", **EXAMPLE}]})

    name: Text = Field(description=_described("name"))
    roles: list[Text] = Field(max_length=1000, description=_described("roles"))


class UserRow(Shown):
    """A user."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "li.na", **EXAMPLE, "version": "5f2c9a10d3e4b6f8"}]
        }
    )

    name: str = Field(description=_described("name"))
    display: str = Field(description=_described("display"))
    email: str = Field(description=_described("email"))
    language: str = Field(description=_described("language"))
    roles: list[str] = Field(description=_described("roles"))
    teams: list[str] = Field(description=_described("teams"))
    sites: list[str] = Field(description=_described("sites"))
    manager: str = Field(description=_described("manager"))
    active: bool = Field(description=_described("active"))
    version: str = Field(description="Changes with every change of the user; the ETag.")


def shown(user: User) -> dict[str, Any]:
    """A UserRow."""
    return {"name": user.name, **user.body(), "version": user.version}
