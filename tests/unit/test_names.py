"""Keys and names: one spelling, nothing invisible, and a warning of what looks alike."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.errors import CMDBError, ForbiddenCharacter
from cmdb.identity.names import checked_name, look_alike, readable
from cmdb.identity.observation import Alias, ObservedItem, ObservedRelation
from cmdb.identity.validation import Validator
from cmdb.schema.catalog import builtin_catalog


@pytest.mark.parametrize(
    ("given_text", "name"),
    [
        ("sw-1", "sw-1"),
        ("  sw-1\t", "sw-1"),
        ("\u3000核心交换机 1\u00a0", "核心交换机 1"),
        ("cafe\u0301", "caf\u00e9"),
        ("\u212bngström", "Ångström"),
        ("a=b@c/\\'\"", "a=b@c/\\'\""),
        ("ｓｗ－１", "ｓｗ－１"),
        ("сервер", "сервер"),
    ],
)
def test_one_spelling(given_text, name):
    assert checked_name(given_text, "row 1", "key") == name
    assert checked_name(name, "row 1", "key") == name


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a\x00b", "a control character (U+0000) at position 2"),
        ("a\nb", "a control character (U+000A)"),
        ("a\x7f", "(U+007F)"),
        ("a\x85b", "(U+0085)"),
        ("ab\u202ecd", "an invisible character (U+202E RIGHT-TO-LEFT OVERRIDE) at position 3"),
        ("\u2066a\u2069", "(U+2066 LEFT-TO-RIGHT ISOLATE) at position 1"),
        ("a\u200bb", "(U+200B ZERO WIDTH SPACE)"),
        ("a\u200db", "(U+200D ZERO WIDTH JOINER)"),
        ("a\ufeffb", "(U+FEFF ZERO WIDTH NO-BREAK SPACE)"),
        ("a\u00adb", "(U+00AD SOFT HYPHEN)"),
        ("a\ufe0fb", "(U+FE0F VARIATION SELECTOR-16)"),
        ("a\u3164b", "(U+3164 HANGUL FILLER)"),
        ("a\U000e0041b", "(U+E0041 TAG LATIN CAPITAL LETTER A)"),
        ("a\ue000b", "a private-use character (U+E000)"),
        ("a\uffffb", "a character that Unicode does not define (U+FFFF)"),
        ("a\ud800b", "half a character (U+D800)"),
        ("a\u2028b", "a line break (U+2028 LINE SEPARATOR)"),
        ("", "'key' is '', but must be a visible character"),
        (" \t\u3000", "must be a visible character"),
    ],
)
def test_what_is_refused_is_named(text, words):
    with pytest.raises(CMDBError, match=r"^row 1: 'key' ") as caught:
        checked_name(text, "row 1", "key")
    assert words in str(caught.value)
    assert str(caught.value).isprintable()


@given(st.text())
def test_a_checked_name_stays_as_it_is(text):
    try:
        name = checked_name(text, "row 1", "key")
    except CMDBError:
        return
    assert checked_name(name, "row 1", "key") == name == unicodedata.normalize("NFC", name)
    assert name == name.strip() != ""


@given(st.text())
def test_what_can_be_read_of_a_text_is_never_refused(text):
    kept = readable(text)
    assert len(kept) <= len(text)
    if kept.strip():
        checked_name(kept, "row 1", "key")


@pytest.mark.parametrize(
    "group",
    [
        ["sw-1", "ѕw-1"],
        ["paypal", "рауpаl"],
        ["sw-1", "ｓｗ-1"],
        ["db-I", "db-І"],
        ["sw-1", "sw‑1"],
        ["rnail", "ｍail"],
        ["a b", "a\u00a0b", "a\u3000b"],
        ["データ", "デ一タ"],
    ],
)
def test_look_alikes_are_found(group):
    others = ["sw-2", "核心交换机", "router", "café"]
    assert look_alike([*others, *group]) == [sorted(group)]


def test_plain_different_keys_are_not_reported():
    plain = ["sw-1", "sw-l", "sw-I", "db-0", "db-O", "rn", "m", "café", "cafe", "Web", "web"]
    chinese = [
        "核心交换机",
        "汇聚交换机",
        "机房-1",
        "机房-l",
        "北京",
        "背景",
        "己",
        "已",
        "未",
        "末",
    ]
    assert look_alike([*plain, *chinese]) == []
    assert look_alike(["sw-1", "sw-1"]) == []
    assert look_alike([]) == []


def test_groups_and_their_members_are_sorted():
    keys = ["web", "wеb", "аpp", "app", "ａpp"]
    assert look_alike(keys) == sorted([sorted(["app", "аpp", "ａpp"]), sorted(["web", "wеb"])])


def test_ascii_keys_are_not_looked_at(monkeypatch):
    """A million of them must cost nothing: the data is not even read."""

    def unwanted():
        raise AssertionError

    monkeypatch.setattr("cmdb.identity.names._prototypes", unwanted)
    assert look_alike([f"srv-{number}" for number in range(100_000)]) == []
    assert look_alike(["only-ascii", "other"]) == []


def test_observations_are_taken_in_one_spelling():
    validator = Validator(builtin_catalog())
    nfd, nfc = "cafe\u0301", "caf\u00e9"
    plain = ObservedItem("plain", "server", "row 2", aliases=(Alias("netbox", "7"),))
    validator.take(
        ObservedItem(
            f" {nfd}",
            "server",
            "row 1",
            name=f"{nfd} ",
            redundancy={nfd: {"need": 1}},
            aliases=(Alias(nfd, nfd),),
            within=nfd,
        )
    )
    validator.take(plain)
    validator.take(ObservedRelation(nfd, "uses", f"{nfd}2\u00a0", "row 3", group=nfd, id=nfd))
    assert validator.errors == []
    item, other = validator.taken_items()
    assert (item.key, item.name, item.within, item.aliases) == (nfc, nfc, nfc, (Alias(nfc, nfc),))
    assert item.redundancy == {nfc: {"need": 1}}
    assert other is plain
    relation = validator.relations[0]
    ends = relation.from_key, relation.to_key
    assert (*ends, relation.group, relation.id) == (nfc, f"{nfc}2", nfc, nfc)


def test_every_bad_name_of_an_observation_is_told_at_its_place():
    validator = Validator(builtin_catalog())
    bad = "a\u202eb"
    validator.take(
        ObservedItem(bad, "server", "row 1", name=" ", aliases=(Alias("x", bad),), within=bad)
    )
    validator.take(ObservedRelation("a", "uses", bad, "row 2", id=bad))
    assert validator.taken_items() == validator.relations == []
    assert [(one.fields["place"], one.fields["name"]) for one in validator.errors] == [
        ("row 1", "'key'"),
        ("row 1", "'name'"),
        ("row 1", "'within'"),
        ("row 1", "'aliases'"),
        ("row 2", "'to'"),
        ("row 2", "'id'"),
    ]
    assert isinstance(validator.errors[0], ForbiddenCharacter)


def test_keys_that_are_one_after_spelling_are_there_twice():
    validator = Validator(builtin_catalog())
    validator.take(ObservedItem("cafe\u0301", "server", "row 1"))
    validator.take(ObservedItem("caf\u00e9", "server", "row 2"))
    (error,) = validator.errors
    assert (error.fields["place"], error.fields["first"]) == ("row 2", "row 1")


def test_a_run_tells_its_keys_that_look_alike():
    validator = Validator(builtin_catalog())
    for number, key in enumerate(("sw-1", "\u0455w-1", "sw-2")):
        validator.take(ObservedItem(key, "switch", f"row {number}"))
    assert validator.look_alikes() == [["sw-1", "\u0455w-1"]]
    assert validator.errors == []
