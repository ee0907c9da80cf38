"""What messages say: complete in both languages, whatever the parameters are, and checked."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.errors import Rejected, UnknownName
from cmdb.messages.message import LONGEST_WAIT, MOST_ATTEMPTS, MOST_ERROR, Message
from cmdb.messages.templates import (
    MOST_SUBJECT,
    MOST_TEXT,
    Words,
    default_templates,
    read_override,
    rendered,
)

TEMPLATES = default_templates()
WANTED = {
    *("ticket_opened", "ticket_assigned", "ticket_waiting_for_user", "ticket_resolved"),
    *("ticket_closed", "approval_wanted", "sla_warning", "sla_breached", "survey"),
    *("comment_added", "major_incident", "children_informed", "problem_proposed"),
    *("inspection_due", "article_review_due", "ticket_changed", "test"),
}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_there_is_one_for_each_event():
    assert TEMPLATES.keys() == WANTED


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda one: one.name)
def test_both_languages_show_the_same_parameters(template):
    for words in (template.en, template.zh):
        said = f"{words.subject}\n{words.text}"
        found = {name for _, name, _, _ in string.Formatter().parse(said) if name is not None}
        assert found == set(template.parameters)
    assert CHINESE.search(template.zh.subject)
    assert not CHINESE.search(template.en.subject + template.en.text)
    assert template.words("zh") is template.zh
    assert template.words("fr") is template.en


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda one: one.name)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_whole_message_and_an_empty_one(template, language):
    values = {name: f"<{name}>" for name in template.parameters}
    said = rendered(template.words(language), values)
    assert all(value in said.subject + said.text for value in values.values())
    assert "{" not in said.subject + said.text
    assert "\n\n\n" not in said.text
    empty = rendered(template.words(language), {})
    assert "{" not in empty.subject + empty.text


def test_lines_of_what_is_not_there_are_left_out():
    said = rendered(TEMPLATES["ticket_opened"].zh, {"number": "INC-1", "title": "磁盘", "due": ""})
    assert said.subject == "[INC-1] 已受理：磁盘"
    assert said.text == "工单 INC-1 已创建：磁盘\n"
    words = Words(subject="{a}", text="A: {a}{b}\n\n{a}\n\nfixed")
    assert rendered(words, {"b": 0}).text == "A: 0\n\nfixed\n"


def test_parameters_are_text_and_nothing_else():
    words = Words(subject="{title}", text="{title}\n{text}")
    hostile = "{text}{0.__class__}\r\n<script>\x1b[31m\u202e%s"
    said = rendered(words, {"title": hostile, "text": ["a", 1], "other": object()})
    assert said.subject == "{text}{0.__class__} <script>[31m%s"
    assert said.text == "{text}{0.__class__}\n<script>[31m%s\n['a', 1]\n"


ANY = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=3)
)


@given(st.text(min_size=1), st.text(min_size=1), st.dictionaries(st.text(), ANY))
def test_it_never_fails(subject, text, parameters):
    said = rendered(Words(subject=subject[:MOST_SUBJECT], text=text), parameters)
    assert len(said.subject) <= MOST_SUBJECT
    assert said.subject == " ".join(said.subject.split())
    said.text.encode()


def test_long_texts_are_cut():
    words = Words(subject="{text}", text="{text} {text} {text}")
    said = rendered(words, {"text": "长" * 30_000})
    assert (len(said.subject), said.subject[-1]) == (MOST_SUBJECT, "…")
    assert len(said.text) == MOST_TEXT + 1


def test_other_words():
    words = {"subject": "{number}", "text": "{text}"}
    assert read_override("comment_added", {"zh": words}) == {"zh": words}
    changed = TEMPLATES["comment_added"].overridden({"zh": words})
    assert (changed.zh.subject, changed.en) == ("{number}", TEMPLATES["comment_added"].en)
    with pytest.raises(UnknownName, match="comment_added"):
        read_override("comment_add", {"zh": words})


def test_everything_wrong_with_other_words_is_told_at_once():
    good = {"subject": "{nmber} {number}", "text": "{text} {0} {}"}
    values = {"en": good, "zh": {"subject": "", "txt": "x"}, "fr": good}
    with pytest.raises(Rejected) as caught:
        read_override("comment_added", values)
    said = "\n".join(map(str, caught.value.errors))
    assert "template comment_added, en.subject: unknown placeholder 'nmber'" in said
    assert "nearest known name: 'number'" in said
    assert "en.text: unknown placeholder '0'" in said
    assert "en.text: unknown placeholder ''" in said
    assert "'zh.subject' is '', but must be a text of 1 to 200 characters" in said
    assert "'zh.text' is" in said
    assert "'zh.txt' is 'x', but must be 'subject' or 'text'" in said
    assert "unknown language 'fr'" in said
    for wrong in ({}, {"en": "x"}, {"en": {"subject": 1, "text": "x"}}):
        with pytest.raises(Rejected):
            read_override("comment_added", wrong)


def test_waits_grow_up_to_a_limit():
    message, now, waits = Message("email", "a@b", "test"), 0.0, []
    for _ in range(MOST_ATTEMPTS):
        message = message.failed("x\n" * 1000, now)
        waits.append(message.due - now)
        now = message.due
    assert waits == [60, 240, 960, 3840, 15360, *[LONGEST_WAIT] * 5]
    assert len(message.error) <= MOST_ERROR
    fresh = message.renewed(now)
    assert (fresh.attempts, fresh.due, fresh.free(now)) == (0, now, True)
