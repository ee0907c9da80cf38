"""`cmdb serve`: the HTTP API and the web pages, and on one node discovery and periodic jobs."""

import contextlib
import copy
import errno
import inspect
import os
import signal
import socket
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import typer

from api.cli import output, session
from api.cli.words import say, wrong
from cmdb.errors import CMDBError
from cmdb.services import tokens
from cmdb.services.environment import Environment
from cmdb.settings import queue_address

FACTORY = "api.cli.commands.serve:app"
FIRST_TOKEN = "first administrator"  # noqa: S105
BACKLOG = 2048


def command(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=256, help="Processes that answer.")] = 1,
    no_discovery: Annotated[
        bool,
        typer.Option(
            "--no-discovery",
            help="Leave discovery and periodic jobs to 'cmdb worker'.",
        ),
    ] = False,
    store: session.StoreOption = None,
) -> int:
    """Serve the HTTP API and the web pages; a new store gets an administrator's token.

    Discovery runs and messages are delivered here too, unless CMDB_QUEUE names the workers' queue.
    """
    address = session.address(store)
    if address is not None:
        os.environ["CMDB_STORE"] = address  # for the workers: nobody else can read it there
    local = not no_discovery and queue_address() is None
    with (
        contextlib.closing(_listener(host, port)) as listener,
        session.environment(address) as env,
    ):
        token = first_token(env)
        if token is not None:
            text = say("administrator token (shown only now): {token}", token=token)
            output.note(text)
        run = _server(env, listener) if workers == 1 else _supervisor(workers, listener)
        url = _url(host, listener.getsockname()[1])
        output.note(
            say("serving {url} (pages /, API /api/v1, OpenAPI /docs); Ctrl-C stops it", url=url)
        )
        with _discovering(env) if local else contextlib.nullcontext():
            run()
    return 0


@contextlib.contextmanager
def _discovering(env: Environment) -> Iterator[None]:
    """Work at discovery jobs meanwhile, in this process alone."""
    from discovery.workers.local import LocalWorkers

    workers = LocalWorkers(env)
    workers.start()
    try:
        yield
    finally:
        workers.close()


def app() -> Any:
    """The application of one worker, on the store that the environment names."""
    from api.http.app import create_app
    from cmdb.bootstrap import open_environment

    return create_app(open_environment())


def first_token(env: Environment) -> str | None:
    """A token for the first administrator of a store that has no tokens yet."""
    actor = session.actor()
    if tokens.list_tokens(actor, env):
        return None
    return tokens.create_token(actor, env, role="administrator", name=FIRST_TOKEN)


def _listener(host: str, port: int) -> socket.socket:
    """A socket that listens already, so that whoever reads the URL may connect at once."""
    place = f"{host}:{port}"
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, where = found[0]
        listener = socket.create_server(where[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise wrong(place, "the port is in use; choose another with --port") from None
        raise wrong(place, "cannot listen: {reason}", reason=error.strerror) from None
    listener.set_inheritable(True)
    # Connections inherit it. Without it an answer, sent in two parts, waits 40 ms for an ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _settings() -> dict[str, Any]:
    """What both ways of serving share: logs of warnings and errors, to stderr."""
    from uvicorn.config import LOGGING_CONFIG

    logs = copy.deepcopy(LOGGING_CONFIG)
    logs["handlers"]["access"]["stream"] = "ext://sys.stderr"
    for name in ("cmdb", "discovery", "neo4j"):
        logs["loggers"][name] = {"handlers": ["default"], "level": "WARNING", "propagate": False}
    logs["loggers"]["apscheduler"] = {"level": "ERROR"}  # a tick that comes late is no news
    return {"log_config": logs, "log_level": "warning", "access_log": False}


def _server(env: Environment, listener: socket.socket) -> Callable[[], None]:
    """What serves in this process; a SIGTERM ends it from now on, also before it runs."""
    import uvicorn

    def application() -> Any:
        from api.http.app import create_app

        return create_app(env)

    server = uvicorn.Server(uvicorn.Config(application, factory=True, **_settings()))
    signal.signal(signal.SIGTERM, server.handle_exit)

    def run() -> None:
        server.run(sockets=[listener])
        _check_started(server.started)

    return run


def _supervisor(workers: int, listener: socket.socket) -> Callable[[], None]:
    """What serves in processes of its own; a SIGTERM ends it from now on, also before it runs."""
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    config = uvicorn.Config(FACTORY, factory=True, workers=workers, **_settings())
    arguments: dict[str, Any] = {"sockets": [listener]}
    if "target" in inspect.signature(Multiprocess).parameters:  # before uvicorn 0.40
        arguments["target"] = uvicorn.Server(config).run
    return Multiprocess(config, **arguments).run


def _check_started(started: bool) -> None:
    if not started:
        raise CMDBError(detail=say("the server did not start; the lines above say why"))
