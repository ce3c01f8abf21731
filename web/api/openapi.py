"""The API as an OpenAPI 3.1 document, made from the declarations that the routes themselves use."""

import re
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from msgspec import Struct

from search.release import release
from web.parameters import EXAMPLES
from web.serving.problem import Problem

_REFERENCE = "#/components/schemas/{name}"
_ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")


class Operation(Struct, frozen=True):
    """One route: its parameters, and its answer: a type as JSON, or a media type. The view's docstring is its title."""

    route: str
    view: Callable[..., Any]
    parameters: type[Struct]
    answer: Any


def document(operations: Sequence[Operation], title: str, server: str) -> dict[str, Any]:
    """The whole document."""
    answers = [operation.answer for operation in operations if not isinstance(operation.answer, str)]
    _, schemas = msgspec.json.schema_components([*answers, Problem], ref_template=_REFERENCE)
    _, inputs = msgspec.json.schema_components(
        [operation.parameters for operation in operations], ref_template=_REFERENCE
    )
    declared = {operation.parameters.__name__ for operation in operations}
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": release(), "description": "Full-text search over a newspaper's archive."},
        "servers": [{"url": server or "/"}],
        "paths": {
            _ARGUMENT.sub(r"{\1}", operation.route): {"get": _described(operation, inputs)} for operation in operations
        },
        "components": {"schemas": schemas | {name: inputs[name] for name in inputs if name not in declared}},
    }


def _described(operation: Operation, inputs: dict[str, Any]) -> dict[str, Any]:
    properties = inputs[operation.parameters.__name__]["properties"]
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}, "description": "The article's id."}
        for name in _ARGUMENT.findall(operation.route)
    ]
    return {
        "operationId": operation.view.__name__,
        "summary": operation.view.__doc__,
        "parameters": in_path
        + [_parameter(name, properties[name]) for name in sorted(properties, key=lambda name: name != "q")],
        "responses": {"200": _answered(operation)} | _problems(operation),
    }


def _parameter(name: str, declared: dict[str, Any]) -> dict[str, Any]:
    schema = dict(declared)
    described = {"name": name, "in": "query", "description": schema.pop("description", "")}
    if name in EXAMPLES:
        described["example"] = EXAMPLES[name]
    # A query string cannot say null: left out is left out.
    choices = [choice for choice in schema.pop("anyOf", []) if choice != {"type": "null"}]
    if choices:
        schema.pop("default")
    return described | {"schema": schema | (choices[0] if len(choices) == 1 else {"anyOf": choices} if choices else {})}


def _answered(operation: Operation) -> dict[str, Any]:
    if isinstance(operation.answer, str):
        return {"description": "The answer.", "content": {operation.answer: {}}}
    (schema,), _ = msgspec.json.schema_components([operation.answer], ref_template=_REFERENCE)
    return {"description": "The answer.", "content": {"application/json": {"schema": schema}}}


def _problems(operation: Operation) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": _REFERENCE.format(name=Problem.__name__)}}}
    statuses = [HTTPStatus.NOT_FOUND] if "<" in operation.route else []
    if operation.route.startswith("/api/") and not isinstance(operation.answer, str):
        statuses.append(HTTPStatus.UNPROCESSABLE_ENTITY)
    statuses.append(HTTPStatus.SERVICE_UNAVAILABLE)
    return {str(status.value): {"description": status.phrase, "content": content} for status in statuses}
