"""The synthetic cameras of a demo, each a process."""

from __future__ import annotations

import json
import signal
from dataclasses import dataclass

from handstream.demo.stage import ChildEnded, Stage, last_line
from producers.supervisor import INTERRUPTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Cameras:
    """fps: frames a second of each. seed: of the first; each has the next one."""

    count: int
    fps: float
    seed: int

    @property
    def names(self) -> tuple[str, ...]:
        return ("camera",) if self.count == 1 else tuple(f"camera-{index}" for index in range(self.count))

    def start(self, stage: Stage) -> None:
        for index, name in enumerate(self.names):
            arguments = ("--camera", name, "--fps", f"{self.fps:g}", "--seed", str(self.seed + index), "--json")
            stage.group.start(name, "handstream.cli", "produce", "synthetic", *arguments, environment=stage.environment)

    def stop(self, stage: Stage) -> int:
        """End them and return the frames that they published. Raises ChildEnded where one does not say."""
        return sum(_stop(stage, name) for name in self.names)


def _stop(stage: Stage, name: str) -> int:
    exit_code = stage.group.stop(name)
    if exit_code in (-signal.SIGTERM, INTERRUPTED) and not stage.group.path(name, "out").read_text():
        # It was ended before it had begun.
        return 0
    try:
        return int(json.loads(stage.group.path(name, "out").read_text())["published"])
    except (ValueError, KeyError) as error:
        log = stage.group.path(name, "log")
        raise ChildEnded(f"{name} left no summary: {last_line(log)}; see {log}") from error
