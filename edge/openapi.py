"""/openapi.json, written from the routes and the types of their bodies."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from edge.app import Route
from edge.errors import ErrorResponse

_STATUSES = "400", "401", "403", "404", "408", "413", "429", "500", "503", "504"


def document(routes: Sequence[Route]) -> dict[str, Any]:
    """An OpenAPI 3.1 document of the routes."""
    types = [t for route in routes for t in (route.answer, route.body, route.chunk) if t is not None]
    types = list(dict.fromkeys((*types, ErrorResponse)))
    refs, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    schemas = dict(zip(types, refs, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path.replace("+}", "}"), {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tokenloom", "version": "1", "description": "OpenAI-compatible chat, with conversations."},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "responses": {"error": _response("An error", {"application/json": schemas[ErrorResponse]})},
        },
        "security": [{"key": []}, {}],
    }


def _operation(route: Route, schemas: dict[Any, Any]) -> dict[str, Any]:
    content = {"application/json": schemas[route.answer]} if route.answer else {"*/*": {}}
    if route.chunk:
        content["text/event-stream"] = schemas[route.chunk]
    operation: dict[str, Any] = {
        "operationId": re.sub(r"\W+", "_", f"{route.method.lower()}{route.path}").strip("_"),
        "summary": route.summary,
        "responses": {"200": _response("Done", content)}
        | {status: {"$ref": "#/components/responses/error"} for status in _STATUSES},
    }
    if route.keyless:
        operation["security"] = []
    if route.body:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schemas[route.body]}}}
    named = [(name, "path") for name in re.findall(r"\{(\w+)\+?\}", route.path)] + [
        (name, "query") for name in route.query
    ]
    if named:
        operation["parameters"] = [
            {"name": name, "in": place, "required": place == "path", "schema": {"type": "string"}}
            for name, place in named
        ]
    return operation


def _response(description: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {kind: {"schema": schema} for kind, schema in content.items()}}
