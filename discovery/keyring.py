"""Credentials tried in an order, and never so often as to lock anybody out."""

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from discovery.agent import Secret

MOST_REFUSALS = 2
"""Wrong credentials of one user that a target sees in a run: lockouts begin at three."""


class Keyring:
    """The credentials of one run, and what targets answered to them; safe for many threads.

    Once one was accepted by a target it alone is tried there. Of one user a target sees at most
    `MOST_REFUSALS` wrong ones, and a credential that three targets refused, and none ever accepted,
    is not tried any more: it is wrong, and would lock its user out everywhere. `refused` and
    `accepted` are what shards of the run have heard before, as `NAME@TARGET`.
    """

    def __init__(
        self, secrets: Sequence[Secret], refused: Iterable[str] = (), accepted: Iterable[str] = ()
    ) -> None:
        self._secrets = secrets
        self._lock = threading.Lock()
        self._refused: set[str] = set()
        self._refusals: Counter[tuple[str, str]] = Counter()
        self._accepted: dict[str, Secret] = {}
        self._good: set[str] = set()
        self._everywhere: Counter[str] = Counter()
        for heard, answer in ((accepted, self.accepted), (refused, self.refused)):
            for secret, target in self._named(heard):
                answer(secret, target)

    def secrets(self, target: str, kinds: tuple[str, ...]) -> list[Secret]:
        """What may still be tried at a target, the best first."""
        with self._lock:
            known = self._accepted.get(target)
            if known is not None and known.kind in kinds:
                return [known]
            tries = Counter(
                {key: self._refusals[key] for key in self._refusals if key[0] == target}
            )
            found = []
            for one in self._secrets:
                key = target, _user(one)
                if one.kind in kinds and tries[key] < MOST_REFUSALS and self._may(one, target):
                    tries[key] += 1
                    found.append(one)
            return found

    def refused(self, secret: Secret, target: str) -> None:
        """A target would not have it."""
        with self._lock:
            self._refused.add(at(secret, target))
            self._refusals[target, _user(secret)] += 1
            self._everywhere[secret.name] += 1
            if self._accepted.get(target) == secret:
                del self._accepted[target]

    def accepted(self, secret: Secret, target: str) -> None:
        """A target took it."""
        with self._lock:
            self._accepted[target] = secret
            self._good.add(secret.name)

    def _may(self, secret: Secret, target: str) -> bool:
        hopeless = secret.name not in self._good and self._everywhere[secret.name] > MOST_REFUSALS
        locks = secret.kind not in ("snmp_v2c", "token") and hopeless
        return at(secret, target) not in self._refused and not locks

    def _named(self, heard: Iterable[str]) -> Iterator[tuple[Secret, str]]:
        known = {one.name: one for one in self._secrets}
        for name, _, target in (one.partition("@") for one in heard):
            if name in known:
                yield known[name], target


def at(secret: Secret, target: str) -> str:
    """A credential at a target, as `NAME@TARGET`."""
    return f"{secret.name}@{target}"


def _user(secret: Secret) -> str:
    """Whom too many refusals would lock out."""
    return secret.values.get("user", secret.name)
