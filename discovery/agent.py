"""The contract of discovery agents: what they can do, what they plan, what they tell.

A scanning agent is a module of `discovery.agents` with an `AGENT` of this form. It fetches (I/O)
and parses (pure, tested on recordings) and knows neither the store nor CI keys. A failing target is
told as an error beside the others, and ends nothing.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from cmdb.errors import CMDBError, Rejected, UnknownName
from cmdb.identity.observation import Observation
from discovery.scope import Network, Scope

HOSTS_OF_SHARD = 256
"""At the most."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an agent can do. `targets` says what a task points it at: `networks`, or `address`, the
    URL or path of one service. The first profile is the default; `credentials` are the kinds it can
    use; `options` describes what else a task may say.
    """

    title: str
    targets: Literal["networks", "address"]
    profiles: tuple[str, ...] = ("default",)
    credentials: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done: networks (literals) or the address of a service, and how."""

    networks: tuple[Network, ...] = ()
    address: str = ""
    profile: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shard:
    """A part of a task that is done, repeated or missed as a whole; `id` tells it from the others.

    The same task and scope give the same shards, so that a run can be taken up again.
    """

    id: str
    targets: tuple[str, ...]
    profile: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Secret:
    """A credential while it is used: never shown, never logged."""

    name: str
    kind: str
    values: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of a shard is done (0 to 1), and how many packets were sent, where that is known."""

    done: float
    packets: int | None = None


@dataclass(frozen=True, slots=True)
class Covered:
    """These targets were looked at wholly, by a method: what it had found there and did not now
    was missed.
    """

    targets: tuple[str, ...]
    method: str


Event = Observation | CMDBError | Progress | Covered


@dataclass(slots=True)
class Context:
    """What a shard runs with. `deadline` is by `time.monotonic`; `audit` is told each command or
    request before it leaves, without secrets; `refused` and `accepted` say what a target answered
    to a credential, and `secrets` gives those still to be tried there, in their order.
    """

    scope: Scope
    audit: Callable[[str], None]
    cancelled: threading.Event = field(default_factory=threading.Event)
    deadline: float = float("inf")
    secrets: Callable[[str, tuple[str, ...]], Sequence[Secret]] = lambda target, kinds: ()
    refused: Callable[[Secret, str], None] = lambda secret, target: None
    accepted: Callable[[Secret, str], None] = lambda secret, target: None

    @property
    def stopped(self) -> bool:
        """Whether the agent is to end now, keeping what is finished."""
        return self.cancelled.is_set() or time.monotonic() >= self.deadline


class Agent(Protocol):
    """One way of discovery; its name is that of its module."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        ...

    def plan(self, scope: Scope, task: Task) -> list[Shard]:
        """The shards of a task, all within the scope; Rejected with all that is wrong."""
        ...

    def run(self, shard: Shard, context: Context) -> Iterator[Event]:
        """What a shard finds, as it is found; ends soon after `context.stopped`."""
        ...


def host_shards(
    scope: Scope,
    task: Task,
    profiles: Sequence[str],
    options: Mapping[str, Any],
    errors: Iterable[CMDBError],
) -> list[Shard]:
    """Shards of at most 256 hosts, none of them denied.

    Rejected where the profile is unknown, or there are `errors` of the options.
    """
    profile = task.profile or profiles[0]
    wrong = list(errors)
    if profile not in profiles:
        wrong.insert(0, UnknownName(place="task", kind="profile", name=profile, known=profiles))
    if wrong:
        raise Rejected(wrong)
    hosts = [
        str(host)
        for network in scope.chosen(task.networks, "task")
        for host in (network.hosts() if network.num_addresses > 2 else network)
    ]
    parts = [
        hosts[start : start + HOSTS_OF_SHARD] for start in range(0, len(hosts), HOSTS_OF_SHARD)
    ]
    return [Shard(part[0], tuple(part), profile, options) for part in parts]
