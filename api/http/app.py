"""The application: every resource of the folder `resources`, behind the guard."""

import importlib
import pkgutil
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse
from fastapi_offline import FastAPIOffline

from api.http import openapi, problems, resources
from api.http.guard import Guard
from cmdb.services.environment import Environment

PREFIX = "/api/v1"
DESCRIPTION = """
Configuration items, relations, types, and exact, explained impact analysis.

- Every request below `/api/v1` needs `Authorization: Bearer …`; `cmdb token create` makes one.
- A CI is named by its key, an alias, `source:key` or a unique name.
- Lists come in pages: `limit`, and `cursor` with the `next` of the page before.
- Writes take `Idempotency-Key` and, for updates, `If-Match` with the `ETag` read before.
- Errors are problem details (RFC 9457), in English or Chinese as `Accept-Language` says.
"""


def create_app(env: Environment) -> FastAPI:
    """The HTTP application on an environment."""
    app: FastAPI = FastAPIOffline(
        title="graph-cmdb",
        version=_version(),
        description=DESCRIPTION,
        redoc_url=None,
        swagger_ui_parameters={"validatorUrl": "none"},  # the default is a server far away
    )
    app.state.env = env
    app.add_middleware(Guard, env=env)
    problems.install(app)
    for module in _resources():
        prefix = "" if getattr(module, "OPEN", False) else PREFIX
        app.include_router(module.router, prefix=prefix)

    @app.get("/", include_in_schema=False)
    def start(request: Request) -> RedirectResponse:
        return RedirectResponse(f"{request.scope.get('root_path', '')}/docs")

    openapi.install(app)
    return app


def _resources() -> list[Any]:
    names = sorted(one.name for one in pkgutil.iter_modules(resources.__path__))
    return [importlib.import_module(f"{resources.__name__}.{name}") for name in names]


def _version() -> str:
    try:
        return version("graph-cmdb")
    except PackageNotFoundError:
        return "0"
