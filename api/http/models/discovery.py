"""Forms of discovery: agents, jobs, their runs, and credentials."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from api.http.models.common import Form, Shown, Text, Values
from discovery.job import Job, JobFields
from discovery.runs import State

JOB: dict[str, Any] = {
    "agent": "nmap",
    "site": "Shanghai",
    "networks": ["10.20.0.0/22"],
    "deny": ["10.20.1.0/28"],
    "profile": "inventory",
    "credentials": ["switches"],
    "schedule": {"cron": "0 2 * * *", "zone": "Asia/Shanghai", "jitter": 900},
    "windows": [{"days": ["mon", "tue", "wed", "thu"], "start": "22:00", "end": "06:00"}],
}
SHARD: dict[str, Any] = {
    "id": "10.20.0.0/24",
    "targets": ["10.20.0.0/24"],
    "state": "done",
    "attempts": 1,
    "worker": "cmdb-1:4711:140355",
    "started": "2026-03-01T02:00:00+00:00",
    "ended": "2026-03-01T02:04:10+00:00",
    "done": 1.0,
    "packets": 21804,
    "items": {"created": 3, "unchanged": 58},
    "relations": {"unchanged": 58},
    "error_count": 0,
    "errors": [],
    "commands": ["nmap -sn -n -iL -"],
}
RUN: dict[str, Any] = {
    "id": "offices-5f2c9a10d3e4",
    "job": "offices",
    "agent": "nmap",
    "source": "nmap",
    "site": "Shanghai",
    "state": "running",
    "why": "schedule",
    "started": "2026-03-01T02:00:00+00:00",
    "ended": None,
    "cancelled": False,
    "missing": 0,
    "frozen": False,
}
COUNTS = "How many were created, changed, unchanged and so on; what is not named is 0."
MISSING = "Things the job had found and does not find any more: missing or retired now."


class AgentRow(Shown):
    """An agent: one way of discovery."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "connections",
                    "title": "What listens on hosts, and what it is connected with, by SSH",
                    "targets": "networks",
                    "profiles": ["default", "sudo"],
                    "credentials": ["ssh_key", "ssh_password"],
                    "options": {"port": "TCP port of SSH (22)"},
                }
            ]
        }
    )

    name: str = Field(description="Its name, as jobs give it.")
    title: str = Field(description="What it finds, and how.")
    targets: Literal["networks", "address"] = Field(
        description="What a job points it at: networks, or the address of a service."
    )
    profiles: list[str] = Field(description="How it can look; the first is the default.")
    credentials: list[str] = Field(description="Kinds of credentials it can use.")
    options: dict[str, str] = Field(description="What else a job may say, and what it means.")


class JobForm(JobFields):
    """A declaration of a job, whose name is in the path; what is left out is as usual."""

    model_config = ConfigDict(json_schema_extra={"examples": [JOB]})


class JobRow(Job):
    """A job: what is scanned, by which agent, how carefully, and when."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "offices", **JOB}]})


class PlannedShard(Shown):
    """A part of a run that would be done, repeated or missed as a whole."""

    id: str = Field(description="Tells it from the others, in all runs of the job.")
    targets: list[str] = Field(description="What it looks at.")
    profile: str = Field(description="How.")


class Plan(Shown):
    """What a run of a job would look at."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "job": "offices",
                    "shards": [
                        {
                            "id": "10.20.0.0/24",
                            "targets": ["10.20.0.0/24"],
                            "profile": "inventory",
                        }
                    ],
                }
            ]
        }
    )

    job: str = Field(description="Name of the job.")
    shards: list[PlannedShard] = Field(description="In their order.")


class DiscoveryRunRow(Shown):
    """How a run stands."""

    model_config = ConfigDict(json_schema_extra={"examples": [RUN]})

    id: str = Field(description="Names the run, also among `/runs`, where it can be undone.")
    job: str = Field(description="Name of the job.")
    agent: str = Field(description="Name of the agent.")
    source: str = Field(description="Whose word the observations are.")
    site: str | None = Field(description="Site of what is found.")
    state: State = Field(
        description="`running`; or how it ended: `done`, `failed` when all its shards failed,"
        " `cancelled` when some were not done."
    )
    why: str = Field(description="What started it.")
    started: str = Field(description="When it started, ISO 8601.")
    ended: str | None = Field(description="When it ended, ISO 8601.")
    cancelled: bool = Field(description="Whether somebody has cancelled it.")
    missing: int = Field(description=MISSING)
    frozen: bool = Field(
        description="Whether so much vanished at once that nothing was counted as missing."
    )


class DiscoveryShard(Shown):
    """How a part of a run stands."""

    id: str = Field(description="Tells it from the others.")
    targets: list[str] = Field(description="What it looks at.")
    state: State = Field(description="How it stands.")
    attempts: int = Field(description="How often it was begun.")
    worker: str = Field(description="Who works, or worked, at it.")
    started: str | None = Field(description="When it was last begun, ISO 8601.")
    ended: str | None = Field(description="When it ended, ISO 8601.")
    done: float = Field(description="How much of it is done, from 0 to 1.")
    packets: int = Field(description="Packets that were sent, where that is known.")
    items: dict[str, int] = Field(description=COUNTS)
    relations: dict[str, int] = Field(description=COUNTS)
    error_count: int = Field(description="How many errors there were.")
    errors: list[str] = Field(description="The first of them, in English.")
    commands: list[str] = Field(description="The first commands and requests that left.")


class DiscoveryRun(DiscoveryRunRow):
    """How a run and its parts stand, and what was found."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **RUN,
                    "items": SHARD["items"],
                    "relations": SHARD["relations"],
                    "coverage": 1.0,
                    "packets": SHARD["packets"],
                    "error_count": 0,
                    "shards": [SHARD],
                }
            ]
        }
    )

    items: dict[str, int] = Field(description=COUNTS)
    relations: dict[str, int] = Field(description=COUNTS)
    coverage: float = Field(description="Share of the shards that were looked at wholly.")
    packets: int = Field(description="Packets that were sent, where that is known.")
    error_count: int = Field(description="How many errors there were.")
    shards: list[DiscoveryShard] = Field(description="In their order.")


class CredentialForm(Form):
    """A credential, whose name is in the path; its values are not given out again."""

    model_config = ConfigDict(
        hide_input_in_errors=True,
        json_schema_extra={"examples": [{"kind": "snmp_v2c", "values": {"community": "..."}}]},
    )

    kind: Text = Field(
        description="`snmp_v2c`, `snmp_v3`, `ssh_password`, `ssh_key`, `token` or `basic`."
    )
    values: Values = Field(
        description="The fields of its kind; see the reference of discovery.",
        json_schema_extra={"writeOnly": True},
    )


class CredentialRow(Shown):
    """A credential, without its values."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "switches",
                    "kind": "snmp_v2c",
                    "at": "2026-03-01T08:00:00+00:00",
                    "version": "5f2c9a10d3e4b6f8",
                }
            ]
        }
    )

    name: str = Field(description="Its name, as jobs give it.")
    kind: str = Field(description="What kind it is.")
    at: str = Field(description="When it was set, ISO 8601.")
    version: str = Field(description="Changes whenever it is set; its ETag.")
