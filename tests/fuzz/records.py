"""Records that were valid before somebody damaged them."""

from __future__ import annotations

from hypothesis import strategies as st

from events.examples import example_dead_letter, example_frame, example_prediction, example_stream_end
from events.record import BrokenName, Record
from tests.events.strategies import header_names, header_values

Pairs = tuple[tuple[str, bytes | None], ...]

VALID: tuple[Record, ...] = (
    example_frame().to_record(),
    example_stream_end().to_record(),
    example_dead_letter().to_record(),
    example_prediction().to_record(key=b"door"),
)


@st.composite
def damaged_values(draw: st.DrawFn) -> bytes | None:
    """JSON with a part cut out or overwritten, nested without end, or nothing of the kind."""
    if draw(st.booleans()):
        return draw(st.none() | st.binary(max_size=200))
    content = draw(st.sampled_from([record.value for record in VALID]))
    begin = draw(st.integers(0, len(content)))
    end = draw(st.integers(begin, min(len(content), begin + 20)))
    filling = draw(
        st.binary(max_size=8)
        | st.sampled_from([b"null", b"-1", b"1e999", b'"\xff"', b"[" * 5_000, b'{"a":' * 5_000, b"9" * 400, b"\\ud800"])
    )
    return content[:begin] + filling + content[end:]


@st.composite
def damaged_headers(draw: st.DrawFn) -> Pairs:
    """Headers dropped, doubled, renamed, overwritten or added."""
    pairs: list[tuple[str, bytes | None]] = list(draw(st.sampled_from(VALID)).headers)
    names = header_names | header_names.map(BrokenName)
    values = header_values | st.sampled_from(
        [b"-1", b"9" * 30, b"1_0", "\u0663".encode(), b"2025-13-01T00:00:00Z", b"9999-12-31T23:59:59-23:59", b"\0", b""]
    )
    for _ in range(draw(st.integers(0, 5))):
        if not pairs:
            break
        place = draw(st.integers(0, len(pairs) - 1))
        match draw(st.sampled_from(["drop", "double", "rename", "overwrite", "add"])):
            case "drop":
                del pairs[place]
            case "double":
                pairs.append(pairs[place])
            case "rename":
                pairs[place] = (draw(names), pairs[place][1])
            case "overwrite":
                pairs[place] = (pairs[place][0], draw(values))
            case "add":
                pairs.append((draw(names), draw(values)))
    return tuple(pairs)
