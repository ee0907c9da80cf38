"""Tickets in the store: written with the rest of a commit, found, searched, tied to CIs."""

from dataclasses import replace
from math import inf

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cmdb.errors import Conflict
from cmdb.identity.changes import Content, Note
from cmdb.services.ports import TicketQuery
from tests.contract.records import commit, estate, item, ticket


def numbers(found):
    return [one.number for one in found]


def test_a_ticket_comes_back_as_it_was_put(store):
    estate(store, "a", "b")
    body = {"fields": {"category": "network", "text": "<script>汉字</script>"}, "clocks": {}}
    put = ticket(
        "INC-1",
        title="网络 down",
        priority=2,
        team="net",
        assignee="ann",
        requester="bob",
        due=20.0,
        breach=inf,
        body=body,
        items=[("affected", "a"), ("cause", "b"), ("affected", "b")],
        links=[("parent", "INC-0")],
        words="网络 down",
    )
    made = commit(store, put)
    assert store.tickets.tickets(["INC-1", "INC-9"]) == {"INC-1": replace(put, seq=made.seq)}
    (entry,) = made.entries
    assert (entry.kind, entry.subject, entry.before) == ("ticket", "INC-1", None)
    assert entry.after["items"] == [["affected", "a"], ["cause", "b"], ["affected", "b"]]
    assert store.log(made.seq - 1) == [made]


def test_a_late_commit_changes_nothing(store):
    commit(store, ticket("INC-1"))
    stale = store.tickets.tickets(["INC-1"])["INC-1"]
    commit(store, (stale, replace(stale, state="assigned")))
    for late in (
        (stale, replace(stale, state="closed")),
        (stale, None),
        ticket("INC-1"),
        (ticket("INC-2"), ticket("INC-2")),
    ):
        with pytest.raises(Conflict):
            commit(store, item("x"), late)
    assert store.tickets.tickets(["INC-1"])["INC-1"].state == "assigned"
    assert store.items(["x"]) == {}


def test_ties_are_replaced_and_removed(store):
    estate(store, "a", "b")
    commit(store, ticket("INC-1", items=[("affected", "a")], links=[("parent", "INC-2")]))
    commit(store, ticket("INC-2"))
    known = store.tickets.tickets(["INC-1"])["INC-1"]
    of = lambda *keys, **more: numbers(  # noqa: E731
        store.tickets.find(TicketQuery(items=frozenset(keys), **more))
    )
    assert of("a") == ["INC-1"]
    assert of("a", roles=frozenset({"cause"})) == []
    other = ticket("x", items=[("cause", "b")])
    commit(store, (known, replace(known, items=other.items)))
    assert (of("a"), of("b"), of("b", roles=frozenset({"cause"}))) == ([], ["INC-1"], ["INC-1"])
    commit(store, (store.tickets.tickets(["INC-1"])["INC-1"], None))
    assert of("b") == []
    assert store.tickets.tickets(["INC-1"]) == {}


def test_what_is_linked_to_a_ticket_is_found(store):
    commit(store, ticket("INC-1"))
    commit(store, ticket("INC-2", links=[("parent", "INC-1")]))
    assert numbers(store.tickets.find(TicketQuery(linked="INC-1"))) == ["INC-2"]


def test_worklists_follow_their_ticket(store):
    on = lambda *names: numbers(  # noqa: E731
        store.tickets.find(TicketQuery(worklists=frozenset(names)))
    )
    commit(store, ticket("INC-1", worklists=("person ann", "team net")), ticket("INC-2"))
    assert (on("team net"), on("person ann", "team net"), on("x"), on()) == (
        (["INC-1"], ["INC-1"], [], [])
    )
    known = store.tickets.tickets(["INC-1"])["INC-1"]
    commit(store, (known, replace(known, worklists=("team net",))))
    assert (on("person ann"), on("team net")) == ([], ["INC-1"])
    known = store.tickets.tickets(["INC-1"])["INC-1"]
    assert known.worklists == ("team net",)
    commit(store, (known, None))
    commit(store, ticket("INC-1"))
    assert on("team net") == []


def test_tickets_of_a_removed_ci_stay_under_its_key(store):
    estate(store, "a", "b")
    commit(store, ticket("INC-1", items=[("affected", "a"), ("cause", "b")]))
    of_a = TicketQuery(items=frozenset({"a"}))
    commit(store, (store.items(["a"])["a"], None))
    assert numbers(store.tickets.find(of_a)) == ["INC-1"]
    estate(store, "a")
    assert numbers(store.tickets.find(of_a)) == ["INC-1"]
    commit(store, (known := store.items(["a"])["a"], replace(known, key="c")))
    assert numbers(store.tickets.find(of_a)) == ["INC-1"]
    assert numbers(store.tickets.find(TicketQuery(items=frozenset({"c"})))) == []
    seen = TicketQuery(visible_types=frozenset({"server"}), items=frozenset({"b"}))
    assert numbers(store.tickets.find(seen)) == ["INC-1"]


def test_who_is_limited_sees_tickets_of_what_he_sees_and_his_own(store):
    commit(store, item("a", attributes={"site": "s1"}), item("b", "router"))
    commit(
        store,
        ticket("INC-1", items=[("affected", "a")]),
        ticket("INC-2", items=[("affected", "b")]),
        ticket("INC-3", requester="bob"),
        ticket("INC-4"),
    )
    find = lambda **q: numbers(store.tickets.find(TicketQuery(**q)))  # noqa: E731
    assert find(sites=frozenset({"s1"})) == ["INC-1"]
    assert find(visible_types=frozenset({"router"})) == ["INC-2"]
    assert find(visible_types=frozenset({"router"}), own="bob") == ["INC-2", "INC-3"]
    assert find(visible_types=frozenset({"router"}), sites=frozenset({"s1"})) == []


def test_search_finds_words_best_first(store):
    commit(
        store,
        ticket("INC-1", words="printer paper jam printer"),
        ticket("INC-2", words="printer slow"),
        ticket("INC-3", words="网络 络故 故障", kind="problem"),
    )
    search = lambda words, every=False, **q: numbers(  # noqa: E731
        one for _, one in store.tickets.search(words, TicketQuery(**q), every, notes=False)
    )
    assert search(["paper", "jam"]) == ["INC-1"]
    assert set(search(["printer", "slow"])) == {"INC-1", "INC-2"}
    assert search(["printer", "slow"])[0] == "INC-2"
    assert search(["printer", "slow"], True) == ["INC-2"]
    assert search(["故障"]) == ["INC-3"]
    assert search(["printer"], kinds=frozenset({"problem"})) == []
    assert search(["nothing"]) == search([]) == []
    known = store.tickets.tickets(["INC-2"])["INC-2"]
    commit(store, (known, replace(known, words="toner")))
    assert search(["slow"]) == []
    assert search(["toner"]) == ["INC-2"]
    commit(store, (store.tickets.tickets(["INC-2"])["INC-2"], None))
    assert search(["toner"]) == []


def test_search_finds_comments_and_work_notes_apart(store):
    def search(*words, notes=False, every=True):
        found = store.tickets.search(words, TicketQuery(), every, notes=notes)
        return sorted(numbers(one for _, one in found))

    commit(store, ticket("INC-1", words="printer"), ticket("INC-2", words="printer"))
    said, kept = {"public": True}, {"public": False}
    commit(store, Note("INC-1", said, "toner empty"), Note("INC-1", kept, "secret"))
    commit(store, ticket("INC-3", words="scanner"), Note("INC-3", said, "toner"))
    assert (search("toner"), search("printer", "toner")) == (["INC-1", "INC-3"], ["INC-1"])
    assert (search("secret"), search("secret", notes=True)) == ([], ["INC-1"])
    assert search("toner", "secret") == search("toner", "secret", "no", notes=True) == []
    assert search("printer", "toner", "secret", notes=True) == ["INC-1"]
    assert search("scanner", "secret", every=False) == ["INC-3"]
    assert search("scanner", "secret", every=False, notes=True) == ["INC-1", "INC-3"]
    known = store.tickets.tickets(["INC-1"])["INC-1"]
    commit(store, (known, replace(known, words="plotter")))  # what was written stays
    assert (search("plotter", "toner"), search("printer", "toner")) == (["INC-1"], [])
    assert search("secret", notes=True) == ["INC-1"]
    for _ in range(5):
        commit(store, Note("INC-1", kept, "more " * 2000), Note("INC-1", kept, "newest"))
    assert search("secret", notes=True) == []  # only the last of what was written is kept
    assert search("newest", notes=True) == search("toner", "empty") == ["INC-1"]
    commit(store, (store.tickets.tickets(["INC-1"])["INC-1"], None))
    commit(store, ticket("INC-1"))
    assert search("newest", notes=True) == search("empty") == []


def test_search_finds_what_is_asked_for_behind_many_better_ones(store):
    many = [ticket(f"ALERT-{n}", words="printer", kind="alert") for n in range(60)]
    long = [ticket(f"INC-{n}", words=f"printer {'slow ' * 9}") for n in range(3)]
    commit(store, *many, *long)

    def search(limit):
        query = TicketQuery(kinds=frozenset({"incident", "problem"}), limit=limit)
        return {
            one.number for _, one in store.tickets.search(["printer"], query, True, notes=False)
        }

    assert len(search(2)) == 2
    assert search(2) < search(5) == {"INC-0", "INC-1", "INC-2"}


def test_notes_stand_in_the_timeline(store):
    first = commit(store, ticket("INC-1"))
    second = commit(store, Note("INC-1", {"text": "hello"}), Note("INC-2", {"text": "other"}))
    known = store.tickets.tickets(["INC-1"])["INC-1"]
    third = commit(store, (known, replace(known, state="assigned")))
    found = store.tickets.timeline("INC-1", 0, 100)
    assert [one.seq for one in found] == [first.seq, second.seq, third.seq]
    assert [e.after["text"] for e in found[1].entries] == ["hello"]
    assert store.tickets.timeline("INC-1", first.seq, 1) == found[1:2]
    assert store.tickets.timeline("INC-9", 0, 100) == []


def test_contents_are_kept_once(store):
    data = bytes(range(256)) * 4000
    commit(store, ticket("INC-1"), Content("d1", data))
    commit(store, ticket("INC-2"), Content("d1", data))
    assert store.tickets.content("d1") == data
    assert store.tickets.content("d2") is None


some = st.builds(
    dict,
    kind=st.sampled_from(["incident", "change"]),
    state=st.sampled_from(["new", "done"]),
    open=st.booleans(),
    priority=st.sampled_from([1, 2, 9]),
    team=st.sampled_from(["", "net"]),
    assignee=st.sampled_from(["", "ann"]),
    requester=st.sampled_from(["", "bob"]),
    opened=st.sampled_from([1.0, 2.0]),
    changed=st.sampled_from([1.0, 2.0, 3.0]),
    due=st.sampled_from([5.0, inf]),
    breach=st.sampled_from([5.0, 6.0, inf]),
    category=st.sampled_from(["a", "b", None]),
    worklists=st.sampled_from([(), ("team net",), ("person ann", "team net")]),
    items=st.lists(
        st.tuples(st.sampled_from(["affected", "cause"]), st.sampled_from("xy")), unique=True
    ),
)
maybe = lambda one: st.none() | one  # noqa: E731
questions = st.builds(
    TicketQuery,
    kinds=maybe(st.frozensets(st.sampled_from(["incident", "change"]))),
    states=maybe(st.frozensets(st.sampled_from(["new", "done"]), min_size=1)),
    open=maybe(st.booleans()),
    priority=maybe(st.sampled_from([1, 2])),
    team=maybe(st.just("net")),
    assignee=maybe(st.just("ann")),
    requester=maybe(st.just("bob")),
    fields=st.just({}) | st.just({"category": "a"}),
    items=maybe(st.frozensets(st.sampled_from("xyz"), min_size=1)),
    roles=maybe(st.just(frozenset({"affected"}))),
    worklists=maybe(st.frozensets(st.sampled_from(["person ann", "team net", "team x"]))),
    due_by=maybe(st.just(5.0)),
    breach_by=maybe(st.just(5.5)),
    opened=maybe(st.just((1.0, 1.5))),
    sort=st.sampled_from(["opened", "changed", "priority", "breach", "due", "number"]),
    descending=st.booleans(),
    limit=st.sampled_from([1, 3, 100]),
)


def wanted(one, q):
    field = one.body["fields"].get("category")
    tied = [k for role, k in one.items if q.roles is None or role in q.roles]
    return all(
        (
            q.kinds is None or one.kind in q.kinds,
            q.states is None or one.state in q.states,
            *(
                getattr(q, n) is None or getattr(one, n) == getattr(q, n)
                for n in ("open", "priority", "team", "assignee", "requester")
            ),
            not q.fields or field == q.fields["category"],
            q.items is None or not q.items.isdisjoint(tied),
            q.roles is None or bool(tied),
            q.worklists is None or not q.worklists.isdisjoint(one.worklists),
            q.due_by is None or one.due <= q.due_by,
            q.breach_by is None or one.breach <= q.breach_by,
            q.opened is None or q.opened[0] <= one.opened <= q.opened[1],
        )
    )


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=st.lists(some, max_size=12), asked=st.lists(questions, min_size=1, max_size=8))
def test_pages_are_those_of_a_simple_filter(store, rows, asked):
    held = store.tickets.find(TicketQuery(limit=1000))
    made = []
    for n, row in enumerate(rows):
        values = dict(row)
        category = values.pop("category")
        fields = {} if category is None else {"category": category}
        made.append(ticket(f"T-{n}", body={"fields": fields}, **values))
    if held or made:
        commit(store, *((one, None) for one in held))
        commit(store, *made)
    for q in asked:
        expected = [one for one in made if wanted(one, q)]
        expected.sort(key=lambda one: (getattr(one, q.sort), one.number), reverse=q.descending)
        got, after = [], None
        while page := store.tickets.find(replace(q, after=after)):
            assert len(page) <= q.limit
            got += page
            after = (getattr(page[-1], q.sort), page[-1].number)
        assert numbers(got) == numbers(expected)
        assert store.tickets.count(q) == len(expected)
