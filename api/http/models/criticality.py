"""Forms of the questions about criticality and of their answers."""

from typing import Literal

from pydantic import ConfigDict, Field

from api.http.models.common import Form, Shown, Text
from api.http.models.impact import CauseRow, FailureRow, HiddenCI, State
from api.http.models.questions import AS_OF, AS_OF_SCHEMA, MAX_FAILURES, AsOf, FailureForm
from cmdb.services.criticality import MAX_SIZE
from cmdb.services.impact import Failure

MAX_SECONDS = 60.0


class Toll(Shown):
    """How many others it takes with it."""

    down: int = Field(description="So many go down.")
    degraded: int = Field(description="So many become degraded, not down.")


class Hit(Shown):
    """A service that it takes with it."""

    key: str = Field(description="Key of the service.")
    name: str = Field(description="Its name.")
    state: State = Field(description="The state it ends in.")
    path: list[str | HiddenCI] = Field(description="How it gets there.")


class CriticalCI(Shown):
    """What follows when this CI alone goes down."""

    key: str = Field(description="Key of the CI.")
    type: str = Field(description="Its type.")
    name: str = Field(description="Its name.")
    services: Toll = Field(description="Of type `service` or below, those you may not see as well.")
    cis: Toll = Field(description="Of all CIs.")
    hits: list[Hit] = Field(description="The first of the services that you may see.")


class Ranking(Shown):
    """The CIs whose failure takes others with it, the most critical first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "seq": 1234,
                    "as_of": None,
                    "count": 1,
                    "hidden": 0,
                    "items": [
                        {
                            "key": "db-1",
                            "type": "database",
                            "name": "orders db",
                            "services": {"down": 1, "degraded": 0},
                            "cis": {"down": 2, "degraded": 0},
                            "hits": [
                                {
                                    "key": "pay",
                                    "name": "Payments",
                                    "state": "down",
                                    "path": ["db-1", "app-1", "pay"],
                                }
                            ],
                        }
                    ],
                    "next": None,
                }
            ]
        }
    )

    seq: int = Field(description="The commit it was computed at.")
    as_of: int | str | None = Field(description="As in the question.")
    count: int = Field(description="Rows of all pages.")
    hidden: int = Field(description="CIs that you may not see and that would have a row.")
    items: list[CriticalCI] = Field(
        description="By services down, services degraded, CIs down (most first), then key."
    )
    next: str | None = Field(description="`cursor` of the next page; null on the last.")


class CutsForm(Form):
    """Which failures would take a service down?"""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"service": "pay", "failed": [{"key": "sw-1"}], "size": 2}]}
    )

    service: Text = Field(description="A CI of any type, by key, alias or unique name.")
    failed: list[FailureForm] = Field(
        default_factory=list, description="What has failed already.", max_length=MAX_FAILURES
    )
    size: int = Field(default=2, ge=1, le=MAX_SIZE, description="So many failures at once.")
    seconds: float = Field(
        default=10.0, gt=0, le=MAX_SECONDS, description="How long to look for them, at most."
    )
    limit: int = Field(default=50, ge=1, le=1000, description="Sets shown, with why.")
    as_of: AsOf = Field(default=None, description=AS_OF, json_schema_extra=AS_OF_SCHEMA)

    def failures(self) -> list[Failure]:
        """The failures, as the service takes them."""
        return [Failure(one.key, one.state) for one in self.failed]


class NamedCI(Shown):
    """A CI."""

    key: str = Field(description="Its key.")
    type: str = Field(description="Its type.")
    name: str = Field(description="Its name.")


class ServiceNow(NamedCI):
    """The service asked for."""

    state: Literal["ok", "at_risk", "degraded", "down"] = Field(
        description="Its state after what has failed already."
    )


class CutSet(Shown):
    """CIs whose failure takes the service down; no part of them does."""

    cis: list[NamedCI | HiddenCI] = Field(description="The CIs, by key.")
    path: list[str | HiddenCI] = Field(description="How it reaches the service.")
    causes: list[CauseRow] = Field(description="Why the service goes down then.")


class Cuts(Shown):
    """What would take a service down."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "seq": 1234,
                    "as_of": None,
                    "service": {
                        "key": "pay",
                        "type": "business_service",
                        "name": "Payments",
                        "state": "ok",
                    },
                    "failed": [],
                    "cut_sets": [
                        {
                            "cis": [{"key": "db-1", "type": "database", "name": "orders db"}],
                            "path": ["db-1", "app-1", "pay"],
                            "causes": [
                                {
                                    "rule": "dependency",
                                    "relation": "depends_on",
                                    "from": [{"key": "app-1", "state": "down"}],
                                }
                            ],
                        }
                    ],
                    "found": 1,
                    "left": [{"key": "db-1", "type": "database", "name": "orders db"}],
                    "complete": True,
                    "examined": 5,
                    "total": 5,
                }
            ]
        }
    )

    seq: int = Field(description="The commit it was computed at.")
    as_of: int | str | None = Field(description="As in the question.")
    service: ServiceNow = Field(description="The service, after what has failed already.")
    failed: list[FailureRow] = Field(description="What has failed already.")
    cut_sets: list[CutSet] = Field(description="The smaller ones first, then by key.")
    found: int = Field(description="How many there are beyond `limit`, too.")
    left: list[NamedCI | HiddenCI] = Field(
        description="What is left: each of these alone takes the service down; "
        "all of them as soon as `examined` is not 0."
    )
    complete: bool = Field(description="Whether these are all; false when time was over.")
    examined: int = Field(description="So many branches of the search were done …")
    total: int = Field(description="… of so many; 0 before they are known.")
