"""Which kernels answer: compiled ones pay where the estate is large or the questions are many."""

from cmdb.impact import kernel
from cmdb.services.environment import Environment
from cmdb.services.ports import RelationQuery

FEW, MANY = 40_000, 5_000
"""Numbers of relations above which one question, or a batch of them, is answered compiled."""


def choose(env: Environment, many: bool) -> None:
    """Compile (or load what was compiled: about a second) where it pays.

    Relations are numbered from 0 in the order of their creation, so one look is enough.
    """
    limit = MANY if many else FEW
    if env.store.find_relations(RelationQuery(after=limit - 1, limit=1)):
        kernel.use(kernel.compiled())
