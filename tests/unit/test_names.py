"""Keys and names: one spelling, nothing invisible, and a warning of what looks alike."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.identity.names import checked_name, look_alike


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
    assert checked_name(given_text) == name
    assert checked_name(name) == name


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
        ("", "is blank"),
        (" \t\u3000", "is blank"),
    ],
)
def test_what_is_refused_is_named(text, words):
    with pytest.raises(ValueError, match=r"remove it|at least one") as caught:
        checked_name(text)
    assert words in str(caught.value)


@given(st.text())
def test_a_checked_name_stays_as_it_is(text):
    try:
        name = checked_name(text)
    except ValueError:
        return
    assert checked_name(name) == name == unicodedata.normalize("NFC", name)
    assert name == name.strip() != ""


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
    assert look_alike(f"srv-{number}" for number in range(100_000)) == []
    assert look_alike(["only-ascii", "other"]) == []
