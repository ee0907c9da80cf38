"""What people read, in their language: error messages and the words of the user interface.

Domain errors carry an English template and its fields; `api.chinese` has the same in Chinese.
"""

import os
import re
from collections.abc import Mapping
from typing import Any

from api.chinese import TITLES, WORDS, ZH
from api.chinese_phrases import phrase
from cmdb.errors import CMDBError, Rejected, UnknownName

LANGUAGES = ("en", "zh")
TAGS = {"en": "en", "zh": "zh-CN"}
"""The language tag of each language, as in `Content-Language`."""

IN_WORDS = frozenset({"kind", "detail", "permission", "expected", "address", "given", "words"})
"""Fields of errors that hold our words; the others hold people's data, which stays as it is."""

KINDS = frozenset({"an object", "a list", "a very large number"})
"""What stands for a value that is not shown."""


def t(word: str, language: str) -> str:
    """A word of the user interface in the language; the English word when it has no other."""
    return WORDS.get(word, word) if language == "zh" else word


def said(text: str, language: str) -> str:
    """A phrase in the language, also one that was filled; the English one when it has no other."""
    return (phrase(text, WORDS) or text) if language == "zh" else text


def title(error: CMDBError, language: str) -> str:
    """What kind of error it is, in a few words."""
    if language == "zh" and error.code in TITLES:
        return TITLES[error.code]
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", error.code)
    return words[0] + words[1:].lower()


def message(error: CMDBError, language: str) -> str:
    """The error's message in the language."""
    template = ZH.get(error.code) if language == "zh" else None
    if template is None:
        return str(error)
    return template.format(**_translated(error))


def _translated(error: CMDBError) -> Mapping[str, Any]:
    fields = {name: _in_chinese(name, value) for name, value in error.fields.items()}
    if isinstance(error, UnknownName):
        fields["hint"] = f"；最接近的已知名称：'{error.nearest}'" if error.nearest else ""
        kind, of, owner = str(error.fields["kind"]).partition(" of ")
        if of:
            fields["kind"] = f"{owner} {t(kind, 'zh')}"
    if isinstance(error, Rejected):
        fields["summary"] = "；".join(message(one, "zh") for one in error.errors[:3])
    return fields


def _in_chinese(name: str, value: Any) -> Any:
    """A field of an error, translated where it holds our words."""
    if not isinstance(value, str):
        return value
    if name in IN_WORDS:
        return said(value, "zh")
    ours = name == "place" or value in KINDS or (name, value) == ("name", "it")
    return WORDS.get(value, value) if ours else value


def language_from_header(accepted: str | None) -> str:
    """The best language for an Accept-Language header; English when it names none we have."""
    best, weight = "en", 0.0
    for part in (accepted or "").split(","):
        tag, *parameters = (piece.strip() for piece in part.split(";"))
        found = _language(tag)
        quality = 1.0
        for parameter in parameters:
            if match := re.fullmatch(r"q\s*=\s*([01](?:\.\d{0,3})?)", parameter, re.ASCII):
                quality = float(match[1])
        if found is not None and quality > weight:
            best, weight = found, quality
    return best


def language_from_environment(environment: Mapping[str, str] | None = None) -> str:
    """The language of CMDB_LANG, LC_ALL, LC_MESSAGES or LANG, the first that is set."""
    values = os.environ if environment is None else environment
    for name in ("CMDB_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if values.get(name):
            return _language(values[name]) or "en"
    return "en"


def _language(tag: str) -> str | None:
    first = re.split(r"[-_.@]", tag.strip().lower(), maxsplit=1)[0]
    return first if first in LANGUAGES else None
