"""The state file: which process is the broker of a data directory."""

from __future__ import annotations

from pathlib import Path

import msgspec
import psutil


class BrokerState(msgspec.Struct, frozen=True, kw_only=True):
    """pid: leader of the broker's process group. started_at_seconds: when that process began, seconds since 1970."""

    pid: int
    started_at_seconds: float
    port: int

    @classmethod
    def of(cls, *, pid: int, port: int) -> BrokerState:
        return cls(pid=pid, started_at_seconds=psutil.Process(pid).create_time(), port=port)

    def process(self) -> psutil.Process | None:
        """The process, if it runs. A later process with the same pid is not it."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started_at_seconds) < 1
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None


def read_state(path: Path) -> BrokerState | None:
    """None where there is no state, or none that can be read: a machine that went down leaves half a file."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=BrokerState)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def write_state(path: Path, state: BrokerState) -> None:
    path.write_bytes(msgspec.json.encode(state))
