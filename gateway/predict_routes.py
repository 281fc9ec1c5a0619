"""POST /predict and /predict/batch: the stream's predictions for uploads, without the stream."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from events.examples import example_prediction
from events.prediction import Prediction
from events.reason import Reason, RecordError
from gateway.answers import BatchAnswer, BatchItem, ModelAnswer
from gateway.bound import Bound
from gateway.openapi import content, json_answer, ref, responses
from gateway.problem import Problem, image_problem
from gateway.recognition_pool import RecognitionPool
from gateway.upload import Refused, Upload, read_image, read_images
from imaging.decoding import decode
from imaging.formats import CONTENT_TYPES
from imaging.header import image_size
from recognition.bundle import Manifest
from recognition.drawing import annotated, jpeg
from recognition.pipeline import Recognizer
from recognition.stills import predict_still
from settings import Settings

UPLOAD_CAMERA = "upload"
# Bodies that may arrive at once; each is held in memory until it is recognised.
MAX_READING = 32
_BINARY = {"type": "string", "format": "binary"}
_PROBLEMS = (400, 408, 413, 415, 422, 429, 503)


def predict_routes(settings: Settings, *, pool: RecognitionPool, manifest: Callable[[], Manifest]) -> APIRouter:
    """manifest: of the model that names the next image."""
    router = APIRouter(tags=["predict"])
    reading = Bound(MAX_READING, what="uploads arriving")
    max_bytes = settings.gateway_max_upload_bytes
    max_files = settings.gateway_max_batch_files

    @router.post(
        "/predict",
        summary="Name the gestures in an image",
        responses=responses(
            "The prediction, as the topic `predictions` has it; with `annotate` the picture with what was found",
            {**content(ref(Prediction), example=example_prediction()), "image/jpeg": {"schema": _BINARY}},
            problems=_PROBLEMS,
        ),
        openapi_extra={"requestBody": _one_image_body()},
        response_class=Response,
    )
    async def predict(
        request: Request,
        annotate: Annotated[bool, Query(description="Answer with the picture, landmarks and gesture drawn in")] = False,
    ) -> Response:
        """Takes JPEG, PNG, WebP, BMP or GIF, as the multipart field `file` or as the body itself.

        The picture is turned upright as its EXIF says.
        """
        with reading.one():
            upload = await read_image(request, max_bytes=max_bytes)
            async with pool.slot() as run:
                return await run(lambda recognizer: _answer(recognizer, upload, annotate=annotate))

    @router.post(
        "/predict/batch",
        summary="Name the gestures in several images",
        responses=responses(
            "One item a file, in their order",
            content(ref(BatchAnswer), example=_example_batch()),
            problems=_PROBLEMS,
        ),
        openapi_extra={"requestBody": _batch_body(max_files)},
        response_class=Response,
    )
    async def predict_batch(request: Request) -> Response:
        """Takes the multipart field `files`, several times. A file at fault has its problem and fails no other."""
        with reading.one():
            uploads = await read_images(request, max_bytes=max_bytes, max_files=max_files)
            async with pool.slot() as run:
                items = [await run(partial(_item, upload)) for upload in uploads]
        return json_answer(BatchAnswer(predictions=tuple(items)))

    @router.get(
        "/model",
        summary="The model that names the gestures here",
        responses=responses("The model", content(ref(ModelAnswer), example=_model(manifest()))),
        response_class=Response,
    )
    async def model() -> Response:
        return json_answer(_model(manifest()))

    return router


def _answer(recognizer: Recognizer, upload: Upload, *, annotate: bool) -> Response:
    prediction = _predict(recognizer, upload)
    if not annotate:
        return Response(prediction.to_json(), media_type="application/json")
    picture = annotated(decode(upload.image), prediction.hands)
    return Response(jpeg(picture), media_type="image/jpeg")


def _predict(recognizer: Recognizer, upload: Upload) -> Prediction:
    """Raises Problem for an image at fault."""
    try:
        image_size(upload.image)
    except RecordError as error:
        if error.reason is Reason.NOT_AN_IMAGE:
            raise Problem(415, "not-an-image", f"{upload.name}: {error}") from error
        raise image_problem(error.reason, f"{upload.name}: {error}") from error
    try:
        return predict_still(recognizer, upload.image, camera=UPLOAD_CAMERA, source=upload.name)
    except RecordError as error:
        raise image_problem(error.reason, f"{upload.name}: {error}") from error


def _item(upload: Upload | Refused, recognizer: Recognizer) -> BatchItem:
    if isinstance(upload, Refused):
        return BatchItem(name=upload.name, prediction=None, problem=upload.problem.details)
    try:
        return BatchItem(name=upload.name, prediction=_predict(recognizer, upload), problem=None)
    except Problem as problem:
        return BatchItem(name=upload.name, prediction=None, problem=problem.details)


def _model(manifest: Manifest) -> ModelAnswer:
    return ModelAnswer(
        name=manifest.name,
        version=manifest.version,
        sha256=manifest.sha256,
        kind=manifest.kind,
        classes=manifest.classes,
        threshold=manifest.threshold,
        thresholds=manifest.thresholds,
        features=manifest.features,
        metrics=manifest.metrics,
    )


def _one_image_body() -> dict[str, Any]:
    form = {"type": "object", "properties": {"file": _BINARY}, "required": ["file"]}
    raw = {media_type: {"schema": _BINARY} for media_type in sorted(CONTENT_TYPES)}
    return {"required": True, "content": {"multipart/form-data": {"schema": form}, **raw}}


def _batch_body(max_files: int) -> dict[str, Any]:
    files = {"type": "array", "items": _BINARY, "minItems": 1, "maxItems": max_files}
    form = {"type": "object", "properties": {"files": files}, "required": ["files"]}
    return {"required": True, "content": {"multipart/form-data": {"schema": form}}}


def _example_batch() -> BatchAnswer:
    wrong = Problem(415, "not-an-image", "notes.txt: not one of JPEG, PNG, WEBP, BMP, GIF; it begins with 68656c6c6f")
    return BatchAnswer(
        predictions=(
            BatchItem(name="hand.jpg", prediction=example_prediction(), problem=None),
            BatchItem(name="notes.txt", prediction=None, problem=wrong.details),
        )
    )
