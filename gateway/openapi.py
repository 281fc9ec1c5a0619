"""The OpenAPI document, with schemas from the same types that are encoded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.responses import Response

from events.prediction import Prediction
from events.schema import value_components
from gateway.answers import BatchAnswer, CameraAnswer, HealthAnswer, ModelAnswer, ReadyAnswer
from gateway.problem import PROBLEM_JSON, ProblemDetails

Spec = dict[str, Any]

_REF = "#/components/schemas/{name}"
# FastAPI leaves every null out of its document, also those of examples, so they pass it as text.
_AS_JSON = "x-as-json"
ANSWERS: tuple[type, ...] = (
    Prediction,
    BatchAnswer,
    CameraAnswer,
    HealthAnswer,
    ModelAnswer,
    ReadyAnswer,
    ProblemDetails,
)
_PROBLEMS = {
    400: "The body is empty or malformed",
    401: "The bearer token is missing or wrong",
    404: "There is no such thing",
    408: "The body did not arrive in time",
    413: "The image has too many bytes",
    415: "This is none of the image types that are taken",
    421: "The gateway may not be called by this name",
    422: "The image or a parameter cannot be used",
    429: "Too many at once: try again a little later",
    503: "Not ready",
}


def json_answer(answer: Any) -> Response:
    return Response(msgspec.json.encode(answer), media_type="application/json")


def ref(kind: type) -> Spec:
    return {"$ref": _REF.format(name=kind.__name__)}


def array(kind: type) -> Spec:
    return {"type": "array", "items": ref(kind)}


def content(schema: Spec, *, example: Any = None, media_type: str = "application/json") -> Spec:
    media: Spec = {"schema": schema}
    if example is not None:
        media["example"] = {_AS_JSON: msgspec.json.encode(example).decode()}
    return {media_type: media}


def responses(description: str, answer: Spec, *, problems: tuple[int, ...] = ()) -> dict[int | str, dict[str, Any]]:
    """The response 200 with its content, and problem details for each of the codes that may come instead."""
    found: dict[int | str, dict[str, Any]] = {200: {"description": description, "content": answer}}
    for code in sorted({*problems, 401, 421}):
        found[code] = {
            "description": _PROBLEMS[code],
            "content": content(ref(ProblemDetails), media_type=PROBLEM_JSON),
        }
    return found


def components() -> Mapping[str, Spec]:
    """The schemas of all answers, by the names of their types."""
    return value_components(ref_template=_REF, types=ANSWERS)


def describe(app: FastAPI, *, token_needed: bool) -> Spec:
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        tags=app.openapi_tags,
    )
    _unpack_examples(document)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    # FastAPI's own description of a parameter at fault is not what is sent.
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas.update(components())
    document["components"]["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    if token_needed:
        document["security"] = [{"bearer": []}]
        for path in ("/healthz", "/readyz"):
            document["paths"][path]["get"]["security"] = []
    return document


def _unpack_examples(node: Any) -> None:
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        if isinstance(child, dict) and child.keys() == {_AS_JSON}:
            node[key] = msgspec.json.decode(child[_AS_JSON])
        else:
            _unpack_examples(child)
