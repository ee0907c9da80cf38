"""Agents that ask one service, or read the file it would have given: all but what is asked.

Such an agent is a `parse`, how a file is read, and how the service is asked for the same document.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cmdb.errors import CMDBError, Rejected, UnknownField, UnknownName, WrongValue, shown
from cmdb.identity.endpoints import placed
from cmdb.identity.observation import Observation, ObservedRelation
from cmdb.schema.catalog import builtin_catalog
from discovery import documents, web
from discovery.agent import Capabilities, Context, Covered, Event, Progress, Shard, Task
from discovery.scope import Scope

CA = "ca"
COMMON = {CA: "path of a PEM file with the certificates to trust (default: those of the system)"}

Parse = Callable[[Any], Iterator[Observation | CMDBError]]
Fetch = Callable[[web.Service], Any]


@dataclass(frozen=True, slots=True)
class ServiceAgent:
    """An agent whose task is the URL of a service, or the path of a file on the scanning machine.

    Without `fetch` it only reads files. `kinds` are the credentials it can use, and `authorise`
    makes headers of them. With `placed` what it finds is at the site of the scope.
    """

    title: str
    parse: Parse
    load: Callable[[str], Any] = documents.load
    fetch: Fetch | None = None
    kinds: tuple[str, ...] = ("token", "basic")
    authorise: web.Authorise = web.bearer
    placed: bool = True
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        asks = self.fetch is not None
        return Capabilities(
            title=self.title,
            targets="address",
            credentials=self.kinds if asks else (),
            options={**(COMMON if asks else {}), **self.options},
        )

    def plan(self, scope: Scope, task: Task) -> list[Shard]:
        """One shard: what a service knows is asked as a whole."""
        errors: list[CMDBError] = []
        known = self.capabilities.options
        for name, value in sorted(task.options.items()):
            if name not in known:
                errors.append(UnknownField(place="task", kind="option", name=name, known=known))
            elif not isinstance(value, str):
                wrong = {"name": f"'{name}'", "value": shown(value), "expected": "a string"}
                errors.append(WrongValue(place="task", **wrong))
        profiles = self.capabilities.profiles
        if task.profile and task.profile not in profiles:
            errors.append(
                UnknownName(place="task", kind="profile", name=task.profile, known=profiles)
            )
        try:
            self._check(scope, task.address)
        except CMDBError as error:
            errors.append(error)
        if errors:
            raise Rejected(errors)
        profile = task.profile or profiles[0]
        return [Shard("all", (task.address,), profile, dict(task.options))]

    def _check(self, scope: Scope, address: str) -> None:
        if self.fetch is not None and not address.startswith("/"):
            web.address_of(address, scope, "task")
        elif not re.fullmatch(r"/[^/\0][^\0]*", address):
            expected = "the whole path of a file, from '/' on"
            if self.fetch is not None:
                expected += ", or an http or https URL"
            raise WrongValue(
                place="task", name="'address'", value=shown(address), expected=expected
            )

    def run(self, shard: Shard, context: Context) -> Iterator[Event]:
        """All that the service or the file says; wholly, unless something was wrong."""
        (address,) = shard.targets
        self._check(context.scope, address)
        document = self._document(address, shard.options, context)
        yield Progress(0.5)
        whole = True
        for found in self.parse(document):
            if context.stopped:
                return
            whole &= not isinstance(found, CMDBError)
            yield self._at(found, context.scope.site)
        if whole:
            yield Covered((address,), "document")

    def _document(self, address: str, options: Mapping[str, Any], context: Context) -> Any:
        if self.fetch is None or address.startswith("/"):
            context.audit(f"read {Path(address)}")
            return self.load(address)
        service = web.Service(address, context, self.kinds, self.authorise, options.get(CA))
        with web.asked(service):
            return self.fetch(service)

    def _at(self, found: Observation | CMDBError, site: str | None) -> Observation | CMDBError:
        """The observation with the site, where the thing itself says none."""
        if not self.placed or site is None or isinstance(found, CMDBError):
            return found
        if isinstance(found, ObservedRelation):
            ends = placed(found.from_key, site), placed(found.to_key, site)
            return replace(found, from_key=ends[0], to_key=ends[1])
        known = builtin_catalog().attributes.get(found.type, {})
        if found.within is not None or "site" in found.attributes or "site" not in known:
            return found
        return replace(found, attributes={**found.attributes, "site": site})
