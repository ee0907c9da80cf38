"""What settings mean: which level, priority, team and approval a ticket has."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.errors import CMDBError, Rejected
from cmdb.tickets.clocks import Target
from cmdb.tickets.configuration.approvals import approving
from cmdb.tickets.configuration.attachments import refused
from cmdb.tickets.configuration.dispatch import DispatchRule, Facts, dispatched, normal, stands_in
from cmdb.tickets.configuration.in_force import TicketSettings, inconsistencies
from cmdb.tickets.configuration.kinds import KINDS, default_settings, read_setting
from cmdb.tickets.configuration.priorities import measured, priority_of, proposed_impact
from cmdb.tickets.configuration.recurrence import DAY, Occurrence, recurring
from cmdb.tickets.configuration.service_levels import Customer, ServiceLevel, chosen, fits
from cmdb.tickets.defaults import default_processes

HOUR = 3600.0
DAYS = {"always": 24 * HOUR, "business": 9 * HOUR, "short": 4 * HOUR}


def make(kind, name="x", **values):
    return read_setting(kind, name, values)


def defaults():
    by_kind = {kind: default_settings(kind) for kind in KINDS}
    versions = {(one.kind, one.version): one for one in default_processes().values()}
    return TicketSettings(by_kind, versions)


def told(act):
    with pytest.raises(CMDBError) as caught:
        act()
    error = caught.value
    return [str(one) for one in error.errors] if isinstance(error, Rejected) else [str(error)]


# --- the whole


def test_the_defaults_fit_together():
    now = defaults()
    assert inconsistencies(now, {"server"}, set()) == []
    assert now.processes == default_processes()
    calendar, respond = "always", Target(1800, "always", (0.5, 0.75, 0.9, 1.0))
    assert now.targets_for("incident", 1) == {
        "respond": respond,
        "resolve": Target(4 * HOUR, calendar, respond.shares),
    }
    assert now.targets_for("incident", 2)["resolve"].seconds == 9 * HOUR
    assert now.targets_for("incident", 3)["resolve"].seconds == 27 * HOUR
    assert now.targets_for("request", None) == now.targets_for("request", 3)
    assert now.targets_for("change", 1) == {}
    assert now.days == {"always": 24 * HOUR, "business": 9 * HOUR, "china": 9 * HOUR}
    assert now.working_times is now.working_times


def test_an_item_of_the_catalogue_has_its_own_level():
    now = defaults()
    level = make("service_level", "fast", clock="resolve", within="1h", calendar="always")
    item = make("catalogue_item", "key", label="K", label_zh="K", service_levels=["fast"])
    levels = {**now.service_levels, "fast": level}
    by_kind = {**now.by_kind, "service_level": levels, "catalogue_item": {"key": item}}
    now = TicketSettings(by_kind, now.versions)
    found = now.levels_for("request", 3, item="key")
    assert (found["resolve"].name, found["respond"].name) == ("fast", "p3_respond")
    assert now.levels_for("request", 3, item="no such")["resolve"].name == "p3_resolve"


# --- calendars


def test_the_chinese_calendar_knows_moved_days():
    time_of = defaults().working_times["china"]
    zone = ZoneInfo("Asia/Shanghai")

    def hours_of(day):
        start = datetime.combine(day, time(0), zone).timestamp()
        return time_of.between(start, start + 24 * HOUR) / HOUR

    assert hours_of(date(2025, 1, 26)) == 9.0  # a Sunday, worked for the Spring Festival
    assert hours_of(date(2025, 1, 29)) == 0.0  # New Year
    assert hours_of(date(2025, 1, 25)) == 0.0  # an ordinary Saturday


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"zone": "Mars/Base"}, ["'zone'"]),
        ({"hours": {"mon": ["8-9"]}}, ["'hours.mon[0]'"]),
        ({"hours": {"mon": ["09:00-08:00"], "tue": ["09:00-09:00"]}}, ["mon[0]", "tue[0]"]),
        ({"hours": {"mon": ["08:00-12:00", "11:00-13:00"]}}, ["do not overlap"]),
        ({"hours": {"mon": ["08:00-24:00", "23:00-24:00"]}}, ["do not overlap"]),
        ({"hours": {"monday": ["08:00-12:00"]}}, ["'hours.monday.[key]'"]),
        ({"hours": {"mon": []}}, ["around the clock"]),
        ({"country": "CN"}, ["with hours"]),
        ({"hours": {"mon": ["08:00-12:00"]}, "country": "XX"}, ["'country'"]),
        (
            {"hours": {"mon": ["08:00-9:00"]}, "open": ["2026-01-01"], "closed": ["2026-01-01"]},
            ["both closed and open"],
        ),
        ({"closed": ["tomorrow"], "zone": 7, "colour": "red"}, ["closed", "zone", "colour"]),
    ],
)
def test_wrong_calendars(values, wrong):
    found = told(lambda: make("calendar", **values))
    assert len(found) == len(wrong)
    assert all(any(part in one for one in found) for part in wrong)


@pytest.mark.parametrize(
    ("hours", "length"),
    [
        ({}, 24),
        ({"mon": ["08:00-12:00", "13:00-17:30"], "sat": ["09:00-10:00"]}, 8.5),
        ({"mon": ["00:00-24:00"], "tue": ["09:00-10:00"], "wed": ["09:00-10:00"]}, 1),
        ({"mon": ["22:00-00:00"]}, 2),
    ],
)
def test_the_usual_day(hours, length):
    assert make("calendar", hours=hours).day_seconds == length * HOUR


# --- service levels

NAMES = st.sampled_from(["a", "b"])
LEVELS = st.builds(
    ServiceLevel,
    name=st.sampled_from([f"l{n}" for n in range(9)]),
    active=st.booleans(),
    clock=st.sampled_from(["respond", "resolve"]),
    within=st.sampled_from([600, "15m", "1d", "2d 1h"]),
    calendar=st.sampled_from(sorted(DAYS)),
    kinds=st.sampled_from([(), ("incident",), ("incident", "request")]),
    priority=st.sampled_from([None, 1, 2]),
    service=st.none() | NAMES,
    organization=st.none() | NAMES,
    team=st.none() | NAMES,
    site=st.none() | NAMES,
    order=st.integers(-1, 1),
)
CUSTOMERS = st.builds(Customer, st.sets(NAMES), st.sets(NAMES), st.sets(NAMES))


@given(
    st.lists(LEVELS, unique_by=lambda one: one.name),
    st.sampled_from(["incident", "request", "change"]),
    st.sampled_from([None, 1, 2, 3]),
    st.sets(NAMES),
    CUSTOMERS,
    st.randoms(),
)
def test_the_most_specific_level_wins_in_any_order(levels, kind, priority, services, who, random):
    found = chosen(levels, DAYS, kind, priority, services, who)
    shuffled = random.sample(levels, len(levels))
    assert chosen(shuffled, DAYS, kind, priority, services, who) == found
    for clock in ("respond", "resolve"):
        able = [
            one for one in levels if one.clock == clock and fits(one, kind, priority, services, who)
        ]
        assert (clock in found) == bool(able)
        if able:
            best = found[clock]
            assert best in able
            assert best.specificity == max(one.specificity for one in able)
            equal = [one for one in able if one.specificity == best.specificity]
            assert best.order == min(one.order for one in equal)
            equal = [one for one in equal if one.order == best.order]
            day = {one.name: DAYS[one.calendar] for one in equal}
            assert best.seconds(day[best.name]) == min(one.seconds(day[one.name]) for one in equal)


def test_what_is_more_specific():
    def level(name, **values):
        more = {"within": "1h", "calendar": "always", **values}
        return make("service_level", name, clock="respond", **more)

    levels = [
        level("all"),
        level("kind", kinds=["incident"]),
        level("priority", priority=2),
        level("team", team="sales"),
        level("team_site", team="sales", site="hq"),
        level("service", service="pay"),
        level("off", service="pay", team="sales", active=False),
    ]

    def best(kind="incident", priority=2, services=(), **who):
        return chosen(levels, DAYS, kind, priority, services, Customer(**who))["respond"].name

    assert best("change", 1) == "all"
    assert best(priority=1) == "kind"
    assert best() == "priority"
    assert best(teams=["sales", "voice"]) == "team"
    assert best(teams=["sales"], sites=["hq"]) == "team_site"
    assert best(teams=["sales"], services=["mail", "pay"]) == "service"


@pytest.mark.parametrize(
    ("within", "seconds"),
    [(90, 90), ("90s", 90), ("15m", 900), ("4h", 4 * HOUR), ("1d", 9 * HOUR), ("2d 1h", 19 * HOUR)],
)
def test_spans(within, seconds):
    level = make("service_level", clock="respond", within=within)
    assert level.seconds(9 * HOUR) == seconds
    assert make("service_level", **level.body()) == level


@pytest.mark.parametrize("within", [0, -5, "", "soon", "1h 1d", "0m", "99999d", True, 1.5, None])
def test_no_spans(within):
    (found,) = told(lambda: make("service_level", clock="respond", within=within))
    assert "a time such as" in found


def test_who_is_told():
    level = make(
        "service_level",
        clock="resolve",
        within="1d",
        alerts=[
            {"share": 1.5, "tell": ["manager", "service_desk"]},
            {"share": 0.8, "tell": ["assignee"]},
        ],
    )
    assert level.target(9 * HOUR).shares == (0.8, 1.5)
    assert level.told_at(1.5) == ("manager", "service_desk")
    assert level.told_at(0.5) == ()
    assert (
        len(
            told(
                lambda: make(
                    "service_level",
                    clock="resolved",
                    within="1d",
                    priority="1",
                    alerts=[{"share": 0, "tell": []}, {"share": 1, "tell": ["boss"]}],
                )
            )
        )
        == 5
    )
    twice = [{"share": 1, "tell": ["team"]}, {"share": 1.0, "tell": ["manager"]}]
    (found,) = told(lambda: make("service_level", clock="resolve", within="1d", alerts=twice))
    assert "stands once" in found


# --- priorities


def test_priorities():
    matrix = defaults().priority_matrix
    rows = [[priority_of(matrix, impact, urgency) for urgency in (1, 2, 3)] for impact in (1, 2, 3)]
    assert rows == [[1, 2, 2], [2, 2, 3], [2, 3, 3]]
    for rows in ([[1, 2, 3]], [[1, 2], [1, 2], [1, 2]], [[1, 2, 4]] * 3, [[1, 2, "3"]] * 3):
        assert told(lambda rows=rows: make("priority_matrix", "default", rows=rows))


def summary(down=0, degraded=0, at_risk=0):
    none = {"down": 0, "degraded": 0, "at_risk": 0}
    return {"down": down, "degraded": degraded, "at_risk": at_risk, "services": none}


@pytest.mark.parametrize(
    ("found", "impact"),
    [
        (summary(), 3),
        (summary(down=30, at_risk=19), 3),
        (summary(down=30, at_risk=20), 2),
    ],
)
def test_the_proposed_impact(found, impact):
    assert proposed_impact(defaults().impact_rules, found) == impact


def test_services_count_most():
    rules = defaults().impact_rules
    degraded = summary()
    degraded["services"]["degraded"] = 1
    assert proposed_impact(rules, degraded) == 2
    degraded["services"]["down"] = 1
    assert proposed_impact(rules, degraded) == 1
    assert measured(degraded)["services"] == 2


# --- dispatch

WORDS = st.sampled_from(["printer", "disk full", "网络", "VPN"])
RULES = st.builds(
    DispatchRule,
    name=st.sampled_from([f"r{n}" for n in range(6)]),
    active=st.booleans(),
    order=st.integers(0, 2),
    kinds=st.sampled_from([(), ("incident",)]),
    ci_types=st.sampled_from([(), ("device",), ("server", "switch")]),
    sites=st.sampled_from([(), ("hq",)]),
    categories=st.sampled_from([(), ("network",)]),
    words=st.lists(WORDS, max_size=2),
    team=st.sampled_from(["a", "b"]),
    line=st.sampled_from([None, 1, 2]),
    raise_priority=st.integers(-2, 2),
)
FACTS = st.builds(
    Facts,
    kind=st.sampled_from(["incident", "request"]),
    types=st.sets(st.sampled_from(["device", "server", "switch"])),
    sites=st.sets(st.sampled_from(["hq", "branch"])),
    category=st.sampled_from([None, "network"]),
    text=st.lists(WORDS, max_size=2).map(" ".join),
    priority=st.sampled_from([None, 1, 2, 3]),
)


@given(st.lists(RULES, unique_by=lambda one: one.name), FACTS, st.randoms())
def test_the_first_rule_that_fits_gives_each_field(rules, facts, random):
    found = dispatched(rules, facts)
    assert dispatched(random.sample(rules, len(rules)), facts) == found
    able = [
        one
        for one in sorted(rules, key=lambda one: (one.order, one.name))
        if one.active
        and (not one.kinds or facts.kind in one.kinds)
        and (not one.ci_types or set(one.ci_types) & set(facts.types))
        and (not one.sites or set(one.sites) & set(facts.sites))
        and (not one.categories or facts.category in one.categories)
        and (not one.words or any(word.lower() in facts.text.lower() for word in one.words))
    ]
    for name in ("team", "line"):
        given_by = [getattr(one, name) for one in able if getattr(one, name) is not None]
        assert found.get(name) == (given_by[0] if given_by else None)
    raising = [one.raise_priority for one in able if one.raise_priority]
    if raising and facts.priority is not None:
        assert found["priority"] == min(max(facts.priority - raising[0], 1), 3)
    else:
        assert "priority" not in found


@pytest.mark.parametrize(
    ("words", "text", "stands"),
    [
        ("ram", "The RAM is broken", True),
        ("ram", "The program is broken", False),
        ("ram", "program RAM", True),
        ("disk full", "DISK\n  full!", True),
        ("网络", "公司网络很慢", True),
        ("ＶＰＮ", "vpn断了", True),
        ("VPN", "openvpn", False),
        ("C++", "uses c++11", True),
        ("naïve", "a NAÏVE user", True),
        ("no", "", False),
        (".*", "anything", False),
    ],
)
def test_words_stand_whole(words, text, stands):
    assert stands_in(normal(words), normal(text)) == stands


def test_a_rule_does_something():
    assert "raises the priority" in told(lambda: make("dispatch_rule", kinds=["incident"]))[0]
    assert told(lambda: make("dispatch_rule", team=" ", line=0))


# --- approvals


@pytest.mark.parametrize(
    ("rule", "members", "needed"),
    [
        ({}, 3, 3),
        ({}, 0, 1),
        ({"rule": "any"}, 5, 1),
        ({"rule": "at_least", "count": 2}, 5, 2),
        ({"rule": "at_least", "count": 2}, 1, 2),
        ({"rule": "share", "share": 0.5}, 4, 2),
        ({"rule": "share", "share": 0.5}, 5, 3),
        ({"rule": "share", "share": 0.7}, 10, 7),
        ({"rule": "share", "share": 0.01}, 3, 1),
        ({"rule": "share", "share": 1}, 3, 3),
    ],
)
def test_how_many_must_approve(rule, members, needed):
    group = make("approval_group", role="cab_member", **rule)
    assert group.needed(members) == needed
    names = [f"m{n}" for n in range(members)]
    assert group.missing(names, []) == needed
    assert group.missing(names, [*names, "stranger"]) == max(0, needed - members)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"users": ["a"], "rule": "at_least"},
        {"users": ["a"], "rule": "any", "count": 1},
        {"users": ["a"], "rule": "at_least", "count": 2},
        {"users": ["a", "a"], "rule": "at_least", "count": 2},
        {"users": ["a"], "rule": "share"},
        {"users": ["a"], "rule": "share", "share": 0},
        {"role": "system"},
    ],
)
def test_groups_that_could_not_decide(values):
    assert len(told(lambda: make("approval_group", **values))) == 1


def test_who_approves_what():
    groups = [*defaults().approval_groups.values(), make("approval_group", "named", users=["a"])]
    groups.append(make("approval_group", "all", users=["a"], kinds=["change"]))
    groups.append(make("approval_group", "off", users=["a"], kinds=["change"], active=False))
    assert [one.name for one in approving(groups, "change", "normal")] == ["all", "cab"]
    assert [one.name for one in approving(groups, "change", "standard")] == ["all"]
    assert approving(groups, "request") == []


# --- templates, catalogue, inspections, recurrence, attachments


def test_templates_of_standard_changes():
    plans = dict.fromkeys(("benefit", "risk", "implementation_plan"), "x")
    values = {**plans, "title": "Restart", "test_plan": "ping", "back_out_plan": "none"}
    template = make(
        "change_template", "restart", **values, ci_types=["server"], valid_until="2026-12-31"
    )
    assert template.usable(date(2026, 12, 31), ["server", "device"])
    assert not template.usable(date(2027, 1, 1), ["server"])
    assert not template.usable(date(2026, 1, 1), ["switch"])
    assert template.values() == {**values, "category": "standard", "template": "restart"}
    assert len(told(lambda: make("change_template", title="x", ci_types=[], risk=" "))) == 6


def test_who_may_order():
    item = {"label": "x", "label_zh": "x"}
    assert make("catalogue_item", **item).orderable([], [])
    by_role = make("catalogue_item", **item, roles=["fulfiller"])
    assert by_role.orderable(["fulfiller"], [])
    assert not by_role.orderable(["requester"], ["hr"])
    assert make("catalogue_item", **item, teams=["hr"]).orderable(["requester"], ["hr"])
    assert not make("catalogue_item", **item, active=False).orderable(["administrator"], [])
    field = {"name": "a", "type": "text", "label": "A", "label_zh": "A"}
    for values in (
        {"approval": "group"},
        {"group": "cab"},
        {"form": [field], "required": ["b"]},
        {"form": [field, field]},
        {"roles": ["boss"]},
    ):
        assert len(told(lambda values=values: make("catalogue_item", **item, **values))) == 1


FORM = [
    {"name": "temperature", "type": "number", "label": "T", "label_zh": "温度"},
    {"name": "leak", "type": "flag", "label": "Leak", "label_zh": "漏水"},
]


def plan(**values):
    said = {"title": "Round", "team": "facility", "ci_types": ["room"], "form": FORM}
    return make("inspection_plan", **{**said, "every_days": 7, **values})


def test_findings_of_inspections():
    hot = {"subject": "temperature", "operator": "at least", "value": 28, "words": "it is too hot"}
    made = plan(findings=[hot, {"subject": "leak", "operator": "is", "value": True}])
    assert made.found({"temperature": 22, "leak": False}) == []
    assert made.found({"temperature": 30.5, "leak": True}) == ["it is too hot", "leak is True"]
    assert (made.opens.impact, made.opens.urgency) == (3, 2)


def test_when_inspections_are_due():
    zone = ZoneInfo("Europe/Berlin")
    friday = datetime(2026, 3, 27, 9, tzinfo=zone).timestamp()
    found = datetime.fromtimestamp(plan(zone="Europe/Berlin").due(friday), zone)
    assert (found.date(), found.time()) == (date(2026, 4, 3), time(9))  # clocks went forward
    weekly = plan(every_days=None, cron="30 7 * * 1")
    assert datetime.fromtimestamp(weekly.due(friday), UTC) == datetime(
        2026, 3, 30, 7, 30, tzinfo=UTC
    )
    for values in (
        {"cron": "0 0 * * *"},
        {"every_days": None},
        {"every_days": None, "cron": "0 0 31 2 *"},
        {"ci_types": []},
        {"findings": [{"subject": "smell", "operator": "filled"}]},
        {"required": ["smell"]},
        {"form": []},
    ):
        assert len(told(lambda values=values: plan(**values))) == 1


@given(
    st.lists(
        st.tuples(st.integers(0, 20), st.sampled_from("ab"), st.sampled_from(["x", "y", ""])),
        max_size=12,
    )
)
def test_what_recurs(found):
    seen = [
        Occurrence(f"INC-{n}", "incident", day * DAY, category, [ci], ["server"])
        for n, (day, ci, category) in enumerate(found)
    ]
    now = 20 * DAY
    rule = make("problem_rule", count=3, days=7)
    for ci in "ab":
        late = [one for one in seen if ci in one.cis and one.opened > now - 7 * DAY]
        names = recurring(rule, seen, now).get((ci,), [])
        assert sorted(names) == (sorted(one.number for one in late) if len(late) >= 3 else [])
    both = recurring(make("problem_rule", count=2, days=30, same=["type", "category"]), seen, now)
    assert set(both) <= {("server", "x"), ("server", "y")}
    assert recurring(make("problem_rule", active=False), seen, now) == {}


def test_what_may_be_attached():
    limits = defaults().attachment_limits
    assert refused(limits, "a.png", "image/PNG; x=1", 10 * 1024 * 1024, 19) == []
    found = refused(limits, "a.svg", "image/svg+xml", 10 * 1024 * 1024 + 1, 20)
    assert [one.fields["name"] for one in found] == ["size", "number of files", "media type"]
    values = {"media_types": ["PNG"], "file_bytes": 0, "files": -1}
    assert len(told(lambda: make("attachment_limits", "default", **values))) == 3
