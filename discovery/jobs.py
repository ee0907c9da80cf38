"""Jobs: what is scanned, by which agent, how carefully, and when; documents of the store."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from cmdb.errors import CMDBError, NotFound, Rejected, WrongValue, shown
from cmdb.identity.changes import Change, ChangeSet, Document
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.observing import check_source
from cmdb.services.ports import Receipt, Signature
from discovery import readers
from discovery.agent import Shard, Task
from discovery.schedules import Schedule, Window
from discovery.scope import FRAGILE_PORTS, MOST_ADDRESSES, Network, Scope, network

JOB = "discovery_job"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", re.ASCII)


def _literal(text: str) -> str:
    try:
        return str(network(text, "network"))
    except CMDBError:
        raise ValueError("an address or network such as 10.0.0.0/24") from None


Literal = Annotated[str, AfterValidator(_literal)]
Port = Annotated[int, Field(ge=1, le=65_535)]


class JobFields(BaseModel):
    """What a job says beside its name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    agent: str = Field(description="Name of the agent.")
    source: str = Field("", description="Whose word the observations are; empty: the agent's.")
    site: str | None = Field(
        None, min_length=1, max_length=128, description="Site of what is found."
    )
    worker_site: str | None = Field(
        None,
        min_length=1,
        max_length=64,
        description="Only workers started for this site run it; null: all others.",
    )
    networks: tuple[Literal, ...] = Field(
        (), description="What is scanned, and all that may be touched; literals of networks."
    )
    deny: tuple[Literal, ...] = Field((), description="What is never touched; wins.")
    address: str = Field(
        "", max_length=2_000, description="URL or path of the service that the agent asks."
    )
    profile: str = Field("", description="One of the agent's; empty: its first.")
    options: dict[str, Any] = Field(
        default_factory=dict, description="What else the agent takes; see the list of agents."
    )
    credentials: tuple[str, ...] = Field((), description="Tried in this order.")
    schedule: Schedule | None = Field(None, description="When it runs; null: when asked to.")
    windows: tuple[Window, ...] = Field((), description="When it may run; none: always.")
    paused: bool = Field(False, description="Whether its schedule starts nothing.")
    fragile: bool = Field(False, description="Whether to go as gently as the agent can.")
    rate: int = Field(200, ge=1, le=100_000, description="Packets a second at most.")
    most_addresses: int = Field(
        MOST_ADDRESSES, ge=1, le=2**20, description="Addresses of a run at most."
    )
    host_timeout: int = Field(300, ge=1, le=86_400, description="Seconds for one host.")
    forbidden_ports: frozenset[Port] = Field(
        FRAGILE_PORTS, description="Ports that are never connected to."
    )
    deadline: int = Field(6 * 3600, ge=1, le=7 * 86_400, description="Seconds for a run.")
    retries: int = Field(2, ge=0, le=10, description="How often a failed shard is tried again.")

    @model_validator(mode="after")
    def _target(self) -> "JobFields":
        if bool(self.networks) == bool(self.address):
            raise ValueError("either 'networks' or 'address' says what to scan")
        return self


class Job(JobFields):
    """One job, with its name."""

    name: str = Field(pattern=NAME.pattern + "$", max_length=64, description="Its name.")

    @property
    def source_name(self) -> str:
        """The source whose word its observations are."""
        return self.source or self.agent

    def scope(self) -> Scope:
        """What it may touch."""
        return Scope(
            allow=_networks(self.networks),
            deny=_networks(self.deny),
            site=self.site,
            most_addresses=self.most_addresses,
            rate=self.rate,
            host_timeout=self.host_timeout,
            fragile=self.fragile,
            forbidden_ports=self.forbidden_ports,
        )

    def shards(self) -> list[Shard]:
        """What it does, in parts; Rejected or another CMDBError says what is wrong with it."""
        agent = readers.agent(self.agent)
        task = Task(_networks(self.networks), self.address, self.profile, self.options)
        return agent.plan(self.scope(), task)

    def body(self) -> dict[str, Any]:
        """What the store keeps, as JSON-ready data."""
        return self.model_dump(mode="json", exclude={"name"})


def _networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(network(one, "network") for one in texts)


def read_job(values: Mapping[str, Any]) -> Job:
    """A job from data; Rejected with everything that is wrong."""
    try:
        job = Job.model_validate(dict(values))
    except ValidationError as error:
        raise Rejected(list(map(_error, error.errors(include_url=False)))) from None
    agent = readers.agent(job.agent)
    if bool(job.networks) != (agent.capabilities.targets == "networks"):
        wanted = agent.capabilities.targets
        detail = "a list of networks" if wanted == "networks" else "the address of a service"
        raise WrongValue(place="job", name=wanted, value="missing", expected=detail)
    check_source(job.source_name, "source")
    job.shards()
    return job


def _error(found: Any) -> CMDBError:
    name = ".".join(map(str, found["loc"])) or "it"
    message = str(found["msg"]).removeprefix("Value error, ")
    return WrongValue(place="job", name=f"'{name}'", value=shown(found["input"]), expected=message)


def read_stored(document: Document) -> Job:
    """A job as the store keeps it."""
    return Job.model_validate({"name": document.name, **document.body})


@authorised(Permission.READ)
def list_jobs(actor: Actor, env: Environment) -> list[Job]:
    """All jobs, by name."""
    return [read_stored(one) for one in env.store.documents(JOB)]


@authorised(Permission.READ)
def get_job(actor: Actor, env: Environment, name: str) -> Job:
    """One job; NotFound when there is none."""
    return read_stored(_document(env, name))


@authorised(Permission.ADMINISTER)
def put_job(
    actor: Actor,
    env: Environment,
    values: Mapping[str, Any],
    receipt: Receipt | None = None,
) -> Job:
    """Declare a job, or replace it."""
    job = read_job(values)
    before = env.store.document(JOB, job.name)
    after = Document(JOB, job.name, job.body())
    if before != after:
        _commit(actor, env, before, after, f"declared discovery job {job.name}", receipt)
    return job


@authorised(Permission.ADMINISTER)
def pause_job(actor: Actor, env: Environment, name: str, paused: bool = True) -> Job:
    """Let a job start no more runs by its schedule, or start them again."""
    job = get_job(actor, env, name)
    return put_job(actor, env, {"name": name, **job.body(), "paused": paused})


@authorised(Permission.ADMINISTER)
def delete_job(actor: Actor, env: Environment, name: str, receipt: Receipt | None = None) -> None:
    """Remove a job; its runs and what they found stay."""
    before = _document(env, name)
    _commit(actor, env, before, None, f"removed discovery job {name}", receipt)


def _document(env: Environment, name: str) -> Document:
    found = env.store.document(JOB, name)
    if found is None:
        raise NotFound(kind="discovery job", name=name)
    return found


def _commit(
    actor: Actor,
    env: Environment,
    before: Document | None,
    after: Document | None,
    reason: str,
    receipt: Receipt | None,
) -> None:
    changes = ChangeSet(documents=[Change(before, after)])
    env.store.commit(changes, Signature(actor.name, env.clock(), reason, receipt=receipt))
