"""Images out of request bodies, with every limit kept while the bytes arrive."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import PurePath

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from gateway.problem import Problem

MULTIPART = "multipart/form-data"
# Starlette's words for a field, which is what a part without a file name is, that has more than _MAX_FIELD_BYTES.
_FIELD_TOO_LARGE = "exceeded maximum size"
# Boundaries and part headers around the files.
_MULTIPART_OVERHEAD_BYTES = 64 * 1024
_MAX_FIELDS = 16
_MAX_FIELD_BYTES = 4096
_MAX_NAME_CHARACTERS = 200
BODY_TIMEOUT_SECONDS = 30.0
DRAIN_SECONDS = 1.0
DRAIN_BYTES = 32 * 1024 * 1024
TOO_LARGE = 413
_CLOSE = {"Connection": "close"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """name: of the file, without folders; `upload` where the client gave none."""

    name: str
    image: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A file of a batch that is not even looked at."""

    name: str
    problem: Problem


async def read_image(request: Request, *, max_bytes: int) -> Upload:
    """The one image of a multipart field `file`, or of the body itself. Raises Problem."""
    async with _in_time(request):
        return await _read_image(request, max_bytes=max_bytes)


async def read_images(request: Request, *, max_bytes: int, max_files: int) -> Sequence[Upload | Refused]:
    """The images of the multipart fields `files`; one too large or empty is Refused. Raises Problem."""
    async with _in_time(request):
        return await _read_images(request, max_bytes=max_bytes, max_files=max_files)


@asynccontextmanager
async def _in_time(request: Request) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(BODY_TIMEOUT_SECONDS):
            yield
    except Problem as problem:
        if problem.details.status == TOO_LARGE:
            await _drain(request)
        raise
    except TimeoutError as error:
        raise Problem(
            408, "request-timeout", f"the body did not arrive within {BODY_TIMEOUT_SECONDS:.0f} s", headers=_CLOSE
        ) from error


async def _read_image(request: Request, *, max_bytes: int) -> Upload:
    if _media_type(request.headers.get("content-type")) == MULTIPART:
        files = await _files(request, field="file", max_bytes=max_bytes, max_files=1)
        return files[0]
    return await _raw_image(request, max_bytes=max_bytes)


async def _read_images(request: Request, *, max_bytes: int, max_files: int) -> Sequence[Upload | Refused]:
    media_type = _media_type(request.headers.get("content-type"))
    if media_type != MULTIPART:
        raise Problem(415, "unsupported-content-type", f"content type {media_type!r:.80} must be {MULTIPART}")
    form = await _form(request, max_bytes=max_files * max_bytes, max_files=max_files)
    parts = [part for part in form.getlist("files") if isinstance(part, UploadFile)]
    if not parts:
        raise _missing(form, "files")
    images: list[Upload | Refused] = []
    for part in parts:
        try:
            images.append(await _upload(part, max_bytes=max_bytes))
        except Problem as problem:
            images.append(Refused(name=_name(part.filename), problem=problem))
    return images


async def _files(request: Request, *, field: str, max_bytes: int, max_files: int) -> list[Upload]:
    form = await _form(request, max_bytes=max_bytes, max_files=max_files)
    parts = [part for part in form.getlist(field) if isinstance(part, UploadFile)]
    if not parts:
        raise _missing(form, field)
    return [await _upload(part, max_bytes=max_bytes) for part in parts]


async def _form(request: Request, *, max_bytes: int, max_files: int) -> FormData:
    bounded = _Bounded(request, max_bytes=max_bytes + _MULTIPART_OVERHEAD_BYTES)
    try:
        return await Request(request.scope, bounded.receive).form(
            max_files=max_files, max_fields=_MAX_FIELDS, max_part_size=_MAX_FIELD_BYTES
        )
    except HTTPException as error:
        if _FIELD_TOO_LARGE in str(error.detail):
            raise _without_file_name() from error
        raise Problem(400, "malformed-multipart", f"the multipart body cannot be read: {error.detail}") from error
    except ClientDisconnect as error:
        raise _hung_up() from error


async def _upload(part: UploadFile, *, max_bytes: int) -> Upload:
    name = _name(part.filename)
    image = await part.read(max_bytes + 1)
    if len(image) > max_bytes:
        raise _too_large(max_bytes)
    if not image:
        raise Problem(400, "empty-image", f"file {name!r} has no bytes")
    return Upload(name=name, image=image)


async def _raw_image(request: Request, *, max_bytes: int) -> Upload:
    bounded = _Bounded(request, max_bytes=max_bytes)
    try:
        image = await Request(request.scope, bounded.receive).body()
    except ClientDisconnect as error:
        raise _hung_up() from error
    if not image:
        raise Problem(400, "empty-image", "the body has no bytes: send an image, or a multipart form with `file`")
    return Upload(name="upload", image=image)


class _Bounded:
    """Receives a body and refuses it at the first byte too many, whatever Content-Length said."""

    def __init__(self, request: Request, *, max_bytes: int) -> None:
        self._receive = request.receive
        self._max_bytes = max_bytes
        self._received_bytes = 0
        announced = request.headers.get("content-length", "")
        if announced.isdecimal() and int(announced[:19]) > max_bytes:
            raise _too_large(max_bytes)

    async def receive(self) -> Message:
        message = await self._receive()
        self._received_bytes += len(message.get("body", b""))
        if self._received_bytes > self._max_bytes:
            raise _too_large(self._max_bytes)
        return message


async def _drain(request: Request) -> None:
    """Let a little more of the body come and forget it: a client that is still sending might never see our answer."""
    drained_bytes = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            while drained_bytes < DRAIN_BYTES:
                message = await request.receive()
                drained_bytes += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return


def _media_type(header: str | None) -> str:
    return (header or "").partition(";")[0].strip().lower()


def _name(filename: str | None) -> str:
    name = PurePath((filename or "").replace("\\", "/")).name
    return "".join(filter(str.isprintable, name))[:_MAX_NAME_CHARACTERS] or "upload"


def _without_file_name() -> Problem:
    return Problem(
        400,
        "part-without-file-name",
        "a part of the multipart form has no file name, and so is no file: give it one, as in curl -F file=@hand.jpg",
    )


def _missing(form: FormData, field: str) -> Problem:
    if form.getlist(field):
        return _without_file_name()
    return Problem(422, "missing-file", f"the multipart form has no file in the field {field!r}")


def _too_large(max_bytes: int) -> Problem:
    return Problem(
        TOO_LARGE,
        "too-many-bytes",
        f"more than the {max_bytes} bytes that are allowed (HANDSTREAM_GATEWAY_MAX_UPLOAD_BYTES an image)",
        headers=_CLOSE,
    )


def _hung_up() -> Problem:
    return Problem(400, "incomplete-body", "the connection ended before the body did")
