"""One file a form: how the store, or a part of it, is written for other programs and for people."""

from collections.abc import Callable
from importlib import import_module
from typing import BinaryIO

from cmdb.forms.content import Content

FORMS = ("estate", "csv", "xlsx", "graphml")
"""The forms; each is a module here, imported when it is asked for."""


def writer(form: str) -> Callable[[Content, BinaryIO, str], None]:
    """What writes a form to a file, in the language ("en" or "zh")."""
    write: Callable[[Content, BinaryIO, str], None]
    write = import_module(f"{__name__}.{form}").write
    return write
