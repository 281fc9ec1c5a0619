"""Children that are started again when they crash."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from supervision.children import ChildProcesses, Ended
from supervision.exit_codes import ExitCode

# A child that ran this long after it was ready has started well; what it dies of later is another matter.
STEADY_SECONDS = 5.0
MAX_BACK_OFF_SECONDS = 30.0
SAME_WORK_CRASHES = 3
FAILED_STARTS = 5


class ChildFailed(Exception):
    """A child that is needed has ended for good; the message has the reason, exit_code is for this process."""

    def __init__(self, reason: str, *, exit_code: int = ExitCode.FAILED) -> None:
        super().__init__(reason)
        self.exit_code = exit_code


class Need(Enum):
    """What becomes of the whole when a child ends by itself.

    WORK: it is started again; the same piece of work, or a start that keeps failing, ends the whole.
    SIDE: it is started again; when its start keeps failing, the whole goes on without it.
    ONCE: it is never started again, and ends the whole.
    """

    WORK = auto()
    SIDE = auto()
    ONCE = auto()


@dataclass(slots=True)
class _Child:
    start: Callable[[], None]
    need: Need
    failed_starts: int = 0
    ready_at: float | None = None
    # When it is to be started again; None while it runs.
    due_at: float | None = None


@dataclass(slots=True)
class _CrashBook:
    """In how many crashes of any worker each piece of work was in hand."""

    _crashes: Counter[str] = field(default_factory=Counter)

    def add(self, ended: Ended) -> str | None:
        """The piece of work that has ended too many processes by now."""
        # A child that failed in order knows where; of a native crash or a SIGKILL, what was in hand is known.
        suspects = (ended.status.failed_at,) if ended.status.failed_at else ended.status.work
        self._crashes.update(suspects)
        return next((work for work in suspects if self._crashes[work] >= SAME_WORK_CRASHES), None)


class Supervisor:
    """Keeps children running: check() is to be called some times a second.

    The first restart comes at once, those after it with a growing delay until the child has run well for a while.
    say: gets a line about each end and restart. on_crash: called when a child that does the work has ended.
    """

    def __init__(
        self,
        processes: ChildProcesses,
        *,
        say: Callable[[str], object],
        on_crash: Callable[[Ended], object] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._processes = processes
        self._say = say
        self._on_crash = on_crash
        self._clock = clock
        self._children: dict[str, _Child] = {}
        self._book = _CrashBook()
        self._anyone_was_ready = False

    @property
    def processes(self) -> ChildProcesses:
        return self._processes

    def start(self, name: str, module: str, *arguments: str, environment: Mapping[str, str]) -> None:
        """Run a Python module that the whole depends on."""
        self.keep(name, lambda: self._processes.start(name, module, *arguments, environment=environment))

    def keep(
        self,
        name: str,
        start: Callable[[], None],
        *,
        need: Need = Need.WORK,
    ) -> None:
        """start: starts the child of that name in `processes`, now and at each restart."""
        start()
        self._children[name] = _Child(start=start, need=need)

    def is_ready(self, name: str) -> bool:
        """Whether it runs and has said that it does its work."""
        child = self._children[name]
        return child.due_at is None and self._processes.status(name).ready

    def is_kept(self, name: str) -> bool:
        """Whether it runs or will be started again."""
        return name in self._children

    def release(self, name: str) -> None:
        """It is about to be stopped, and may end."""
        self._children.pop(name, None)

    def check(self) -> None:
        """Start again what has ended. Raises ChildFailed."""
        now = self._clock()
        for name, child in self._children.items():
            self._note_readiness(name, child, now)
        while (ended := self._processes.ended()) is not None:
            self._processes.forget(ended.name)
            if ended.name in self._children:
                self._handle(ended, self._children[ended.name], now)
        for child in self._children.values():
            if child.due_at is not None and now >= child.due_at:
                child.due_at = child.ready_at = None
                child.start()

    def _note_readiness(self, name: str, child: _Child, now: float) -> None:
        if child.due_at is not None:
            return
        if child.ready_at is None and self._processes.status(name).ready:
            child.ready_at = now
            self._anyone_was_ready |= child.need is Need.WORK
            if child.failed_starts:
                self._say(f"{name} is ready again")
        if child.ready_at is not None and now - child.ready_at >= STEADY_SECONDS:
            child.failed_starts = 0

    def _handle(self, ended: Ended, child: _Child, now: float) -> None:
        what = _described(ended)
        if child.need is Need.ONCE:
            raise ChildFailed(what)
        if child.need is Need.WORK:
            self._on_crash(ended)
            self._end_where_hopeless(ended, child, what)
        delay = min(MAX_BACK_OFF_SECONDS, 2.0 ** (child.failed_starts - 1)) if child.failed_starts else 0.0
        child.failed_starts += 1
        if child.failed_starts > FAILED_STARTS and child.need is Need.SIDE:
            del self._children[ended.name]
            self._say(f"{what}; going on without it, after {FAILED_STARTS} restarts")
            return
        child.due_at = now + delay
        self._say(f"{what}; starting it again {f'in {delay:.0f} s' if delay else 'at once'}")

    def _end_where_hopeless(self, ended: Ended, child: _Child, what: str) -> None:
        if ended.exit_code == ExitCode.BAD_USE and not self._anyone_was_ready:
            raise ChildFailed(what, exit_code=ExitCode.BAD_USE)
        work = self._book.add(ended)
        if work is not None:
            raise ChildFailed(f"{work} has ended a worker {SAME_WORK_CRASHES} times: {ended.cause}")
        if child.failed_starts >= FAILED_STARTS:
            raise ChildFailed(f"{what}, for the {FAILED_STARTS + 1}th time in a row soon after its start")


def _described(ended: Ended) -> str:
    at = f" at {ended.status.failed_at}" if ended.status.failed_at else ""
    return f"{ended.name} ended{at}: {ended.cause}"
