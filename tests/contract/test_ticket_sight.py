"""Who is limited to sites or types sees nothing of the others, in whatever way it is asked for."""

import pytest

from cmdb.errors import Forbidden, NotFound, UnknownName, UnknownReference
from cmdb.services.actor import Scope
from cmdb.services.ports import TicketQuery
from cmdb.services.ticket_configuration import put_setting
from cmdb.services.ticketing.approvals import vote
from cmdb.services.ticketing.attachments import attach, attachment, detach
from cmdb.services.ticketing.editing import edit_ticket
from cmdb.services.ticketing.finding import (
    count_tickets,
    forecast,
    get_ticket,
    list_tickets,
    search_tickets,
    timeline,
)
from cmdb.services.ticketing.impact import ticket_impact
from cmdb.services.ticketing.notes import write_note
from cmdb.services.ticketing.opening import Opening, open_ticket
from cmdb.services.ticketing.steps import take_step
from cmdb.services.ticketing.tasks import add_task
from cmdb.services.ticketing.viewing import view_ticket, view_tickets
from tests.contract.records import commit, item
from tests.contract.ticket_world import ADMIN, actor, peopled

ANN, BOB, FAY, CHO = (actor(name) for name in ("ann", "bob", "fay", "cho"))
HERE = actor("fay", scope=Scope(sites=frozenset({"here"})))
SERVERS = actor("fay", scope=Scope(types=frozenset({"server"})))
PLANS = ("benefit", "risk", "implementation_plan", "test_plan", "back_out_plan")


def opened(env, *keys, who=ANN, kind="incident", links=(), role=None, **fields):
    items = [{"key": key, **({"role": role} if role else {})} for key in keys]
    opening = Opening(kind, {"title": "disk is full", **fields}, items, links)
    return open_ticket(who, env, opening).number


@pytest.fixture
def env(store):
    env = peopled(store)
    commit(
        store,
        item("srv-here", attributes={"site": "here"}),
        item("srv-there", attributes={"site": "there"}),
        item("rtr-there", "router", attributes={"site": "there"}),
    )
    return env


def test_lists_search_and_numbers(env):
    here = opened(env, "srv-here")
    there = opened(env, "rtr-there")
    both = opened(env, "srv-here", "srv-there")
    nowhere = opened(env)
    for who, seen in ((HERE, {here, both}), (SERVERS, {here, both})):
        found, _ = list_tickets(who, env, TicketQuery())
        assert {one.number for one in found} == seen
        assert {one.number for _, one in search_tickets(who, env, "disk", TicketQuery())} == seen
        assert count_tickets(who, env, TicketQuery()) == len(seen)
        late = forecast(who, env, until=env.clock() + 1e9)
        assert {one.number for _, one in late} == seen
        for number in (there, nowhere, "INC-99"):
            for act in (
                lambda n: get_ticket(who, env, n),  # noqa: B023
                lambda n: timeline(who, env, n),  # noqa: B023
                lambda n: ticket_impact(who, env, n),  # noqa: B023
                lambda n: write_note(who, env, n, "hello"),  # noqa: B023
                lambda n: take_step(who, env, n, "accept"),  # noqa: B023
                lambda n: edit_ticket(who, env, n, {"line": 2}),  # noqa: B023
                lambda n: vote(who, env, n, "approved"),  # noqa: B023
                lambda n: add_task(who, env, n, {"title": "x"}),  # noqa: B023
                lambda n: attach(who, env, n, "a.txt", "text/plain", b"x"),  # noqa: B023
                lambda n: attachment(who, env, n, 1),  # noqa: B023
                lambda n: detach(who, env, n, 1),  # noqa: B023
            ):
                with pytest.raises(NotFound, match=number):
                    act(number)
    with pytest.raises(UnknownReference):
        list_tickets(HERE, env, TicketQuery(), item="srv-there")


def test_what_a_ticket_says_of_others_is_kept_back(env):
    there = opened(env, "srv-there")
    number = opened(env, "srv-here", "srv-there", links=[{"number": there, "role": "parent"}])
    edit_ticket(ANN, env, number, {"converted_to": there, "line": 2})
    edit_ticket(
        ANN,
        env,
        number,
        {},
        items=[
            {"key": "srv-here"},
            {"key": "srv-there"},
            {"key": "rtr-there", "role": "impacted"},
            {"key": "srv-here", "role": "not_impacted"},
        ],
    )
    shown = view_ticket(HERE, env, get_ticket(HERE, env, number))
    assert [one["key"] for one in shown["items"]] == ["srv-here", "srv-here"]
    assert (shown["hidden_items"], shown["links"]) == (2, [])
    assert "converted_to" not in shown["fields"]
    assert view_ticket(ANN, env, get_ticket(ANN, env, number))["hidden_items"] == 0
    told = str(timeline(HERE, env, number))
    assert "srv-here" in told
    assert "there" not in told
    assert there not in told
    assert there in str(timeline(ANN, env, number))
    impact = ticket_impact(HERE, env, number)
    assert (impact.added, impact.excluded) == ([], ["srv-here"])
    rows = view_tickets(HERE, env, [get_ticket(HERE, env, number)] * 2)
    assert rows == [shown, shown]


def test_what_is_hidden_stays_when_the_rest_is_replaced(env):
    there = opened(env, "srv-there")
    number = opened(env, "srv-here", "srv-there", links=[{"number": there}])
    edit_ticket(HERE, env, number, {}, items=[{"key": "srv-here", "role": "cause"}], links=[])
    now = get_ticket(ANN, env, number)
    assert [tuple(one) for one in now.items] == [("cause", "srv-here"), ("affected", "srv-there")]
    assert [one.name for one in now.links] == [there]
    with pytest.raises(UnknownReference):
        edit_ticket(HERE, env, number, {}, items=[{"key": "srv-there"}])
    with pytest.raises(UnknownName, match=f"links.0.: unknown ticket '{there}'"):
        edit_ticket(HERE, env, number, {}, links=[{"number": there}])
    with pytest.raises(UnknownName, match=there):
        edit_ticket(HERE, env, number, {"converted_to": there})
    edit_ticket(ANN, env, number, {}, items=[{"key": "srv-here"}], links=[])
    assert len(get_ticket(ANN, env, number).items) == 1


def test_what_was_tied_may_stay_when_the_ci_is_no_more(env):
    number = opened(env, "srv-here", "srv-there")
    commit(env.store, (env.store.items(["srv-there"])["srv-there"], None))
    rows = [{"key": key, "role": "affected"} for key in ("srv-here", "srv-there")]
    edit_ticket(ANN, env, number, {"line": 2}, items=rows)
    assert len(get_ticket(ANN, env, number).items) == 2
    with pytest.raises(UnknownReference):
        edit_ticket(ANN, env, number, {}, items=[{"key": "srv-nowhere"}])
    assert view_ticket(HERE, env, get_ticket(HERE, env, number))["hidden_items"] == 1


def test_assessments_count_only_for_who_sees_all(env):
    number = opened(env, "srv-here", "srv-there", who=CHO, kind="change", category="normal")
    take_step(CHO, env, number, "assess", dict.fromkeys(PLANS, "as written"))
    change = get_ticket(CHO, env, number)
    assert view_ticket(CHO, env, change)["assessment"]["summary"] != {}
    assert view_ticket(HERE, env, change)["assessment"]["summary"] == {}
    assert "assessment" in str(timeline(CHO, env, number))
    assert "assessment" not in str(timeline(HERE, env, number))


def test_who_is_asked_sees_what_he_is_to_decide(env):
    board = {"users": ["rob"], "kinds": ["change"], "categories": ["normal"], "rule": "all"}
    put_setting(ADMIN, env, "approval_group", "cab", board)
    rob = actor("rob")
    number = opened(env, "srv-here", who=CHO, kind="change", category="normal")
    take_step(CHO, env, number, "assess", dict.fromkeys(PLANS, "as written"))
    with pytest.raises(NotFound):
        get_ticket(rob, env, number)
    with pytest.raises(NotFound):
        vote(rob, env, number, "approved")
    take_step(CHO, env, number, "request_approval")
    assert get_ticket(rob, env, number).state == "in_approval"
    with pytest.raises(Forbidden):
        vote(ANN, env, number, "approved")
    assert vote(rob, env, number, "approved").state == "approved"


def test_end_users_see_their_own_and_what_is_published_for_them(env):
    mine = opened(env, who=BOB)
    opened(env, who=ANN)
    tell = {"summary": "s", "body": "b", "language": "en"}
    numbers = []
    for audience in ("end_user", "staff"):
        number = opened(env, kind="article", audience=audience, **tell)
        numbers.append(number)
        take_step(ANN, env, number, "submit")
        take_step(ANN, env, number, "publish", {"review_due": "2030-01-01T00:00:00Z"})
    opened(env, kind="article", audience="end_user", **tell)
    articles = frozenset({"article"})
    find = lambda query: {one.number for one in list_tickets(BOB, env, query)[0]}  # noqa: E731
    assert find(TicketQuery()) == {mine}
    assert find(TicketQuery(requester="ann")) == set()
    assert find(TicketQuery(kinds=articles)) == {numbers[0]}
    assert find(TicketQuery(kinds=articles, states=frozenset({"draft"}))) == set()
    found = search_tickets(BOB, env, "disk", TicketQuery(kinds=articles))
    assert [one.number for _, one in found] == [numbers[0]]
    assert get_ticket(BOB, env, numbers[0]).number == numbers[0]
    with pytest.raises(NotFound):
        get_ticket(BOB, env, numbers[1])
    number = opened(env, who=BOB)
    edit_ticket(ANN, env, number, {"converted_to": numbers[1]}, links=[{"number": numbers[1]}])
    shown = view_ticket(BOB, env, get_ticket(BOB, env, number))
    assert (shown["links"], "converted_to" in shown["fields"]) == ([], False)
    assert numbers[1] not in str(timeline(BOB, env, number))
