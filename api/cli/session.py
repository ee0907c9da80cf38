"""What the commands share: the store they open, who asks, and the options they have in common."""

import contextlib
import os
from collections.abc import Iterator
from contextvars import ContextVar
from enum import StrEnum
from typing import Annotated

import typer

from cmdb.services.actor import Actor
from cmdb.services.environment import Environment

StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="ADDRESS",
        help="sqlite:///path/to/file.db or neo4j://user@host:7687/database"
        " (default: what CMDB_STORE says, else a file in your data folder)",
    ),
]


class Form(StrEnum):
    """Forms of an answer: for people or for programs."""

    table = "table"
    json = "json"


FormOption = Annotated[Form, typer.Option("--format", help="For people, or for programs.")]

_chosen: ContextVar[str | None] = ContextVar("_chosen", default=None)


def choose(store: str | None) -> None:
    """Remember the `--store` given before the command's name."""
    _chosen.set(store)


def address(store: str | None) -> str | None:
    """The address given on the command line, after or before the command's name."""
    return store or _chosen.get()


@contextlib.contextmanager
def environment(store: str | None) -> Iterator[Environment]:
    """The environment on the store that the command line or the settings name."""
    from cmdb.bootstrap import open_environment

    env = open_environment(address(store))
    try:
        yield env
    finally:
        env.close()


def actor() -> Actor:
    """Whoever may start this command and read the store's address may do everything."""
    name = user()
    return Actor(f"{name} (command line)", frozenset({"administrator"}), user=name)


def user() -> str:
    """The operating system's name of who runs this, not what its environment says."""
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"
    except ImportError:  # no such module on Windows
        import getpass

        return getpass.getuser()
