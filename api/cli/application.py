"""Puts the commands together, runs one, and turns whatever goes wrong into one line on stderr."""

import logging
import os
import traceback
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import typer

from api.cli import commands, output, session
from api.cli.words import say, told, wrong
from cmdb.errors import CMDBError, Rejected

DONE, FOUND, WRONG = 0, 1, 2
INTERRUPTED = 130


@cache
def application() -> typer.Typer:
    """All commands of the folder `commands`."""
    app = typer.Typer(
        help="A CMDB that answers what else fails, and why.",
        invoke_without_command=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback()
    def start(context: typer.Context, store: session.StoreOption = None) -> None:
        session.choose(store)
        if context.invoked_subcommand is None:
            raise wrong("command", "name one, such as 'cmdb impact KEY'; 'cmdb --help' lists them")

    for found in sorted(module.name for module in iter_modules(commands.__path__)):
        name = found.rstrip("_").replace("_", "-")
        module = import_module(f"{commands.__name__}.{found}")
        if hasattr(module, "group"):
            app.add_typer(module.group, name=name)
        else:
            app.command(name)(module.command)
    return app


def run(arguments: list[str]) -> int:
    """Run one command line and give its exit code; everything wrong is one line on stderr."""
    logging.getLogger("neo4j").addHandler(logging.NullHandler())  # its errors come as exceptions
    try:
        _check_encoding(arguments)
        code = application()(args=arguments, prog_name="cmdb", standalone_mode=False)
        output.flush()
        return int(code or DONE)
    except output.Closed:
        return output.CLOSED
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else WRONG
    except Exception as error:
        _complain(error)
        return WRONG


def _complain(error: Exception) -> None:
    if os.environ.get("CMDB_DEBUG") == "1":
        output.note(traceback.format_exc(), lines=True)
    usage = getattr(error, "format_message", None)
    if isinstance(error, Rejected):
        for one in error.errors:
            output.complain(one)
    elif isinstance(error, CMDBError):
        output.complain(error)
    elif usage is not None:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "cmdb"
        hint = say("see '{command} --help'", command=command)
        output.note(f"{say('error: ')}{told(usage())} ({hint})")
    else:
        name = type(error).__name__
        text = say("unexpected {name}; please report it (CMDB_DEBUG=1 shows where)", name=name)
        output.note(f"{say('error: ')}{text}")


def _check_encoding(arguments: list[str]) -> None:
    """Refuse what is not text in the terminal's encoding, unless it is the path of a file."""
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError:
            if not Path(argument).exists():
                shown = output.one_line(argument)
                text = "'{argument}' is not UTF-8 text"
                raise wrong("command line", text, argument=shown) from None
