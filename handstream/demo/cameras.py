"""The synthetic cameras of a demo, each a process."""

from __future__ import annotations

import json
import signal
from dataclasses import dataclass
from functools import partial

from handstream.demo.stack import RunningStack
from supervision.exit_codes import ExitCode
from supervision.supervisor import ChildFailed, Need


@dataclass(frozen=True, slots=True, kw_only=True)
class Cameras:
    """fps: frames a second of each. seed: of the first; each has the next one."""

    count: int
    fps: float
    seed: int

    @property
    def names(self) -> tuple[str, ...]:
        return ("camera",) if self.count == 1 else tuple(f"camera-{index}" for index in range(self.count))

    def start(self, stack: RunningStack) -> None:
        for index, name in enumerate(self.names):
            arguments = ("--camera", name, "--fps", f"{self.fps:g}", "--seed", str(self.seed + index), "--json")
            start = partial(
                stack.children.start,
                *(name, "handstream.cli", "produce", "synthetic", *arguments),
                environment=stack.environment,
            )
            stack.supervisor.keep(name, start, need=Need.ONCE)

    def stop(self, stack: RunningStack) -> int:
        """End them and return the frames that they published. Raises ChildFailed where one does not say."""
        return sum(_stop(stack, name) for name in self.names)


def _stop(stack: RunningStack, name: str) -> int:
    stack.supervisor.release(name)
    exit_code = stack.children.stop(name)
    if exit_code in (-signal.SIGTERM, ExitCode.INTERRUPTED) and not stack.children.path(name, "out").read_text():
        # It was ended before it had begun.
        return 0
    try:
        return int(json.loads(stack.children.path(name, "out").read_text())["published"])
    except (ValueError, KeyError) as error:
        raise ChildFailed(f"{name} left no summary; see {stack.children.path(name, 'log')}") from error
