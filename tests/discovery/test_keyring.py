"""Credentials are tried in their order, and so seldom that nobody is locked out."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from discovery.agent import Secret
from discovery.keyring import MOST_REFUSALS, Keyring, at

USERS, TARGETS = ("root", "admin"), ("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5")


def login(number, user, kind="ssh_password"):
    return Secret(f"c{number}", kind, {"user": user, "password": str(number)})


@st.composite
def worlds(draw):
    """Secrets of few users, which of them each target takes, and how an agent goes about it."""
    users = draw(st.lists(st.sampled_from(USERS), min_size=1, max_size=6))
    kinds = st.sampled_from(["ssh_password", "basic"])
    secrets = [login(number, user, draw(kinds)) for number, user in enumerate(users)]
    names = st.sets(st.sampled_from([one.name for one in secrets]))
    good = {target: draw(names) for target in TARGETS}
    visits = draw(st.lists(st.tuples(st.sampled_from(TARGETS), st.booleans()), max_size=20))
    return secrets, good, visits


@given(worlds(), st.sets(st.integers(0, 19)))
def test_no_target_refuses_a_user_so_often_as_to_lock_him_out(world, restarts):
    """Whether the agent asks anew after each refusal, or goes through what it was given."""
    secrets, good, visits = world
    keys, refused, accepted = Keyring(secrets), [], []
    refusals: Counter[tuple[str, str]] = Counter()
    for number, (target, patient) in enumerate(visits):
        if number in restarts:  # another worker, or another shard
            keys = Keyring(secrets, refused, accepted)
        left = keys.secrets(target, ("ssh_password", "basic"))
        assert len({one.name for one in left}) == len(left)
        while left:
            secret = left.pop(0)
            if secret.name in good[target]:
                keys.accepted(secret, target)
                accepted.append(at(secret, target))
                assert keys.secrets(target, ("ssh_password", "basic")) == [secret]
                break
            keys.refused(secret, target)
            refused.append(at(secret, target))
            refusals[target, secret.values["user"]] += 1
            if patient:
                left = keys.secrets(target, ("ssh_password", "basic"))
    assert all(count <= MOST_REFUSALS for count in refusals.values())
    assert len(set(refused)) == len(refused)
    wrong = Counter(one.partition("@")[0] for one in refused)
    works = {one.partition("@")[0] for one in accepted}
    assert all(count <= MOST_REFUSALS + 1 for name, count in wrong.items() if name not in works)


def test_a_wrong_password_is_given_up_and_a_community_is_not():
    wrong, community = login(1, "root"), Secret("public", "snmp_v2c", {"community": "public"})
    keys = Keyring([wrong, community])
    for number in range(MOST_REFUSALS + 1):
        for secret in (wrong, community):
            keys.refused(secret, f"10.0.1.{number}")
    assert keys.secrets("10.0.2.1", ("ssh_password",)) == []
    assert keys.secrets("10.0.2.1", ("snmp_v2c",)) == [community]
    assert keys.secrets("10.0.1.0", ("snmp_v2c",)) == []


def test_one_that_was_good_somewhere_is_tried_on():
    keys = Keyring([login(1, "root")])
    keys.accepted(login(1, "root"), "10.0.0.1")
    for number in range(2, 9):
        keys.refused(login(1, "root"), f"10.0.0.{number}")
    assert keys.secrets("10.0.0.9", ("ssh_password",)) == [login(1, "root")]
    assert keys.secrets("10.0.0.2", ("ssh_password",)) == []


def test_in_their_order_and_of_the_kinds_asked_for():
    secrets = [login(2, "b"), login(1, "a", "basic"), login(3, "a"), login(4, "b")]
    keys = Keyring(secrets)
    assert keys.secrets("x", ("ssh_password",)) == [secrets[0], secrets[2], secrets[3]]
    assert keys.secrets("x", ("basic", "ssh_password")) == secrets
    keys.accepted(secrets[2], "x")
    assert keys.secrets("x", ("ssh_password",)) == [secrets[2]]
    assert keys.secrets("x", ("basic",)) == [secrets[1]]
    keys.refused(secrets[2], "x")
    assert keys.secrets("x", ("ssh_password",)) == [secrets[0], secrets[3]]
