"""POST /predict: the stream's prediction for an upload, and a clear word for what is none."""

from __future__ import annotations

import io
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import jsonschema  # type: ignore[import-untyped]
import pytest
from PIL import Image

from events.prediction import Prediction, Status, decode_prediction
from events.schema import value_components
from gateway.openapi import components
from recognition.bundle import SHIPPED_BUNDLE, read_manifest
from recognition.pipeline import Recognizer
from recognition.stills import predict_still
from tests.gateway.conftest import MAX_UPLOAD_BYTES
from tests.recognition.pictures import encoded

HAND = Path(__file__).parents[1] / "sample_hand.jpg"


@pytest.fixture(scope="module")
def recognizer() -> Iterator[Recognizer]:
    recognizer = Recognizer.create()
    yield recognizer
    recognizer.close()


Files = dict[str, tuple[str, bytes, str]]


def as_file(content: bytes, *, name: str = "hand.jpg", media_type: str = "image/jpeg") -> Files:
    return {"file": (name, content, media_type)}


def problem(answer: httpx.Response, status: int) -> dict[str, object]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    details: dict[str, object] = answer.json()
    assert details.keys() == {"type", "title", "status", "detail"}
    assert details["status"] == status
    return details


def test_an_upload_gives_the_streams_prediction_byte_for_byte(api: httpx.Client, recognizer: Recognizer) -> None:
    answer = api.post("/predict", files=as_file(HAND.read_bytes()))

    assert answer.status_code == 200
    prediction = decode_prediction(answer.content)
    assert answer.content == prediction.to_json()
    expected = predict_still(recognizer, HAND.read_bytes(), camera="upload", source="hand.jpg")
    assert (prediction.id, prediction.hands) == (expected.id, expected.hands)
    assert (prediction.camera, prediction.source, prediction.status) == ("upload", "hand.jpg", Status.OK)


def test_the_body_itself_may_be_the_image(api: httpx.Client) -> None:
    image = HAND.read_bytes()
    multipart = decode_prediction(api.post("/predict", files=as_file(image)).content)
    for headers in ({"Content-Type": "image/jpeg"}, {"Content-Type": "application/octet-stream"}, {}):
        raw = decode_prediction(api.post("/predict", content=image, headers=headers).content)
        assert (raw.id, raw.hands, raw.source) == (multipart.id, multipart.hands, "upload")


def test_the_documented_schema_is_that_of_the_stream(api: httpx.Client) -> None:
    document = api.get("/openapi.json").json()
    stream = value_components(ref_template="#/components/schemas/{name}", types=[Prediction])
    assert {name: document["components"]["schemas"][name] for name in stream} == stream
    assert components().items() <= document["components"]["schemas"].items()

    answer = api.post("/predict", files=as_file(HAND.read_bytes())).json()
    schema = {"$ref": "#/components/schemas/Prediction", "components": document["components"]}
    jsonschema.Draft202012Validator(schema).validate(answer)


def test_examples_in_the_docs_are_valid(api: httpx.Client) -> None:
    document = api.get("/openapi.json").json()
    checked = 0
    for path in document["paths"].values():
        for operation in path.values():
            for answer in operation["responses"].values():
                media = answer.get("content", {}).get("application/json", {})
                if "example" in media:
                    schema = {**media["schema"], "components": document["components"]}
                    jsonschema.Draft202012Validator(schema).validate(media["example"])
                    checked += 1
    assert checked >= 6


def test_the_picture_comes_back_with_what_was_found(api: httpx.Client) -> None:
    answer = api.post("/predict", params={"annotate": "true"}, files=as_file(HAND.read_bytes()))

    assert answer.headers["content-type"] == "image/jpeg"
    drawn, plain = Image.open(io.BytesIO(answer.content)), Image.open(HAND)
    assert drawn.size == plain.size
    assert drawn.convert("RGB").tobytes() != plain.convert("RGB").tobytes()


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "BMP", "GIF"])
def test_other_formats_are_taken(api: httpx.Client, kind: str) -> None:
    media_type = f"image/{kind.lower()}"
    answer = api.post("/predict", files=as_file(encoded(kind), name="x", media_type=media_type))
    assert decode_prediction(answer.content).status is Status.NO_HAND


def test_a_picture_is_turned_upright_as_its_exif_says(api: httpx.Client) -> None:
    """A camera that was held sideways stores its picture so, and says how it was held."""
    with Image.open(HAND) as upright:
        exif = Image.Exif()
        exif[0x0112] = 6  # the stored picture is to be turned by 90 degrees clockwise
        buffer = io.BytesIO()
        upright.transpose(Image.Transpose.ROTATE_90).save(buffer, "JPEG", quality=95, exif=exif)
        width, height = upright.size

    plain = decode_prediction(api.post("/predict", files=as_file(HAND.read_bytes())).content)
    turned = decode_prediction(api.post("/predict", files=as_file(buffer.getvalue())).content)

    assert (turned.width, turned.height) == (width, height)
    assert turned.gesture == plain.gesture
    for mine, theirs in zip(turned.hands[0].landmarks, plain.hands[0].landmarks, strict=True):
        assert mine[:2] == pytest.approx(theirs[:2], abs=0.05)
    drawn = api.post("/predict", params={"annotate": "true"}, files=as_file(buffer.getvalue()))
    assert Image.open(io.BytesIO(drawn.content)).size == (width, height)


def wide_png() -> bytes:
    """A few bytes that claim to be 30,000 pixels wide and high."""
    buffer = io.BytesIO()
    Image.new("1", (1, 1)).save(buffer, "PNG")
    png = bytearray(buffer.getvalue())
    png[16:24] = (30_000).to_bytes(4) + (30_000).to_bytes(4)
    import zlib  # noqa: PLC0415

    png[29:33] = zlib.crc32(bytes(png[12:29])).to_bytes(4)
    return bytes(png)


@pytest.mark.parametrize(
    ("content", "media_type", "status", "kind"),
    [
        (b"", "image/jpeg", 400, "empty-image"),
        (b"hello", "text/plain", 415, "not-an-image"),
        (b"<svg/>", "image/svg+xml", 415, "not-an-image"),
        (b"hello", "image/jpeg", 415, "not-an-image"),
        (encoded("PNG")[:100], "image/png", 422, "not-an-image"),
        (wide_png(), "image/png", 422, "too-many-pixels"),
        (b"\xff\xd8\xff" + bytes(MAX_UPLOAD_BYTES), "image/jpeg", 413, "too-many-bytes"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_cannot_be_used_is_refused_with_its_reason(
    api: httpx.Client, content: bytes, media_type: str, status: int, kind: str
) -> None:
    for answer in (
        api.post("/predict", content=content, headers={"Content-Type": media_type}),
        api.post("/predict", files=as_file(content, media_type=media_type)),
    ):
        if kind == "not-an-image" and answer.status_code == 200:
            pytest.fail("a damaged picture was taken")
        assert problem(answer, status)["type"] == f"urn:handstream:problem:{kind}"


@pytest.mark.parametrize(
    "media_type",
    ["image/jpg", "image/pjpeg", "image/png", "binary/octet-stream", "application/x-www-form-urlencoded", "text/plain"],
)
def test_the_content_decides_what_an_image_is(api: httpx.Client, media_type: str) -> None:
    image = HAND.read_bytes()
    whole = api.post("/predict", content=image, headers={"Content-Type": media_type}).raise_for_status().json()
    part = api.post("/predict", files=as_file(image, media_type=media_type)).raise_for_status().json()
    assert whole["status"] == part["status"] == "ok"


@pytest.mark.parametrize("content", [b"small", HAND.read_bytes()], ids=["small", "large"])
@pytest.mark.parametrize("path", ["/predict", "/predict/batch"])
def test_a_part_without_a_file_name_is_told_so(api: httpx.Client, path: str, content: bytes) -> None:
    field = "file" if path == "/predict" else "files"
    body = f'--x\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n'.encode() + content + b"\r\n--x--\r\n"
    answer = api.post(path, content=body, headers={"Content-Type": "multipart/form-data; boundary=x"})
    found = problem(answer, 400)
    assert found["type"] == "urn:handstream:problem:part-without-file-name"
    assert "no file name" in str(found["detail"])


def test_a_damaged_image_is_named_by_its_prediction(api: httpx.Client) -> None:
    image = HAND.read_bytes()
    for content, damaged in ((image, False), (image[:-2], False), (image[: len(image) * 3 // 4], True)):
        found = api.post("/predict", files=as_file(content)).raise_for_status().json()
        assert found["image_damaged"] is damaged


def test_a_form_without_the_file_or_out_of_shape_is_refused(api: httpx.Client) -> None:
    missing = problem(api.post("/predict", files={"picture": ("a.jpg", b"x", "image/jpeg")}), 422)
    assert "'file'" in str(missing["detail"])
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert "multipart" in str(problem(api.post("/predict", content=b"no boundary", headers=headers), 400)["detail"])
    headers = {"Content-Type": "multipart/form-data"}
    problem(api.post("/predict", content=b"--x--", headers=headers), 400)
    two = [("file", ("a.jpg", b"x", "image/jpeg")), ("file", ("b.jpg", b"x", "image/jpeg"))]
    problem(api.post("/predict", files=two), 400)


@pytest.mark.parametrize("framing", ["Transfer-Encoding: chunked", f"Content-Length: {10 * MAX_UPLOAD_BYTES}"])
def test_a_body_is_refused_at_the_first_byte_too_many_whatever_its_length_says(api_address: str, framing: str) -> None:
    address = urlsplit(api_address)
    assert address.hostname
    assert address.port
    head = f"POST /predict HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: image/jpeg\r\n{framing}\r\n\r\n"
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        connection.sendall(head.encode())
        sent = 0
        if "chunked" in framing:
            chunk = b"\xff" * 50_000
            while sent <= MAX_UPLOAD_BYTES:
                connection.sendall(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
                sent += len(chunk)
        # The body goes on, but the answer is there.
        answer = b""
        while b"too-many-bytes" not in answer and (more := connection.recv(65536)):
            answer += more
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"too-many-bytes" in answer


def test_a_batch_answers_for_each_file(api: httpx.Client) -> None:
    files = [
        ("files", ("hand.jpg", HAND.read_bytes(), "image/jpeg")),
        ("files", ("notes.txt", b"hello", "text/plain")),
        ("files", ("broken.jpg", b"hello", "image/jpeg")),
        ("files", ("empty.png", encoded("PNG"), "image/png")),
    ]
    items = api.post("/predict/batch", files=files).json()["predictions"]

    assert [item["name"] for item in items] == ["hand.jpg", "notes.txt", "broken.jpg", "empty.png"]
    assert [item["prediction"] and item["prediction"]["status"] for item in items] == ["ok", None, None, "no_hand"]
    assert [item["problem"] and item["problem"]["status"] for item in items] == [None, 415, 415, None]
    single = api.post("/predict", files=as_file(HAND.read_bytes())).json()
    assert items[0]["prediction"]["hands"] == single["hands"]


def test_a_batch_has_its_limits(api: httpx.Client) -> None:
    too_many = [("files", (f"{number}.jpg", b"x", "image/jpeg")) for number in range(17)]
    problem(api.post("/predict/batch", files=too_many), 400)
    problem(api.post("/predict/batch", files={"file": ("a.jpg", b"x", "image/jpeg")}), 422)
    problem(api.post("/predict/batch", content=b"x", headers={"Content-Type": "image/jpeg"}), 415)


def test_the_model_says_what_it_is(api: httpx.Client) -> None:
    manifest = read_manifest(SHIPPED_BUNDLE)
    model = api.get("/model").json()
    assert (model["name"], model["version"], model["sha256"]) == (manifest.name, manifest.version, manifest.sha256)
    assert model["classes"] == list(manifest.classes)
    assert json.dumps(model["metrics"]) == json.dumps(manifest.metrics)
