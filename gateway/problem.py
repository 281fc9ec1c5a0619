"""What is wrong with a request, as RFC 9457 has it: application/problem+json."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from msgspec import Meta
from starlette.exceptions import HTTPException
from starlette.responses import Response

from events.reason import Reason

PROBLEM_JSON = "application/problem+json"
_TYPE = "urn:handstream:problem:"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemDetails:
    """Why a request was not answered as it hoped."""

    type: Annotated[str, Meta(description="What kind of problem; does not change", examples=[f"{_TYPE}not-an-image"])]
    title: Annotated[str, Meta(description="The kind in words")]
    status: Annotated[int, Meta(description="The HTTP status code")]
    detail: Annotated[str, Meta(description="What is wrong this time, and the way out")]


class Problem(Exception):
    """Ends a request with problem details.

    kind: what the type ends with; it stays the same. detail: one sentence that names the thing, the value and the way
    out.
    """

    def __init__(
        self, status: int, kind: str, detail: str, *, title: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.headers = dict(headers or {})
        self.details = ProblemDetails(
            type=f"{_TYPE}{kind}", title=title or kind.replace("-", " ").capitalize(), status=status, detail=detail
        )

    def response(self) -> Response:
        return Response(
            msgspec.json.encode(self.details),
            status_code=self.details.status,
            media_type=PROBLEM_JSON,
            headers=self.headers,
        )


_STATUS_OF_REASON = {
    Reason.EMPTY_IMAGE: 400,
    Reason.TOO_MANY_BYTES: 413,
    Reason.TOO_MANY_PIXELS: 422,
    Reason.UNSUPPORTED_CONTENT_TYPE: 415,
    # The header was read before: what fails now is the content behind it.
    Reason.NOT_AN_IMAGE: 422,
}


def image_problem(reason: Reason, detail: str) -> Problem:
    """The problem of an image that is at fault itself."""
    return Problem(_STATUS_OF_REASON.get(reason, 422), reason.value.replace("_", "-"), detail)


async def answer_problem(_: Request, problem: Any) -> Response:
    assert isinstance(problem, Problem)
    return problem.response()


async def answer_http_exception(_: Request, error: Any) -> Response:
    """What the framework itself refuses: unknown paths and methods."""
    assert isinstance(error, HTTPException)
    try:
        phrase = HTTPStatus(error.status_code).phrase
    except ValueError:
        phrase = "Error"
    kind = phrase.lower().replace(" ", "-").replace("'", "")
    return Problem(error.status_code, kind, str(error.detail), title=phrase, headers=error.headers).response()


async def answer_invalid(_: Request, error: Any) -> Response:
    """A parameter that cannot be what it was given."""
    assert isinstance(error, RequestValidationError)
    faults = "; ".join(f"{_where(fault)}: {fault['msg']}" for fault in error.errors())
    return Problem(422, "invalid-parameter", faults).response()


async def answer_fault(_: Request, __: Exception) -> Response:
    """A fault of ours. The log has it; the caller learns nothing of our inside."""
    return Problem(500, "internal-error", "the gateway failed; its log says why").response()


def _where(fault: Mapping[str, Any]) -> str:
    return " ".join(str(part) for part in fault.get("loc", ())) or "request"
