"""What the ends of relations mean: the source's own keys, other references, and endpoints."""

from collections import defaultdict
from collections.abc import Iterable

from cmdb.errors import CMDBError
from cmdb.identity.claims import MANUAL, Claim, Name
from cmdb.identity.conclusion import Rules
from cmdb.identity.endpoints import Endpoint, endpoint
from cmdb.identity.identifiers import host_digest, place_digest, place_digests
from cmdb.identity.plan import Run
from cmdb.schema.normal_forms import address
from cmdb.services.environment import Environment
from cmdb.services.planning import rules_of
from cmdb.services.ports import GraphStore
from cmdb.services.references import resolve


def ends(
    env: Environment, run: Run, references: dict[str, str], waiting: bool
) -> dict[str, Name | CMDBError]:
    """What references (with their places) mean that the run has not told.

    With `waiting` they are keys of the source: what else they mean may change with what comes
    first. An endpoint at which nobody answers waits in any case.
    """
    places = [key for key in references if endpoint(key) is not None]
    own = references if waiting else places
    names: dict[str, Name | CMDBError] = {key: (run.source, key) for key in own}
    if places:
        names |= located(env.store, rules_of(env, run.at), places)
    others = {key: place for key, place in references.items() if key not in names}
    return names | named(env, run.source, others) if others else names


def named(env: Environment, source: str, references: dict[str, str]) -> dict[str, Name | CMDBError]:
    """The claims that references (with their places) mean: the source's own keys first."""
    store, counts = env.store, rules_of(env, env.clock()).counts
    own = store.claims("ci", source, references)
    if source == MANUAL:  # by hand a CI is meant, and not a claim that people ignore
        own = {key: claim for key, claim in own.items() if counts(claim)}
    result: dict[str, Name | CMDBError] = {key: (source, key) for key in own}
    others = {key: where for key, where in references.items() if key not in own}
    resolved = resolve(store, others.items())
    items = store.items(key for key in resolved.values() if isinstance(key, str))
    about = store.claims_about("ci", [item.number for item in items.values()])
    for reference, found in resolved.items():
        if isinstance(found, CMDBError):
            result[reference] = found
        else:
            held = about.get(items[found].number, ())
            names = sorted(claim.name for claim in held if counts(claim))
            fitting = [n for n in names if reference in (n[1], f"{n[0]}:{n[1]}", found)]
            result[reference] = (fitting or names)[0]
    return result


def located(store: GraphStore, rules: Rules, texts: Iterable[str]) -> dict[str, Name]:
    """For texts that are endpoints, and at which a known thing answers, how that is named.

    It is what listens on the port there, or else the machine itself. Of several machines with the
    address that one counts that was seen with it last: what a list of records says may be old.
    """
    wanted = {text: found for text in texts if (found := endpoint(text)) is not None}
    digests = {text: _digest(one) for text, one in wanted.items()}
    machines = _machines(store, rules, set(digests.values()) - {None})  # type: ignore[arg-type]
    about = store.claims_about("ci", machines.values()) if machines else {}
    names = {n: sorted(c.name for c in known if c.spoken) for n, known in about.items()}
    ports = {
        number
        for text, one in wanted.items()
        if one.port is not None and (number := machines.get(digests[text])) is not None
    }
    listening = _listening(store, rules, {n: names[n] for n in ports if n in names})
    result: dict[str, Name] = {}
    for text, one in wanted.items():
        number = machines.get(digests[text])
        if number is not None and names.get(number):
            result[text] = listening.get((number, one.port), names[number][0])
    return result


def _digest(one: Endpoint) -> int | None:
    plain = address(one.address)
    return None if plain is None else place_digest(one.site or "", plain)


def _machines(store: GraphStore, rules: Rules, digests: set[int]) -> dict[int | None, int]:
    """The CI that has each address."""
    found: dict[int, list[Claim]] = defaultdict(list)
    for claim in store.claims_identified(digests) if digests else ():
        if claim.spoken and rules.counts(claim):
            for one in digests.intersection(place_digests(claim)):
                found[one].append(claim)

    def weight(claim: Claim) -> tuple[bool, float, Name]:
        return not rules.sources[claim.source].records, claim.confirmed_at, claim.name

    return {one: max(claims, key=weight).subject for one, claims in found.items()}


def _listening(
    store: GraphStore, rules: Rules, machines: dict[int, list[Name]]
) -> dict[tuple[int, int | None], Name]:
    """What listens on machines, by machine and port."""
    hosts = {host_digest(name): number for number, names in machines.items() for name in names}
    found: dict[tuple[int, int | None], Name] = {}
    claims = store.claims_identified(hosts) if hosts else []
    for claim in sorted(claims, key=lambda one: one.name):
        body = claim.body or {}
        port = (body.get("attributes") or {}).get("port")
        host = hosts.get(host_digest((claim.source, str(body.get("within")))))
        if host is not None and isinstance(port, int) and claim.spoken and rules.counts(claim):
            found.setdefault((host, port), claim.name)
    return found
