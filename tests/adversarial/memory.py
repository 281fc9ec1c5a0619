"""The greatest amount of memory that a process held."""

from __future__ import annotations

from pathlib import Path

MEGABYTE = 1024 * 1024


def reset_peak(pid: int | str = "self") -> None:
    """Let the peak be measured anew from now on."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def resident_bytes(pid: int | str = "self") -> int:
    return _of(pid, "VmRSS")


def peak_bytes(pid: int | str = "self") -> int:
    """Since it was reset, or since the process began."""
    return _of(pid, "VmHWM")


def _of(pid: int | str, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    raise AssertionError(f"process {pid} has no {name}")
