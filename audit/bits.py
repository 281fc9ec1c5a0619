"""One bit for each offset of a range."""

from __future__ import annotations

from collections.abc import Iterator

_FULL = 0xFF


class Bits:
    """Which offsets of first (included) to end (not included) were marked: 125 kB for a million of them."""

    __slots__ = ("_bytes", "end", "first")

    def __init__(self, *, first: int, end: int) -> None:
        self.first = first
        self.end = max(first, end)
        self._bytes = bytearray((self.end - first + 7) // 8)

    def mark(self, offset: int) -> bool:
        """Mark an offset of the range; whether it was marked already."""
        byte, bit = divmod(offset - self.first, 8)
        was = self._bytes[byte] >> bit & 1
        self._bytes[byte] |= 1 << bit
        return bool(was)

    def unmarked(self) -> Iterator[int]:
        """The offsets that were not marked, in their order."""
        for index, byte in enumerate(self._bytes):
            if byte == _FULL:
                continue
            start = self.first + index * 8
            for bit in range(min(8, self.end - start)):
                if not byte >> bit & 1:
                    yield start + bit
