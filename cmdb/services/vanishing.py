"""The freeze: when too much of a source vanishes at once, people must look first."""

from collections.abc import Sequence

from cmdb.errors import TooManyVanish
from cmdb.identity.claims import Claim

MOST_SHARE = 0.2
FEWEST = 10
"""Fewer things than these may vanish at any share."""


class Vanishing:
    """What a complete run would withdraw, of how many things or relations in all."""

    def __init__(self, lost: Sequence[Claim], known: int) -> None:
        self.lost, self.known = lost, known

    @property
    def too_many(self) -> bool:
        """Whether people should look before it is believed."""
        return len(self.lost) >= FEWEST and len(self.lost) > MOST_SHARE * self.known

    def warning(self) -> TooManyVanish:
        """What to tell the operator."""
        examples = ", ".join(f"'{_shown(claim)}'" for claim in self.lost[:5])
        return TooManyVanish(lost=len(self.lost), known=self.known, examples=examples)


def _shown(claim: Claim) -> str:
    """How a message calls what a claim is about."""
    if claim.kind == "ci" or claim.body is None:
        return claim.key
    return f"{claim.body['from'][1]} {claim.body['type']} {claim.body['to'][1]}"
