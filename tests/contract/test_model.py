"""Random commits on every store and on a model of dicts: both must always hold the same."""

import copy
from dataclasses import dataclass, field, replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cmdb.errors import Conflict
from cmdb.identity.changes import Change, ChangeSet, Document
from cmdb.identity.claims import Claim
from cmdb.schema.records import ConfigurationItem, Relation, RelationIdentity
from cmdb.services.ports import ItemQuery, RelationQuery, Signature

KEYS = ("a", "b", "数据", "😀")
RELATIONS = [
    RelationIdentity(start, name, end, group, None)
    for start in KEYS[:2]
    for end in KEYS[1:3]
    for name in ("uses", "runs_on")
    for group in (None, "g")
]
VALUES = st.sampled_from([0, 1, 2.5, "x", "ü", True, [], [1, 2], ["p"], [1, "mixed"]])
ATTRIBUTES = st.dictionaries(st.sampled_from(["site", "n", "key"]), VALUES, max_size=2)


@dataclass
class Model:
    """What a store should hold."""

    seq: int = 0
    items: dict = field(default_factory=dict)
    relations: dict = field(default_factory=dict)
    claims: dict = field(default_factory=dict)
    documents: dict = field(default_factory=dict)
    numbers: dict = field(default_factory=lambda: {"ci": 0, "relation": 0})
    entries: list = field(default_factory=list)

    def apply(self, changes: ChangeSet) -> None:
        self.seq += 1
        for change in changes.items:
            if change.after is not None:
                self._put("ci", self.items, change, lambda one: one.key)
        for change in changes.relations:
            if change.after is not None and not change.before:
                for key in (change.after.from_key, change.after.to_key):
                    require(key in self.items)
            self._put("relation", self.relations, change, lambda one: one.identity)
        for change in changes.claims:
            self._put_claim(change)
        for change in changes.items:
            if change.after is None:
                ends = {k for i in self.relations for k in (i.from_key, i.to_key)}
                require(change.before.key not in ends)
                self._put("ci", self.items, change, lambda one: one.key)
        for change in changes.documents:
            name = (change.after or change.before).name
            require(self.documents.get(name) == change.before)
            self.documents[name] = change.after
            if change.after is None:
                del self.documents[name]
        for claim in (change.after for change in changes.confirmed):
            held = self.claims.get((claim.kind, claim.source, claim.key))
            if held is not None:
                at, run = max(held.stamp, claim.stamp)
                self.claims[held.kind, held.source, held.key] = replace(
                    held, confirmed_at=at, run=run
                )

    def _put(self, kind, held, change, identity) -> None:
        before, after = change.before, change.after
        if before is not None:
            current = held.get(identity(before))
            require(current is not None and current.seq == before.seq)
        if after is None:
            del held[identity(before)]
            return
        require(before is not None or identity(after) not in held)
        number = before.number if before else self.numbers[kind]
        self.numbers[kind] += before is None
        held[identity(after)] = replace(after, number=number, seq=self.seq)

    def _put_claim(self, change) -> None:
        one = change.after or change.before
        place = (one.kind, one.source, one.key)
        held = self.claims.get(place)
        if change.before is None:
            require(held is None)
        else:
            require(held is not None)
            require(held.observed_at == change.before.observed_at)
            require(held.withdrawn == change.before.withdrawn)
        self.claims[place] = change.after
        if change.after is None:
            del self.claims[place]


def require(fine: bool) -> None:
    if not fine:
        raise Conflict(kind="model", name="model")


@st.composite
def commits(draw):
    """A list of commits, each a list of what to do to some records.

    A late commit does some of what the one before it did, from the same state.
    """
    one = st.one_of(
        st.tuples(st.just("item"), st.sampled_from(KEYS), ATTRIBUTES),
        st.tuples(st.just("drop item"), st.sampled_from(KEYS), st.none()),
        st.tuples(st.just("relation"), st.sampled_from(RELATIONS), ATTRIBUTES),
        st.tuples(st.just("drop relation"), st.sampled_from(RELATIONS), st.none()),
        st.tuples(st.just("claim"), st.sampled_from(KEYS), st.integers(0, 3)),
        st.tuples(st.just("withdraw"), st.sampled_from(KEYS), st.none()),
        st.tuples(st.just("confirm"), st.sampled_from(KEYS), st.integers(0, 99)),
        st.tuples(st.just("document"), st.sampled_from(KEYS), VALUES),
        st.tuples(st.just("drop document"), st.sampled_from(KEYS), st.none()),
    )
    late = st.one_of(st.none(), st.none(), st.integers(0, 5))
    steps = st.lists(one, min_size=1, max_size=6)
    return draw(st.lists(st.tuples(steps, late), min_size=3, max_size=12))


def planned(model: Model, steps) -> ChangeSet:
    """The change set that does these steps to what `model` holds; each record at most once."""
    made = ChangeSet()
    touched = set()
    for what, name, value in steps:
        kind = what.removeprefix("drop ").replace("withdraw", "claim").replace("confirm", "claim")
        if (kind, name) in touched:
            continue
        touched.add((kind, name))
        if kind == "item":
            before = model.items.get(name)
            after = before or ConfigurationItem(name, "server", name, number=made.fresh_number())
            after = replace(after, attributes=value) if value is not None else None
            add(made.items, before, after)
        elif kind == "relation":
            before = model.relations.get(name)
            after = before or Relation(*name, number=made.fresh_number())
            after = replace(after, attributes=value) if value is not None else None
            add(made.relations, before, after)
        elif kind == "claim":
            plan_claim(made, model, what, name, value)
        else:
            body = None if value is None else Document("d", name, {"v": value})
            add(made.documents, model.documents.get(name), body)
    return made


def plan_claim(made: ChangeSet, model: Model, what: str, name: str, value) -> None:
    for kind in ("ci", "relation"):
        before = model.claims.get((kind, "s", name))
        if what == "confirm":
            if before is not None:
                said = replace(before, confirmed_at=float(value), run="r")
                made.confirmed.append(Change(before, said))
        elif what == "withdraw":
            add(made.claims, before, replace(before, withdrawn=True) if before else None)
        else:
            at = float(model.seq)
            after = Claim(kind, "s", name, value, at, at, "r", {"v": value} if value else None)
            add(made.claims, before, after)


def add(changes, before, after) -> None:
    if before is not None or after is not None:
        changes.append(Change(before, after))


def check(store, model: Model) -> None:
    assert store.seq() == model.seq
    assert store.items(KEYS) == model.items
    everything = sorted(model.items.values(), key=lambda one: one.key)
    assert store.find_items(ItemQuery()) == everything
    assert store.relations(RELATIONS) == model.relations
    in_order = sorted(model.relations.values(), key=lambda one: one.number)
    assert store.find_relations(RelationQuery()) == in_order
    latest = {}
    for kind in ("ci", "relation"):
        held = {key: one for (k, _, key), one in model.claims.items() if k == kind}
        assert store.claims(kind, "s", KEYS) == held
        about = {}
        for _, one in sorted(held.items()):
            about.setdefault(one.subject, []).append(one)
            if one.body is not None:
                at = max(latest.get((kind, one.subject), 0.0), one.confirmed_at)
                latest[kind, one.subject] = at
        assert store.claims_about(kind, range(9)) == about
        assert list(store.claims_of(kind, "s")) == [
            one for _, one in sorted(held.items()) if not one.withdrawn
        ]
    assert store.documents("d") == [one for _, one in sorted(model.documents.items())]
    topology = store.topology()
    assert [(one.number, one.key, one.confirmed_at) for one in topology.items] == [
        (one.number, one.key, latest.get(("ci", one.number), 0.0))
        for one in sorted(everything, key=lambda one: one.number)
    ]
    assert [(one.number, one.type, one.confirmed_at) for one in topology.relations] == [
        (one.number, one.type, latest.get(("relation", one.number), 0.0)) for one in in_order
    ]


def empty(store) -> Model:
    """Remove what the last example left, and start a model from there."""
    left = ChangeSet()
    left.relations = [Change(one, None) for one in store.find_relations(RelationQuery())]
    left.items = [Change(one, None) for one in store.find_items(ItemQuery())]
    left.documents = [Change(one, None) for one in store.documents("d")]
    for kind in ("ci", "relation"):
        left.claims += [Change(c, None) for c in store.claims(kind, "s", KEYS).values()]
    probe = ConfigurationItem("probe", "server", "probe", number=-1)
    loop = Relation("probe", "uses", "probe", number=-2)
    left.items.append(Change(None, probe))
    left.relations.append(Change(None, loop))
    store.commit(left, SIGNATURE)
    probe, loop = store.items(["probe"])["probe"], store.relations([loop.identity])[loop.identity]
    gone = ChangeSet(items=[Change(probe, None)], relations=[Change(loop, None)])
    seq = store.commit(gone, SIGNATURE).seq
    return Model(seq, numbers={"ci": probe.number + 1, "relation": loop.number + 1})


SIGNATURE = Signature("model", 1.0, "test")


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(plan=commits())
def test_a_store_holds_what_a_model_holds(store, plan):
    model = empty(store)
    older, last = copy.deepcopy(model), []
    first = model.seq
    for steps, late in plan:
        repeated = [] if late is None else last[late : late + 1]
        changes = planned(older, repeated) if repeated else planned(model, steps)
        last = steps
        tried = copy.deepcopy(model)
        try:
            tried.apply(changes)
        except Conflict:
            tried = model
        older = copy.deepcopy(model)
        try:
            done = store.commit(changes, SIGNATURE)
            assert done.seq == model.seq + 1
        except Conflict:
            done = None
        assert (done is not None) == (tried is not model)
        model = tried
        if done is not None:
            assert store.log(done.seq - 1) == [done]
    check(store, model)
    assert [one.seq for one in store.log(first)] == list(range(first + 1, model.seq + 1))
