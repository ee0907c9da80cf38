"""A job: what is scanned, by which agent, how carefully, and when."""

import math
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from cmdb.errors import CMDBError, MissingField, Rejected, UnknownField, WrongValue, shown
from cmdb.schema.strict import NAME, NAME_EXPECTED
from cmdb.services.versioned import version_of
from discovery import readers
from discovery.agent import Shard, Task
from discovery.schedules import Schedule, Window
from discovery.scope import FRAGILE_PORTS, MOST_ADDRESSES, Network, Scope, network

MOST_NETWORKS = 1_000
MOST_OPTIONS = 100
MOST_TEXT = 2_000


def _literal(text: str) -> str:
    try:
        return str(network(text, "network"))
    except CMDBError:
        raise ValueError("an address or network such as 10.0.0.0/24") from None


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise ValueError(NAME_EXPECTED)
    return text


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("a string of printable characters")
    return text


def _options(values: dict[str, Any]) -> dict[str, Any]:
    """What every agent can take, and every store keep: plain values, and lists of them."""
    for value in values.values():
        for one in value if isinstance(value, list) else [value]:
            if not _plain(one):
                raise ValueError("an object of plain values, or lists of them")
    return values


def _plain(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= MOST_TEXT
    if isinstance(value, int | float):
        return math.isfinite(value) and abs(value) < 2**53
    return value is None


def _sorted(ports: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(ports)))


Text = Annotated[str, AfterValidator(_printable)]
Name = Annotated[str, AfterValidator(_name)]
Literal = Annotated[str, AfterValidator(_literal)]
Port = Annotated[int, Field(ge=1, le=65_535, strict=True)]
Ports = Annotated[tuple[Port, ...], AfterValidator(_sorted)]
Networks = Annotated[tuple[Literal, ...], Field(max_length=MOST_NETWORKS)]


class JobFields(BaseModel):
    """What a job says beside its name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    agent: str = Field(max_length=64, description="Name of the agent.")
    source: str = Field("", description="Whose word the observations are; empty: the agent's.")
    site: Text | None = Field(
        None, min_length=1, max_length=128, description="Site of what is found."
    )
    worker_site: Text | None = Field(
        None,
        min_length=1,
        max_length=64,
        description="Only workers started for this site run it; null: all others.",
    )
    networks: Networks = Field(
        (), description="What is scanned, and all that may be touched; literals of networks."
    )
    deny: Networks = Field((), description="What is never touched; wins.")
    address: Text = Field(
        "", max_length=MOST_TEXT, description="URL or path of the service that the agent asks."
    )
    profile: str = Field("", max_length=64, description="One of the agent's; empty: its first.")
    options: Annotated[dict[str, Any], AfterValidator(_options)] = Field(
        default_factory=dict,
        max_length=MOST_OPTIONS,
        description="What else the agent takes; see the list of agents.",
    )
    credentials: tuple[Name, ...] = Field(
        (), max_length=100, description="Names of credentials, tried in this order."
    )
    schedule: Schedule | None = Field(None, description="When it runs; null: when asked to.")
    windows: tuple[Window, ...] = Field(
        (), max_length=100, description="When it may run; none: always."
    )
    paused: bool = Field(False, strict=True, description="Whether its schedule starts nothing.")
    fragile: bool = Field(
        False, strict=True, description="Whether to go as gently as the agent can."
    )
    rate: int = Field(200, ge=1, le=100_000, strict=True, description="Packets a second at most.")
    most_addresses: int = Field(
        MOST_ADDRESSES, ge=1, le=2**20, strict=True, description="Addresses of a run at most."
    )
    host_timeout: int = Field(
        300, ge=1, le=86_400, strict=True, description="Seconds for one host."
    )
    forbidden_ports: Ports = Field(
        _sorted(FRAGILE_PORTS), description="Ports that are never connected to."
    )
    deadline: int = Field(
        6 * 3600, ge=1, le=7 * 86_400, strict=True, description="Seconds for a run."
    )
    retries: int = Field(
        2, ge=0, le=10, strict=True, description="How often a failed shard is tried again."
    )

    @model_validator(mode="after")
    def _target(self) -> "JobFields":
        if bool(self.networks) == bool(self.address):
            raise ValueError("one with either 'networks' or 'address'")
        return self


class Job(JobFields):
    """One job, with its name."""

    name: Name = Field(description="Its name.")

    @property
    def source_name(self) -> str:
        """The source whose word its observations are."""
        return self.source or self.agent

    @property
    def version(self) -> str:
        """Its version, for optimistic concurrency: a digest of what it says."""
        return version_of(self.body())

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
            forbidden_ports=frozenset(self.forbidden_ports),
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


def job_from(values: Mapping[str, Any]) -> Job:
    """A job from data; Rejected with all that is wrong with its form."""
    try:
        return Job.model_validate(dict(values))
    except ValidationError as error:
        raise Rejected(list(map(_error, error.errors(include_url=False)))) from None


def _error(found: Any) -> CMDBError:
    name = ".".join(map(str, found["loc"]))
    if found["type"] == "missing":
        return MissingField(place="job", name=name)
    if found["type"] == "extra_forbidden":
        return UnknownField(place="job", kind="field", name=name, known=Job.model_fields)
    message = str(found["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")
    name = f"'{name}'" if name else "it"
    return WrongValue(place="job", name=name, value=shown(found["input"]), expected=message)
