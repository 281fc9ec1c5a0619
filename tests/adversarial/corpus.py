"""Every record that is hard to take, built anew for each run."""

from __future__ import annotations

import functools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from PIL import Image

from events.cloud_event import format_time
from events.examples import example_stream_end
from events.reason import Reason
from events.stream_end import STREAM_END_TYPE
from tests.adversarial import pictures
from tests.adversarial.case import (
    NO_HAND,
    OK,
    SOME_PREDICTION,
    Case,
    RawName,
    and_also,
    case,
    frame,
    overwritten,
    with_headers,
    without,
)
from tests.adversarial.pictures import HAND, SIZE_8K, encoded, hand, large

REQUIRED = (
    "ce_specversion",
    "ce_type",
    "ce_id",
    "ce_source",
    "ce_time",
    "content-type",
    "ce_camera",
    "ce_sequence",
    "ce_width",
    "ce_height",
    "ce_mode",
)


@functools.cache
def corpus() -> tuple[Case, ...]:
    cases = (*_no_pictures(), *_damaged(), *_other_forms(), *_large(), *_headers(), *_values(), *_names(), *_others())
    assert len({one.name for one in cases}) == len(cases)
    return cases


def _no_pictures() -> list[Case]:
    nothing = case("no bytes", Reason.EMPTY_IMAGE, frame(b""))
    return [
        nothing,
        replace(nothing, name="no value", value=None),
        case("random bytes", Reason.NOT_AN_IMAGE, frame(pictures.noise(1, 40_000))),
        case("zeros", Reason.NOT_AN_IMAGE, frame(bytes(3_000_000))),
        case(
            "random behind the beginning of a JPEG", Reason.NOT_AN_IMAGE, frame(HAND[:20] + pictures.noise(2, 40_000))
        ),
        case("TIFF", Reason.NOT_AN_IMAGE, frame(encoded(hand(), "TIFF"))),
        case("PDF", Reason.NOT_AN_IMAGE, frame(encoded(hand(), "PDF"))),
        case("SVG", Reason.NOT_AN_IMAGE, frame(b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>")),
    ]


def _damaged() -> list[Case]:
    png = encoded(hand(), "PNG")
    return [
        case("JPEG cut off in its header", Reason.NOT_AN_IMAGE, frame(HAND[:300])),
        case("JPEG cut off in its pixels", SOME_PREDICTION, frame(HAND[: len(HAND) // 2])),
        case("JPEG without its end", OK, frame(HAND[:-2])),
        case("JPEG with more behind its end", OK, frame(HAND + pictures.noise(3, 5_000))),
        case("JPEG with flipped bits", SOME_PREDICTION, frame(pictures.with_flipped_bits(HAND, seed=1, count=20))),
        case(
            "JPEG with many flipped bits", SOME_PREDICTION, frame(pictures.with_flipped_bits(HAND, seed=2, count=900))
        ),
        case("PNG cut off", Reason.NOT_AN_IMAGE, frame(png[: len(png) // 2])),
        case("PNG with flipped bits", Reason.NOT_AN_IMAGE, frame(pictures.with_flipped_bits(png, seed=3, count=20))),
        case(
            "JPEG that claims 30000 x 30000",
            Reason.TOO_MANY_PIXELS,
            frame(pictures.claiming(HAND, width=30_000, height=30_000)),
        ),
        case("JPEG that claims 6000 x 6000", NO_HAND, frame(pictures.claiming(HAND, width=6_000, height=6_000))),
        case(
            "PNG that claims 30000 x 30000",
            Reason.TOO_MANY_PIXELS,
            frame(pictures.png_claiming(width=30_000, height=30_000)),
        ),
        case(
            "PNG that claims 6000 x 6000", Reason.NOT_AN_IMAGE, frame(pictures.png_claiming(width=6_000, height=6_000))
        ),
        case("JPEG of many scans", Reason.TOO_MANY_PIXELS, frame(pictures.many_scans())),
        case("PNG with a text that unpacks to 100 MB", Reason.NOT_AN_IMAGE, frame(pictures.text_bomb())),
    ]


def _other_forms() -> list[Case]:
    png, webp, gif = "image/png", "image/webp", "image/gif"
    return [
        case("JPEG", OK, frame(HAND)),
        case("progressive JPEG", OK, frame(encoded(hand(), "JPEG", progressive=True))),
        case("CMYK JPEG", OK, frame(encoded(hand().convert("CMYK"), "JPEG"))),
        case("grey JPEG", OK, frame(encoded(hand().convert("L"), "JPEG"))),
        case("PNG", OK, frame(encoded(hand(), "PNG"), content_type=png)),
        case("grey PNG of 16 bits", OK, frame(pictures.grey_of_16_bits(), content_type=png)),
        case("colour PNG of 16 bits", OK, frame(pictures.colour_of_16_bits(), content_type=png)),
        case("PNG with alpha", OK, frame(encoded(hand().convert("RGBA"), "PNG"), content_type=png)),
        case("WebP", OK, frame(encoded(hand(), "WEBP"), content_type=webp)),
        case("GIF", OK, frame(encoded(hand(), "GIF"), content_type=gif)),
        case("BMP", OK, frame(encoded(hand(), "BMP"), content_type="image/bmp")),
        case("animated GIF", OK, frame(pictures.animated("GIF"), content_type=gif)),
        case("animated WebP", OK, frame(pictures.animated("WEBP"), content_type=webp)),
        case("animated PNG", OK, frame(pictures.animated("PNG"), content_type=png)),
        case("several pictures in one JPEG", OK, frame(pictures.animated("MPO"))),
        *(case(f"EXIF orientation {number}", OK, frame(pictures.laid(number))) for number in range(1, 9)),
        case("PNG with an orientation", OK, frame(pictures.laid(6, form="PNG"), content_type=png)),
        case("wrong content type", OK, frame(HAND, content_type=png)),
        case("unsupported content type", Reason.UNSUPPORTED_CONTENT_TYPE, frame(HAND, content_type="text/html")),
    ]


def _large() -> list[Case]:
    eight_k = large()
    return [
        case("JPEG of 1 x 1", NO_HAND, frame(pictures.thin("JPEG", width=1, height=1))),
        case("PNG of 1 x 1", NO_HAND, frame(pictures.thin("PNG", width=1, height=1))),
        case("PNG of 1 x 16384", NO_HAND, frame(pictures.thin("PNG", width=1, height=16_384))),
        case("JPEG of 16384 x 1", NO_HAND, frame(pictures.thin("JPEG", width=16_384, height=1))),
        case("PNG of 1 x 16385", Reason.TOO_MANY_PIXELS, frame(pictures.thin("PNG", width=1, height=16_385))),
        case("8K JPEG", OK, frame(encoded(eight_k, "JPEG"))),
        case("progressive 8K JPEG", OK, frame(encoded(eight_k, "JPEG", progressive=True))),
        case(
            "progressive 8K JPEG of full colour",
            Reason.TOO_MANY_PIXELS,
            frame(encoded(eight_k, "JPEG", progressive=True, subsampling=0)),
        ),
        case("8K PNG", OK, frame(encoded(eight_k, "PNG", compress_level=1))),
        case("8K GIF", OK, frame(encoded(eight_k, "GIF"))),
        case("8K WebP", Reason.TOO_MANY_PIXELS, frame(encoded(eight_k, "WEBP", quality=20, method=0))),
        case("4K WebP", OK, frame(encoded(large((3840, 2160)), "WEBP", quality=50, method=0))),
    ]


def _headers() -> list[Case]:
    good = case("good", OK, frame(HAND))
    faulty = replace(good, expected=Reason.MALFORMED_HEADER)
    missing = [
        replace(with_headers(good, without(name)), name=f"without {name}", expected=Reason.MISSING_HEADER)
        for name in REQUIRED
    ]
    twice = [
        replace(
            with_headers(good, and_also((name, dict(good.headers)[name]))),
            name=f"{name} twice",
            expected=Reason.DUPLICATE_HEADER,
        )
        for name in ("ce_camera", "ce_type")
    ]
    return [
        *missing,
        *twice,
        replace(good, name="no headers at all", headers=(), expected=Reason.MISSING_HEADER),
        replace(
            with_headers(good, overwritten(ce_camera=None)),
            name="header without a value",
            expected=Reason.MISSING_HEADER,
        ),
        replace(with_headers(faulty, overwritten(ce_source=b"s" * 5_000)), name="header of 5 kB"),
        replace(with_headers(good, and_also(("x-note", b"s" * 50_000))), name="header of 50 kB that nobody reads"),
        replace(with_headers(good, and_also(*((f"x-{n}", b"1") for n in range(2_000)))), name="2000 headers"),
        replace(with_headers(faulty, overwritten(ce_camera=b"\xff\xfe")), name="camera that is not UTF-8"),
        replace(with_headers(faulty, overwritten(ce_source=b"\xc3(")), name="source that is not UTF-8"),
        replace(with_headers(faulty, and_also((RawName(b"x-\xff\xfe"), b"1"))), name="header name that is not UTF-8"),
        replace(
            with_headers(faulty, lambda headers: ((RawName(b"\x80ce_camera"), b"door"), *headers[1:])),
            name="first header name that is not UTF-8",
        ),
        replace(
            with_headers(faulty, and_also((RawName(b"\xff" * 1_000_000), b"1"))),
            name="header name of 1 MB that is not UTF-8",
        ),
        replace(with_headers(good, overwritten(ce_source=b"\x01" * 4096)), name="source of 4 KiB to be escaped"),
        replace(
            with_headers(good, overwritten(ce_type=b"handstream.frame.v9")),
            name="unknown type",
            expected=Reason.UNKNOWN_TYPE,
        ),
        replace(with_headers(faulty, overwritten(ce_specversion=b"0.3")), name="other CloudEvents version"),
        replace(
            with_headers(good, overwritten(ce_type=STREAM_END_TYPE.encode())),
            name="stream end that is a picture",
            expected=Reason.MALFORMED_VALUE,
        ),
        replace(
            with_headers(good, overwritten(ce_type=STREAM_END_TYPE.encode())),
            name="stream end of a run whose name has 3 MB",
            value=replace(example_stream_end(), run="r" * 3_000_000).to_record().value,
            expected=Reason.MALFORMED_VALUE,
        ),
        replace(
            with_headers(good, overwritten(ce_type=STREAM_END_TYPE.encode())),
            name="stream end nested without end",
            value=b"[" * 100_000 + b"]" * 100_000,
            expected=Reason.MALFORMED_VALUE,
        ),
    ]


def _values() -> list[Case]:
    good = case("good", OK, frame(HAND))
    faulty = replace(good, expected=Reason.MALFORMED_HEADER)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    return [
        replace(with_headers(faulty, overwritten(ce_sequence=b"-1")), name="negative sequence"),
        replace(with_headers(faulty, overwritten(ce_sequence=b"1" * 4_000)), name="sequence of 4000 digits"),
        replace(with_headers(faulty, overwritten(ce_sequence=b"1e3")), name="sequence as a float"),
        replace(with_headers(faulty, overwritten(ce_width=b"-640")), name="negative width"),
        case("greatest sequence", OK, frame(HAND, sequence=10**18 - 1)),
        replace(with_headers(good, overwritten(ce_width=b"9" * 18, ce_height=b"0")), name="width that is a lie"),
        replace(with_headers(good, overwritten(ce_time=format_time(tomorrow).encode())), name="clock a day ahead"),
        replace(
            with_headers(good, overwritten(ce_time=b"9999-12-31T23:59:59.999999Z")), name="clock at the last moment"
        ),
        replace(with_headers(good, overwritten(ce_time=b"0001-01-01T00:00:00Z")), name="clock at the first moment"),
        replace(with_headers(faulty, overwritten(ce_time=b"0001-01-01T00:00:00+23:59")), name="clock before all time"),
        replace(with_headers(faulty, overwritten(ce_time=b"yesterday")), name="time that is none"),
        replace(with_headers(faulty, overwritten(ce_mode=b"LIVE")), name="unknown mode"),
        replace(with_headers(faulty, overwritten(ce_id=b"corpus/run1/1")), name="id of another frame"),
        case("sequence 5", OK, frame(HAND, camera="backwards", sequence=5)),
        case("sequence 3 behind it", OK, frame(HAND, camera="backwards", sequence=3)),
        case("sequence 5 again", OK, frame(HAND, camera="backwards", sequence=5)),
    ]


def _names() -> list[Case]:
    return [
        case("camera of 128 characters", OK, frame(HAND, camera="c" * 128)),
        case("camera of 128 wide characters", OK, frame(HAND, camera="\N{GRINNING FACE}" * 128)),
        case("camera of 129 characters", Reason.MALFORMED_HEADER, frame(HAND, camera="c" * 129)),
        case("camera from right to left", OK, frame(HAND, camera="\u05de\u05e6\u05dc\u05de\u05d4 \u0643\u0627\u0645")),
        case("camera that turns the line round", Reason.MALFORMED_HEADER, frame(HAND, camera="\u202edesk")),
        case("camera with control characters", Reason.MALFORMED_HEADER, frame(HAND, camera="de\x1b[2Jsk\r\n")),
        case("camera with a zero byte", Reason.MALFORMED_HEADER, frame(HAND, camera="de\0sk")),
        case("camera with slashes", OK, frame(HAND, camera="../../etc/desk")),
    ]


def _others() -> list[Case]:
    good = case("good", OK, frame(HAND))
    return [
        replace(good, name="no key", key=None),
        replace(good, name="empty key", key=b""),
        replace(good, name="key that is not UTF-8", key=b"\xff\xfe\x00"),
        replace(good, name="key of 4 KiB", key=b"k" * 4096),
        replace(good, name="key of 100 kB", key=b"k" * 100_000, expected=Reason.MALFORMED_KEY),
        replace(good, name="key of 4 MB", key=b"k" * 4_000_000, expected=Reason.MALFORMED_KEY),
        case("black picture", NO_HAND, frame(encoded(Image.new("RGB", (640, 480)), "JPEG"))),
        case("8K JPEG of nothing", NO_HAND, frame(encoded(Image.new("RGB", SIZE_8K), "JPEG"))),
    ]
