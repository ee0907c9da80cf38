"""The estate form: JSON that `cmdb import` reads, and that two stores can be compared by."""

from typing import Any, BinaryIO

import orjson

from cmdb.forms.content import Content


def document(content: Content) -> dict[str, Any]:
    """CIs and relations as JSON-ready data."""
    return {
        "cis": [content.item_content(item) for item in content.items.values()],
        "relations": [relation.content() for relation in content.relations],
    }


def write(content: Content, file: BinaryIO, language: str) -> None:
    """The document as indented JSON; the same in every language."""
    option = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    file.write(orjson.dumps(document(content), option=option))
