"""Who takes part: the bare loops, Handstream, and what a user would write instead."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from stream_app.cli import core_count
from supervision.children import ChildProcesses

ROOT = Path(__file__).parents[1]
PEERS_PYTHON = ROOT / ".venv" / "peers" / "bin" / "python"


class Kind(StrEnum):
    """loop: reads films from a file. topic: takes frames from Kafka. http: takes one POST a frame."""

    LOOP = "loop"
    TOPIC = "topic"
    HTTP = "http"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """module: the Python module of each process. arguments: its own ones, in which {folder} stands for a folder of the
    process and {port} for a port. is_peer: runs in the peers' environment.
    hands: how many it looks for; None for those of Handstream, which go by HANDSTREAM_MAX_HANDS.
    engine: HANDSTREAM_ENGINE, where it is not the default one."""

    name: str
    title: str
    kind: Kind
    module: str
    is_peer: bool
    arguments: tuple[str, ...] = ()
    hands: int | None = None
    engine: str | None = None

    @property
    def is_available(self) -> bool:
        return not self.is_peer or PEERS_PYTHON.exists()

    def environment(self, extra: Mapping[str, str]) -> dict[str, str]:
        variables = {**os.environ, **extra, "NO_COLOR": "1"}
        if self.is_peer:
            # Modules of the user's folder must not be found before those of the environment.
            variables |= {"PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1", "PEER_HANDS": str(self.hands)}
        if self.engine is not None:
            variables["HANDSTREAM_ENGINE"] = self.engine
        return variables

    def start(
        self,
        group: ChildProcesses,
        *more: str,
        index: int,
        environment: Mapping[str, str],
        folder: Path | None = None,
        port: int | None = None,
    ) -> None:
        """Start one process of it. more: arguments behind its own."""
        # What runs on machines of its own elsewhere keeps its files apart here.
        own = [one.format(folder=folder and folder / f"{self.name}-{index}", port=port) for one in self.arguments]
        name, variables = f"{self.name}-{index}", self.environment(environment)
        if self.is_peer:
            group.start_program(name, str(PEERS_PYTHON), "-m", self.module, *own, *more, environment=variables)
        else:
            group.start(name, self.module, *own, *more, environment=variables)


def process_count(cameras: int, *, wanted: int | None = None) -> int:
    """As many as wanted, else one a core, but no more than there are cameras."""
    return min(wanted or core_count(), cameras)


MEDIAPIPE_LOOP = Contender(
    name="mediapipe-loop",
    title="bare MediaPipe loop, same capability",
    kind=Kind.LOOP,
    module="benchmarks.bare_loop",
    is_peer=False,
    engine="mediapipe",
)
OWN_LOOP = Contender(
    name="own-loop", title="our bare engine", kind=Kind.LOOP, module="benchmarks.bare_loop", is_peer=False
)
HANDSTREAM = Contender(name="handstream", title="Handstream", kind=Kind.TOPIC, module="stream_app", is_peer=False)
_NUMBER = {1: "one hand", 2: "two hands"}


def _peers(name: str, title: str, kind: Kind, module: str, *arguments: str) -> tuple[Contender, ...]:
    return tuple(
        Contender(
            name=f"{name}-{hands}",
            title=f"{title}, {_NUMBER[hands]}",
            kind=kind,
            module=module,
            arguments=arguments,
            is_peer=True,
            hands=hands,
        )
        for hands in _NUMBER
    )


PLAIN_LOOPS = _peers("plain-loop", "plain MediaPipe loop", Kind.LOOP, "benchmarks.peers.plain_loop")
_FAUST = ("--datadir", "{folder}", "-A", "benchmarks.peers.faust_agent", "worker", "--without-web", "-l", "warn")
_UVICORN = ("benchmarks.peers.http_server:app", "--port", "{port}", "--no-access-log", "--log-level", "warning")
PEERS = (
    *_peers("kafka-python", "kafka-python loop", Kind.TOPIC, "benchmarks.peers.kafka_python_loop"),
    *_peers("faust", "plain Faust agent", Kind.TOPIC, "faust", *_FAUST),
    *_peers("quix", "Quix Streams", Kind.TOPIC, "benchmarks.peers.quix_app"),
    *_peers("http", "HTTP POST per frame", Kind.HTTP, "uvicorn", *_UVICORN),
)
CONTENDERS = {one.name: one for one in (MEDIAPIPE_LOOP, OWN_LOOP, HANDSTREAM, *PLAIN_LOOPS, *PEERS)}
