"""OpenAPI: what FastAPI finds out, with problems under their own media type."""

from typing import Any

from fastapi import FastAPI

from api.http.problems import MEDIA_TYPE


def install(app: FastAPI) -> None:
    """Let the application show its problems as `application/problem+json`."""
    inner = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = inner()
            for path in schema["paths"].values():
                for operation in path.values():
                    _mend(operation["responses"])
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _mend(responses: dict[str, Any]) -> None:
    for status, response in responses.items():
        content = response.get("content", {})
        if status >= "400" and "application/json" in content:
            response["content"] = {MEDIA_TYPE: content["application/json"]}
