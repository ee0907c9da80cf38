"""Two languages: every error, with the same fields."""

from string import Formatter

import pytest

import api.http.app
import api.http.resources.glpi  # noqa: F401 - these declare errors of their own
import cmdb.messages.signatures
import cmdb.services.assumptions
import cmdb.services.delivery
import cmdb.services.ticketing.importing
import cmdb.services.ticketing.opening
import cmdb.tickets.ticket  # noqa: F401
import discovery.working  # noqa: F401
from api.chinese import TITLES, WORDS, ZH
from api.messages import (
    language_from_environment,
    language_from_header,
    message,
    t,
    title,
)
from cmdb import errors
from cmdb.errors import CMDBError, InvalidInput, Rejected, UnknownField, UnknownName
from cmdb.impact.states import STATES
from cmdb.schema.records import STATUSES
from discovery import readers

readers.scanning()  # imports all agents


def every_error_class():
    found, todo = [], [CMDBError]
    while todo:
        kind = todo.pop()
        found.append(kind)
        todo += kind.__subclasses__()
    ours = ("cmdb.", "api.", "discovery.")
    return [kind for kind in found if kind.__module__.startswith(ours)]


def placeholders(template):
    return sorted(name for _, name, _, _ in Formatter().parse(template) if name)


def example(kind):
    if kind is Rejected:
        return Rejected([errors.NotFound(kind="token", name="x"), errors.CMDBError(detail="y")])
    if issubclass(kind, UnknownName):
        return kind(place="body", kind="field", name="nmae", known=["name", "key"])
    return kind(**{name: f"<{name}>" for name in placeholders(kind.template)})


EXAMPLES = {kind.__name__: example(kind) for kind in every_error_class()}


@pytest.mark.parametrize("kind", every_error_class(), ids=lambda kind: kind.__name__)
def test_every_error_has_a_chinese_template_with_the_same_fields(kind):
    assert placeholders(ZH[kind.__name__]) == placeholders(kind.template)
    assert kind.__name__ in TITLES
    error = EXAMPLES[kind.__name__]
    assert message(error, "en") == str(error)
    assert "{" not in message(error, "zh")
    assert title(error, "en")[0].isupper()
    assert title(error, "zh") == TITLES[kind.__name__]


def test_no_template_without_an_error():
    names = {kind.__name__ for kind in every_error_class()}
    assert set(ZH) == set(TITLES) == names


def test_fields_are_translated_but_people_s_data_is_not():
    error = UnknownField(place="body", kind="field", name="nmae", known=["name"])
    assert message(error, "zh") == "正文：未知的字段 'nmae'；最接近的已知名称：'name'"
    error = errors.NotFound(kind="configuration item", name="live")
    assert message(error, "zh") == "没有配置项 'live'"
    assert t("live", "zh") == "运行中"
    both = Rejected([error, InvalidInput(place="body", detail="a number")])
    assert message(both, "zh") == "2 个错误：没有配置项 'live'；正文：数字"


def test_an_error_we_do_not_know_stays_english():
    class Fresh(CMDBError):
        template = "something {new}"

    error = Fresh(new="else")
    assert message(error, "zh") == "something else"
    assert title(error, "zh") == "Fresh"
    Fresh.__module__ = "tests"


def test_words():
    for word in (*STATES, *STATUSES, "Key", "Name", "Type", "State", "Distance", "Cause", "Path"):
        assert t(word, "zh") == WORDS[word] != word
        assert t(word, "en") == word
    assert t("no such word", "zh") == "no such word"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("zh", "zh"),
        ("zh-CN", "zh"),
        ("zh-Hans-CN,en;q=0.5", "zh"),
        ("en-GB,zh;q=0.9", "en"),
        ("fr,zh;q=0.2,en;q=0.1", "zh"),
        ("fr", "en"),
        ("zh;q=0", "en"),
        ("*", "en"),
        ("ZH-cn ; q=0.9", "zh"),
        ("zh;q=x,en;q=0.5", "zh"),
        (";;,,q=", "en"),
    ],
)
def test_language_of_a_request(header, language):
    assert language_from_header(header) == language


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LC_ALL": "en_US.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "zh_CN", "LANG": "en"}, "zh"),
        ({"CMDB_LANG": "zh", "LC_ALL": "C"}, "zh"),
        ({"CMDB_LANG": "en", "LANG": "zh_CN.UTF-8"}, "en"),
    ],
)
def test_language_of_a_terminal(environment, language):
    assert language_from_environment(environment) == language
