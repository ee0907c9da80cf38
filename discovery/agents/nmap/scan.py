"""Scans: shards of at most 256 addresses, each one run of nmap, told host by host."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing

from cmdb.errors import CMDBError, Rejected, UnknownField, UnknownName, WrongValue, shown
from discovery import runner
from discovery.agent import Capabilities, Context, Covered, Event, Progress, Shard, Task
from discovery.agents.nmap.host_keys import host_keys
from discovery.agents.nmap.hosts import Host
from discovery.agents.nmap.observations import Origin
from discovery.agents.nmap.phantoms import PREFIXES, Guard, around
from discovery.agents.nmap.privileges import privileged
from discovery.agents.nmap.profiles import PROFILES, arguments, profile_of
from discovery.agents.nmap.reading import Reading
from discovery.scope import Network, Scope, networks

NAMES = "names"
OPTIONS = {NAMES: "true: ask the resolver of the system for the names of what is found"}
USUAL = next(iter(PROFILES))


class NmapAgent:
    """The agent; see `discovery.agent.Agent`."""

    capabilities = Capabilities(
        title="nmap: hosts and what listens on them",
        targets="networks",
        profiles=tuple(PROFILES),
        options=OPTIONS,
    )

    def plan(self, scope: Scope, task: Task) -> list[Shard]:
        """One shard for each /24, or /120 of IPv6, in which anything is to be scanned."""
        errors = _faults(task.profile, task.options)
        profile = task.profile or USUAL
        blocks: dict[Network, list[Network]] = defaultdict(list)
        try:
            for one in scope.chosen(task.networks, "networks"):
                for part in _parts(one):
                    blocks[around(part.network_address)].append(part)
            if not errors:
                for version in {one.version for one in blocks}:
                    arguments(profile, scope, version=version, raw=True)
        except Rejected as error:
            errors += error.errors
        except CMDBError as error:
            errors.append(error)
        if errors:
            raise Rejected(errors)
        return [
            Shard(str(block), tuple(str(part) for part in parts), profile, dict(task.options))
            for block, parts in blocks.items()
        ]

    def run(self, shard: Shard, context: Context) -> Iterator[Event]:
        """What nmap finds in a shard, as hosts finish; what ends it before its end is raised.

        The targets are checked again, whoever planned them.
        """
        faults = _faults(shard.profile, shard.options)
        if faults:
            raise Rejected(faults)
        targets = networks(shard.targets, f"shard {shard.id}")
        context.scope.check(targets, f"shard {shard.id}")
        for version in sorted({one.version for one in targets}):
            yield from _Scan(shard, [o for o in targets if o.version == version], context).events()


def _faults(profile: str, options: object) -> list[CMDBError]:
    """What is wrong with a profile and its options."""
    errors: list[CMDBError] = []
    if profile and profile not in PROFILES:
        errors.append(UnknownName(place="task", kind="profile", name=profile, known=PROFILES))
    for name, value in dict(options).items():  # type: ignore[call-overload]
        if name not in OPTIONS:
            errors.append(UnknownField(place="task", kind="option", name=name, known=OPTIONS))
        elif type(value) is not bool:
            said = shown(value)
            errors.append(
                WrongValue(place="task", name=f"'{name}'", value=said, expected="true or false")
            )
    return errors


def _parts(network: Network) -> Iterator[Network]:
    """A network in parts that are no larger than a shard."""
    longest = PREFIXES[network.version]
    if network.prefixlen >= longest:
        yield network
    else:
        yield from network.subnets(new_prefix=longest)


class _Scan:
    """One run of nmap, on targets of one IP version."""

    def __init__(self, shard: Shard, targets: list[Network], context: Context) -> None:
        self.context = context
        self.targets = tuple(str(one) for one in targets)
        scope, version, raw = context.scope, targets[0].version, privileged()
        profile = shard.profile or USUAL
        names = shard.options.get(NAMES) is True
        self.words = arguments(profile, scope, version=version, raw=raw, names=names)
        self.method = f"nmap/{profile}" if raw else f"nmap/{profile}/unprivileged"
        ports = bool(profile_of(profile, scope).tcp)
        guard = Guard(sum(one.num_addresses for one in targets))
        origin = Origin(scope.site, self.method)
        self.reading = Reading(f"shard {shard.id}", origin, guard, ports)
        self.ask_keys = ports and not scope.fragile

    def events(self) -> Iterator[Event]:
        """What it finds, to its end or until it is to stop."""
        failure: CMDBError | None = None
        done = 0.0
        stdin = "".join(f"{one}\n" for one in self.targets).encode()
        output = runner.output(self.words, self.context, stdin, " ".join(self.targets))
        with closing(output):
            try:
                for chunk in output:
                    yield from self._take(chunk)
                    if self.reading.done > done:
                        done = self.reading.done
                        yield Progress(done)
                    if self.reading.fault is not None:
                        break
            except CMDBError as error:
                failure = error
        if not self.context.stopped and failure is None:
            self.reading.feed(b"", last=True)
            failure = self.reading.fault
        yield from self.reading.tell_rest()
        if failure is not None:
            raise failure
        if self.reading.whole and not self.context.stopped:
            if done < 1:
                yield Progress(1.0)
            yield Covered(self.targets, self.method)

    def _take(self, chunk: bytes) -> Iterator[Event]:
        found = self.reading.feed(chunk)
        hosts = [one for one in found if isinstance(one, Host)]
        if self.ask_keys and not self.context.stopped:
            yield from self._ask_keys(hosts)
        for one in found:
            yield from self.reading.tell(one)

    def _ask_keys(self, hosts: list[Host]) -> Iterator[Event]:
        """Ask hosts that finished together for their SSH host keys."""
        scope = self.context.scope
        asked = {
            (str(host.address), port.number): host
            for host in hosts
            for port in host.ports
            if port.name == "ssh" and port.protocol == "tcp" and scope.permits(host.address)
        }
        try:
            keys = host_keys(asked, self.context) if asked else {}
        except runner.ProgramMissing as error:
            self.ask_keys = False
            yield error
            return
        for place, found in keys.items():
            if place in asked:
                asked[place].host_keys |= found
