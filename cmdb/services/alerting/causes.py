"""What alarmed CIs have in common: the likeliest cause of most of them, then of the rest."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cmdb.impact.states import AT_RISK, DOWN
from cmdb.root_cause.diagnosis import diagnose
from cmdb.root_cause.evidence import Evidence, Symptom
from cmdb.services.alerting.looking import Look

MOST_SYMPTOMS = 300
"""So many CIs are asked about: the others follow from the graph once the cause is known."""

MOST_CAUSES = 8
"""So many causes are looked for at once; what these do not explain stands for itself."""

LIKELY = 0.5
"""How likely a cause that is not alarmed must be, of those in the model; else the likeliest alarmed
one counts. Where all that could be is alarmed, the model cannot tell a cause from none in it.
"""

MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Cause:
    """A likely cause: the CIs that it explains of those asked about, and the next likely ones.

    `ranked` are CIs with their probabilities, best first; `outside` is that of none in the model.
    """

    ci: int
    explains: frozenset[int]
    ranked: tuple[tuple[int, float], ...]
    outside: float = 0.0


def causes_of(look: Look, alarmed: Mapping[int, float]) -> Iterator[Cause]:
    """The causes of CIs that are alarmed since the moments given; what no cause explains is last.

    Each CI is explained once. Where nothing likelier is known, a CI is its own cause.
    """
    left = dict(alarmed)
    for _ in range(MOST_CAUSES):
        if not left:
            return
        cause = _best(look, left)
        if cause is None:
            break
        yield cause
        for ci in cause.explains:
            del left[ci]
    for ci in sorted(left):
        yield Cause(ci, frozenset({ci}), ())


def _best(look: Look, alarmed: Mapping[int, float]) -> Cause | None:
    first = sorted(alarmed, key=lambda ci: (alarmed[ci], ci))
    asked = first[:: max(1, -(-len(first) // MOST_SYMPTOMS))]
    symptoms = [Symptom(ci, since=alarmed[ci]) for ci in asked]
    diagnosis = diagnose(look.snapshot, Evidence(symptoms, events=look.changes, at=look.now))
    ranked = tuple(list(diagnosis.scores.items())[:MOST_SHOWN])
    known = sum(diagnosis.scores.values())
    for ci, score in diagnosis.scores.items():
        if score >= LIKELY * known or ci in alarmed:
            explains = frozenset(look.reached({ci: DOWN}, AT_RISK) & alarmed.keys())
            if explains:
                return Cause(ci, explains, ranked, diagnosis.outside)
    return None
