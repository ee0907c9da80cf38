"""A message on its way: to whom, what, and how often it was tried."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Channel = Literal["email", "webhook"]

MOST_ATTEMPTS = 10
FIRST_WAIT, GROWTH, LONGEST_WAIT = 60.0, 4.0, 6 * 3600.0
"""Seconds from the first attempt to the second, by how much each wait is longer, and the longest:
30 hours in all, so that a night without the mail server costs no message."""

MOST_ERROR = 500


@dataclass(frozen=True, slots=True)
class Message:
    """What a template says with its parameters, to an address or to a webhook by its name.

    Times are seconds since 1970. `due` is when it is to be tried next; until `taken_until` a worker
    is at it. The receiver knows a repetition by the `id`.
    """

    channel: Channel
    recipient: str
    template: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    language: str = "en"
    id: str = ""
    created: float = 0.0
    attempts: int = 0
    due: float = 0.0
    taken_until: float = 0.0
    error: str = ""

    def body(self) -> dict[str, Any]:
        """What the store keeps."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "id"}

    def free(self, now: float) -> bool:
        """Whether it is to be tried now, and nobody is at it."""
        return self.due <= now and self.taken_until <= now

    def failed(self, error: str, now: float) -> "Message":
        """The same after one more attempt that failed: each wait is longer, up to a limit."""
        wait = min(LONGEST_WAIT, FIRST_WAIT * GROWTH ** min(self.attempts, MOST_ATTEMPTS))
        return replace(
            self,
            attempts=self.attempts + 1,
            due=now + wait,
            taken_until=0.0,
            error=" ".join(error.split())[:MOST_ERROR],
        )

    def renewed(self, now: float) -> "Message":
        """The same, to be tried at once and as often as a new one."""
        return replace(self, attempts=0, due=now, taken_until=0.0)
