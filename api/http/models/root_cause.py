"""Forms of root cause questions and answers."""

from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field

from api.http.models.common import Form, Shown, Text
from api.http.models.impact import HiddenCI, State
from api.http.models.tickets import TicketRow
from cmdb.services.root_cause import MAX_LIMIT, Complaint

MAX_SYMPTOMS, MAX_HEALTHY = 1_000, 10_000

Factor = Literal[
    "prior", "changes", "changes_below", "alerts", "failures", "maintenance", "state", "symptoms",
    "unexplained", "silent", "healthy", "order", "either_state", "combinations",
]  # fmt: skip


class SymptomForm(Form):
    """A CI that is not well."""

    key: Text = Field(description="A CI by key, alias, `source:key` or unique name.")
    state: Text | None = Field(
        default=None, description="`down`, `degraded` or `at_risk`; unknown without it."
    )
    since: Text | None = Field(
        default=None, description="Since when: an ISO 8601 time, UTC without a zone."
    )


class RootCauseForm(Form):
    """What is not well, and what is known to be."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "symptoms": [
                        {"key": "web-1", "state": "down", "since": "2026-03-01T08:00:00Z"}
                    ],
                    "healthy": ["web-2"],
                    "limit": 10,
                }
            ]
        }
    )

    symptoms: list[SymptomForm] = Field(
        description="What is not well.", min_length=1, max_length=MAX_SYMPTOMS
    )
    healthy: list[Text] = Field(
        default_factory=list, description="CIs that are well.", max_length=MAX_HEALTHY
    )
    limit: int = Field(default=10, ge=1, le=MAX_LIMIT, description="Candidates shown.")

    def complaints(self) -> list[Complaint]:
        """The symptoms, as the service takes them."""
        return [Complaint(one.key, one.state, one.since) for one in self.symptoms]


class FactorRow(Shown):
    """Something that speaks for or against a candidate."""

    kind: Factor = Field(description="What it is.")
    weight: float = Field(description="A natural logarithm; above 0 it speaks for the candidate.")


class EvidenceRow(Shown):
    """Something that happened to a candidate, or to what it depends on."""

    kind: Literal["change", "discovery", "alert", "failure", "maintenance"] = Field(
        description="What it was; `discovery` is a change that a source has seen."
    )
    ref: str = Field(description="Names it elsewhere: a run, a commit, a window.")
    detail: str = Field(description="Who, why, and what.")
    at: datetime = Field(description="When (UTC).")
    key: str = Field(description="The CI it happened to.")


class CauseCandidate(Shown):
    """A CI that may be the main cause."""

    key: str = Field(description="Key of the CI.")
    type: str = Field(description="Its type.")
    name: str = Field(description="Its name.")
    state: State = Field(description="The likelier state in which it has failed.")
    score: float = Field(description="The probability that it is the main cause.")
    explains: list[str] = Field(description="The symptoms that its failure explains.")
    unexplained: list[str] = Field(description="The other symptoms.")
    contradicts: list[str] = Field(description="Healthy CIs that its failure would impact.")
    paths: dict[str, list[str | HiddenCI]] = Field(
        description="By symptom: how its failure comes there."
    )
    evidence: list[EvidenceRow] = Field(description="The latest first.")
    weight: float = Field(
        description="The natural logarithm of `score` divided by `outside`: the sum of `factors`."
    )
    factors: list[FactorRow] = Field(description="All that its score is made of.")


class Combination(Shown):
    """CIs that have failed together."""

    keys: list[str | HiddenCI] = Field(description="The CIs.")
    score: float = Field(description="The probability that just these have failed.")


class LookRow(Shown):
    """A CI whose check would tell much."""

    key: str = Field(description="Key of the CI.")
    type: str = Field(description="Its type.")
    name: str = Field(description="Its name.")
    gain: float = Field(description="By how many bits a look reduces the doubt, as expected.")
    unhealthy: float = Field(description="The probability that it is found not to be well.")


class Searched(Shown):
    """How far the search went."""

    computed: int = Field(description="CIs whose exact blast radius was computed.")
    not_computed: int = Field(description="CIs that could explain a symptom, but less likely.")
    hidden: int = Field(description="Of those computed, the ones that you may not see.")
    complete: bool = Field(description="Whether no search back from a symptom was cut off.")


class RootCauseAnswer(Shown):
    """Ranked causes; the scores of `candidates`, `rest` and `outside` add up to 1."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "seq": 1234,
                    "candidates": [
                        {
                            "key": "db-1",
                            "type": "database",
                            "name": "orders db",
                            "state": "down",
                            "score": 0.81,
                            "explains": ["web-1"],
                            "unexplained": [],
                            "contradicts": [],
                            "paths": {"web-1": ["db-1", "app-1", "web-1"]},
                            "evidence": [
                                {
                                    "kind": "change",
                                    "ref": "commit 1230",
                                    "detail": "ann: bigger disks (storage)",
                                    "at": "2026-03-01T07:40:00+00:00",
                                    "key": "db-1",
                                }
                            ],
                            "weight": 2.89,
                            "factors": [
                                {"kind": "prior", "weight": -3.1},
                                {"kind": "changes", "weight": 3.0},
                                {"kind": "symptoms", "weight": 3.0},
                            ],
                        }
                    ],
                    "rest": 0.14,
                    "outside": 0.05,
                    "combinations": [{"keys": ["db-1", "sw-9"], "score": 0.01}],
                    "next": [
                        {
                            "key": "app-1",
                            "type": "application",
                            "name": "app-1",
                            "gain": 0.4,
                            "unhealthy": 0.85,
                        }
                    ],
                    "doubt": 0.9,
                    "searched": {
                        "computed": 12,
                        "not_computed": 0,
                        "hidden": 0,
                        "complete": True,
                    },
                }
            ]
        }
    )

    seq: int = Field(description="The commit it was computed at.")
    candidates: list[CauseCandidate] = Field(description="The likeliest first.")
    rest: float = Field(description="The probability of all other CIs.")
    outside: float = Field(description="The probability that nothing in the model is the cause.")
    combinations: list[Combination] = Field(
        description="Several causes at once; on a scale of their own, the likeliest first."
    )
    next: list[LookRow] = Field(description="The looks that tell most, the best first.")
    doubt: float = Field(description="How uncertain the cause is, in bits.")
    searched: Searched = Field(description="How far the search went.")


class AlongRow(Shown):
    """What is known along the way from one cause to the symptoms."""

    key: str = Field(description="The cause.")
    services: list[dict[str, Any]] = Field(
        description="Services that its failure hits, as rows of impact analysis."
    )
    changes: list[TicketRow] = Field(description="Changes of the last month on the way.")
    known_errors: list[TicketRow] = Field(description="Known errors of CIs on the way.")
    past: list[TicketRow] = Field(description="Incidents that it has caused before.")


class TicketDiagnosisAnswer(RootCauseAnswer):
    """Ranked causes of an incident, and what is known along the way from the likeliest."""

    along: list[AlongRow] = Field(description="For each of the likeliest causes.")


class AccuracyRow(Shown):
    """How often root cause analysis was right, on incidents whose cause is confirmed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "period": "2026-11",
                    "count": 12,
                    "top": {"1": 0.75, "3": 0.92, "5": 1.0},
                    "mean_reciprocal_rank": 0.84,
                    "calibration_error": 0.06,
                }
            ]
        }
    )

    period: str = Field(description="The month in which they were opened; empty: all.")
    count: int = Field(description="How many incidents.")
    top: dict[str, float] = Field(description="The share whose cause was among the first 1, 3, 5.")
    mean_reciprocal_rank: float = Field(description="The mean of 1 / rank of the cause.")
    calibration_error: float = Field(
        description="How far stated probabilities were from how often they were right."
    )


class AccuracyReport(Shown):
    """The accuracy of root cause analysis on your own incidents."""

    whole: AccuracyRow = Field(description="Over all incidents.")
    months: list[AccuracyRow] = Field(description="By month, the earliest first.")
