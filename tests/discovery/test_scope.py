"""Scopes: exactly what is allowed and not denied, and never more than the cap."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.errors import Rejected, WrongValue
from discovery.scope import (
    FRAGILE_PORTS,
    OutOfScope,
    Scope,
    TooManyAddresses,
    network,
    networks,
)

WORLDS = {4: ipaddress.ip_network("10.0.0.0/26"), 6: ipaddress.ip_network("2001:db8::/122")}
ADDRESSES = frozenset(one for world in WORLDS.values() for one in world)


def net(*texts):
    return tuple(ipaddress.ip_network(text) for text in texts)


@st.composite
def parts(draw):
    """A network within one of the two small worlds."""
    world = draw(st.sampled_from(list(WORLDS.values())))
    length = draw(st.integers(world.prefixlen, world.max_prefixlen))
    position = draw(st.integers(0, 2 ** (length - world.prefixlen) - 1))
    size = 2 ** (world.max_prefixlen - length)
    return ipaddress.ip_network((world.network_address + position * size, length))


several = st.lists(parts(), max_size=6).map(tuple)


def all_of(nets):
    return {one for whole in nets for one in whole}


@given(several, several, several)
def test_chosen_is_what_is_wanted_and_not_denied(allow, deny, wanted):
    scope = Scope(allow, deny)
    if not all_of(wanted) <= all_of(allow):
        with pytest.raises(Rejected) as caught:
            scope.chosen(wanted, "job")
        outside = {error.fields["target"] for error in caught.value.errors}
        assert all_of(net(*outside)) >= all_of(wanted) - all_of(allow)
        return
    chosen = scope.chosen(wanted, "job")
    found = [address for part in chosen for address in part]
    assert len(found) == len(set(found))
    assert set(found) == all_of(wanted) - all_of(deny)
    assert all(scope.permits(part) for part in chosen)
    scope.check(chosen, "job")


@given(several, several)
def test_what_is_permitted_is_allowed_whole_and_denied_nowhere(allow, deny):
    scope = Scope(allow, deny)
    may = all_of(allow) - all_of(deny)
    assert {one for one in ADDRESSES if scope.permits(one)} == may
    for whole in (*allow, *deny, *WORLDS.values()):
        assert scope.permits(whole) == (set(whole) <= may)


@given(several, several)
def test_the_cap_is_exact(allow, deny):
    left = len(all_of(allow) - all_of(deny))
    assert (
        sum(o.num_addresses for o in Scope(allow, deny, most_addresses=left).chosen(allow, "j"))
        == left
    )
    if left:
        with pytest.raises(TooManyAddresses) as caught:
            Scope(allow, deny, most_addresses=left - 1).chosen(allow, "job")
        assert caught.value.fields == {"place": "job", "count": str(left), "most": left - 1}


def test_caps_count_what_nobody_could_list():
    whole = net("2001:db8::/32")
    with pytest.raises(TooManyAddresses, match=str(2**96)):
        Scope(whole).chosen(whole, "job")
    with pytest.raises(TooManyAddresses, match=str(2**96 - 1)):
        Scope(whole, net("2001:db8::7")).chosen(whole, "job")


def test_many_denied_networks():
    whole, odd = (
        net("10.0.0.0/20"),
        net(*(f"10.0.{n // 128}.{n % 128 * 2 + 1}" for n in range(2048))),
    )
    chosen = Scope(whole, odd).chosen(whole, "job")
    assert chosen == list(net(*(f"10.0.{n // 128}.{n % 128 * 2}" for n in range(2048))))


def test_neighbours_that_are_allowed_make_one_network():
    halves = net("10.0.0.0/25", "10.0.0.128/25")
    assert Scope(halves).permits(net("10.0.0.0/24")[0])
    assert Scope(halves).chosen(halves, "job") == list(net("10.0.0.0/24"))
    assert not Scope(halves).permits(net("10.0.0.0/23")[0])


def test_nothing_is_allowed_that_is_not_said_to_be():
    scope = Scope(())
    assert not any(scope.permits(one) for one in ADDRESSES)
    assert scope.chosen((), "job") == []
    with pytest.raises(Rejected) as caught:
        scope.check([ipaddress.ip_address("10.0.0.1"), net("::1")[0]], "job")
    assert [type(error) for error in caught.value.errors] == [OutOfScope] * 2
    assert [error.fields["target"] for error in caught.value.errors] == ["10.0.0.1", "::1/128"]


def test_families_do_not_mix():
    scope = Scope(net("0.0.0.0/1", "128.0.0.0/1"))
    assert scope.permits(ipaddress.ip_address("10.0.0.1"))
    assert not scope.permits(ipaddress.ip_address("::ffff:10.0.0.1"))
    assert not scope.permits(ipaddress.ip_address("::a00:1"))


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("10.0.0.0/24", "10.0.0.0/24"),
        ("10.0.0.1", "10.0.0.1/32"),
        ("2001:DB8::/64", "2001:db8::/64"),
        ("::1", "::1/128"),
        ("128.0.0.0/1", "128.0.0.0/1"),
    ],
)
def test_literals(text, canonical):
    assert str(network(text, "job")) == canonical


def test_all_wrong_literals_are_told():
    with pytest.raises(Rejected) as caught:
        networks(["10.0.0.1", "10.0.0.1/8", "::ffff:10.0.0.1", "::/0", None], "deny")
    errors = caught.value.errors
    assert [type(one) for one in errors] == [WrongValue] * 4
    assert [one.fields["place"] for one in errors] == ["deny[1]", "deny[2]", "deny[3]", "deny[4]"]


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Z", "Cc"]), max_size=20))
def test_text_is_a_literal_or_refused(text):
    try:
        found = network(text, "job")
    except WrongValue:
        return
    assert text.isascii()
    assert str(found.network_address) == str(ipaddress.ip_address(text.partition("/")[0]))


def test_what_makes_printers_print_is_out():
    assert Scope(()).forbidden_ports == FRAGILE_PORTS
    assert {9100, 515, 502, 102, 47808} <= FRAGILE_PORTS
