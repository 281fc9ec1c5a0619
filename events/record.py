"""What a record is, whichever Kafka client carries it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from events.reason import Reason, RecordError
from events.trace_context import TRACEPARENT

Headers = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record to be written. timestamp_ms: milliseconds since the epoch, UTC."""

    key: bytes | None
    value: bytes
    headers: Headers
    timestamp_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a record lies in Kafka."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"

    @classmethod
    def parse(cls, text: str) -> Position:
        """Read `topic/partition/offset`. Raises ValueError for anything else."""
        topic, _, rest = text.partition("/")
        partition, _, offset = rest.partition("/")
        if not topic or not (_is_number(partition) and _is_number(offset)):
            raise ValueError(f"{text[:80]!r} is no position, which is TOPIC/PARTITION/OFFSET")
        return cls(topic=topic, partition=int(partition), offset=int(offset))


class BrokenName(str):
    """A header's name that is not UTF-8, as text in which the bytes at fault are escaped (`\\xff`).

    Kafka takes such names from anybody. A type of its own tells them from names that really have a backslash.
    """

    __slots__ = ()


def header_name(raw: bytes | bytearray) -> str:
    """The name as text; a BrokenName where it is not UTF-8."""
    try:
        return bytes.decode(raw) if isinstance(raw, bytes) else bytearray.decode(raw)
    except UnicodeDecodeError:
        # As errors="backslashreplace" has it, in half the time: a name may have megabytes.
        return BrokenName(bytes(raw).decode(errors="surrogateescape").translate(_ESCAPED))


_ESCAPED = {0xDC00 + byte: f"\\x{byte:02x}" for byte in range(0x80, 0x100)}


class HeaderReader:
    """Reads text headers, one value a name.

    Clients differ in what they hand out (a list of pairs, a mapping, None), and a foreign producer may write anything.
    Every fault raises RecordError with the reason for the dead letter. Headers that nobody asks for are left alone:
    CloudEvents lets intermediaries add extensions.
    """

    __slots__ = ("_values",)

    def __init__(self, headers: Iterable[tuple[str, bytes | None]] | Mapping[str, bytes | None] | None) -> None:
        pairs = headers.items() if isinstance(headers, Mapping) else headers or ()
        self._values: dict[str, bytes | None] = {}
        for name, value in pairs:
            if isinstance(name, BrokenName):
                raise RecordError(Reason.MALFORMED_HEADER, f"the name of header '{name[:40]}' is not UTF-8")
            if name == TRACEPARENT:
                continue  # read by events/trace_context.py, which takes no offence: a trace is worth no frame
            if name in self._values:
                raise RecordError(Reason.DUPLICATE_HEADER, f"header {name!r} stands twice")
            self._values[name] = value

    def optional(self, name: str) -> str | None:
        value = self._values.get(name)
        if value is None:
            return None
        if len(value) > MAX_HEADER_BYTES:
            raise RecordError(
                Reason.MALFORMED_HEADER, f"header {name!r} has {len(value)} bytes, {MAX_HEADER_BYTES} are allowed"
            )
        try:
            return value.decode()
        except UnicodeDecodeError as error:
            raise RecordError(Reason.MALFORMED_HEADER, f"header {name!r} is not UTF-8: {value[:40]!r}") from error

    def required(self, name: str) -> str:
        value = self.optional(name)
        if value is None:
            raise RecordError(Reason.MISSING_HEADER, f"header {name!r} is missing")
        return value

    def integer(self, name: str, *, minimum: int) -> int:
        text = self.required(name)
        if not _is_number(text) or int(text) < minimum:
            raise RecordError(
                Reason.MALFORMED_HEADER,
                f"header {name!r} must be a whole number of at least {minimum}, not {text[:40]!r}",
            )
        return int(text)


def _is_number(text: str) -> bool:
    # int() would also take '1_000', ' 7' and Arabic digits, which nobody writes on purpose.
    return text.isascii() and text.isdigit() and len(text) <= MAX_INTEGER_DIGITS


MAX_HEADER_BYTES = 4096
MAX_INTEGER_DIGITS = 18  # fits a signed 64-bit integer
