"""Every detail that the core tells has a Chinese form; what stays English is data."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.chinese import WORDS
from api.chinese_phrases import IN_WORDS, PHRASES
from api.messages import message, said
from cmdb.errors import InvalidInput, UnreadableInput, WrongValue
from cmdb.schema.attributes import Attribute
from cmdb.schema.sources import BUILTIN
from tests.api.test_messages import placeholders

ROOT = Path(__file__).parents[2]
PLACES = (
    "api/*.py",
    "api/http/**/*.py",
    *(f"cmdb/{name}/**/*.py" for name in ("forms", "identity", "reports", "schema", "services")),
    *(f"cmdb/{name}/**/*.py" for name in ("messages", "senders")),
    "cmdb/bootstrap.py",
    "cmdb/stores/**/*.py",
    "cmdb/tickets/**/*.py",
    "cmdb/settings.py",
    *(f"discovery/{name}.py" for name in ("documents", "rows", "tabular", "workbooks")),
    *(f"discovery/agents/{name}.py" for name in ("csv", "estate", "xlsx")),
    "discovery/agents/glpi/*.py",
    "discovery/agents/netbox/*.py",
)
TOLD = frozenset({"detail", "expected", "permission", "given"})
RAISED = frozenset({"ValueError", "TypeError"})
NAMES_OF_FIELDS = frozenset({"detail", "expected", "allowed"})


def texts(node: ast.expr) -> Iterator[str]:
    """The texts that an expression may be, with 7 for what is filled in."""
    if isinstance(node, ast.IfExp):
        yield from (text for one in (node.body, node.orelse) for text in texts(one))
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(v.value) if isinstance(v, ast.Constant) else "7" for v in node.values)


def told(path: Path) -> Iterator[str]:
    """What a module says in details of errors."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Assign):
            names = {one.id for one in node.targets if isinstance(one, ast.Name)}
            if names & NAMES_OF_FIELDS:
                yield from texts(node.value)
        elif isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg in TOLD:
                    yield from texts(keyword.value)
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            if name in RAISED and node.args:
                yield from texts(node.args[0])
            elif name == "Finding":
                yield from texts(node.args[-1])


@pytest.mark.parametrize("place", PLACES)
def test_no_detail_lacks_a_translation(place):
    found = {text for path in ROOT.glob(place) for text in told(path)}
    missing = [text for text in sorted(found) if " " in text and said(text, "zh") == text]
    assert missing == []


def test_a_phrase_and_its_translation_have_the_same_fields():
    for english, chinese in PHRASES.items():
        if '"need"' not in english:
            assert placeholders(english) == placeholders(chinese)
    assert not PHRASES.keys() & WORDS.keys()
    assert {"detail", "problem"} <= IN_WORDS


@pytest.mark.parametrize(
    ("error", "chinese"),
    [
        (
            UnreadableInput(place="x.csv", detail="there is no such file; check the path"),
            "x.csv：没有这个文件；请检查路径",
        ),
        (
            UnreadableInput(
                place="x", detail="it is larger than 64 MiB, the limit for a line; split it"
            ),
            "x：超过了 64 MiB，这是一行的上限；请拆分",
        ),
        (
            WrongValue(
                place="a",
                name="'n'",
                value="7",
                expected=Attribute(
                    "n", "integer", "", many=True, minimum=1, maximum=5, unit="MiB"
                ).expected(),
            ),
            "a：'n' 的值是 7，但必须是列表，其中每个都是1 到 5 的整数，单位 MiB",
        ),
        (
            WrongValue(place="body", name="it", value="a list", expected="one of live, a"),
            "正文：它 的值是 列表，但必须是以下之一：live, a",
        ),
        (
            InvalidInput(place="x", detail="line 3, column 4: what nobody knows"),
            "x：第 3 行第 4 列：what nobody knows",
        ),
        (InvalidInput(place="live", detail="from dusk to dawn"), "运行中：from dusk to dawn"),
    ],
)
def test_phrases_are_translated_with_what_they_are_filled_with(error, chinese):
    assert message(error, "zh") == chinese
    assert message(error, "en") == str(error)


def test_descriptions_of_sources_are_translated():
    assert all(said(one.description, "zh") != one.description for one in BUILTIN)
