"""Children that crash, each in its way: what is started again, what ends the whole, and what is said of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from supervision.children import ChildProcesses
from supervision.exit_codes import ExitCode
from supervision.supervisor import FAILED_STARTS, SAME_WORK_CRASHES, STEADY_SECONDS, ChildFailed, Need, Supervisor
from tests.supervision.children_programs import write_program

TIMEOUT_SECONDS = 30.0
RUNS = "import time\nfrom supervision import status\nstatus.ready()\ntime.sleep(600)\n"
# What a library writes is not why it ended.
FAILS_AT_WORK = """
import sys
from supervision import status
status.ready()
status.failed("RuntimeError: the model broke", at="frames/0/7")
sys.exit("W0000 tensorflow: a warning")
"""
IS_KILLED_AT_WORK = """
import os, signal
from supervision import status
status.ready()
status.working_on(["frames/0/7", "frames/1/{}".format(os.getpid())])
os.kill(os.getpid(), signal.SIGSEGV)
"""
CANNOT_START = "import sys\nfrom supervision import status\nstatus.failed('no such model')\nsys.exit(2)\n"
RAISES = "import sys\nprint('W0000 tensorflow', file=sys.stderr)\nraise ValueError('a bug\\nof ours')\n"


class Run:
    """A supervisor whose clock goes on when it is told to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = 0.0
        self.said: list[str] = []
        self.crashed: list[str] = []
        self.children = ChildProcesses(log_dir=folder / "logs", stop_timeout_seconds=5)
        self.supervisor = Supervisor(
            self.children,
            say=self.said.append,
            on_crash=lambda ended: self.crashed.append(ended.name),
            clock=lambda: self.now,
        )

    def keep(self, name: str, program: str, *, need: Need = Need.WORK) -> None:
        environment = write_program(self.folder, name, program)
        self.supervisor.keep(name, lambda: self.children.start(name, name, environment=environment), need=need)

    def until(self, condition: Callable[[], bool], *, seconds_a_look: float = 0.0) -> None:
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while not condition():
            assert time.monotonic() < deadline, self.said
            self.supervisor.check()
            self.now += seconds_a_look
            time.sleep(0.02)

    def failure(self) -> ChildFailed:
        with pytest.raises(ChildFailed) as failed:
            self.until(lambda: False, seconds_a_look=1.0)
        return failed.value


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    one = Run(tmp_path)
    with one.children:
        yield one


def test_a_child_that_is_killed_starts_again_at_once_and_the_others_run_on(run: Run) -> None:
    run.keep("stays", RUNS)
    run.keep("dies", RUNS)
    run.until(lambda: run.supervisor.is_ready("dies"))
    before = run.children.pids()
    psutil.Process(before["dies"]).kill()
    run.until(lambda: "dies is ready again" in run.said)

    assert run.said[0] == "dies ended: killed by SIGKILL; starting it again at once"
    assert run.children.pids()["stays"] == before["stays"]
    assert run.crashed == ["dies"]


def test_restarts_come_slower_until_the_child_has_run_well_for_a_while(run: Run) -> None:
    run.keep("dies", RUNS)
    for _ in range(3):
        run.until(lambda: run.supervisor.is_ready("dies"), seconds_a_look=0.5)
        psutil.Process(run.children.pids()["dies"]).kill()
        run.until(lambda: not run.supervisor.is_ready("dies"))
    run.until(lambda: run.supervisor.is_ready("dies"), seconds_a_look=0.5)
    run.now += STEADY_SECONDS + 1
    run.supervisor.check()
    run.now += STEADY_SECONDS + 1
    run.supervisor.check()
    psutil.Process(run.children.pids()["dies"]).kill()
    run.until(lambda: not run.supervisor.is_ready("dies"))

    waits = [line.rpartition("again ")[2] for line in run.said if "starting" in line]
    assert waits == ["at once", "in 1 s", "in 2 s", "at once"]


@pytest.mark.parametrize("program", [FAILS_AT_WORK, IS_KILLED_AT_WORK])
def test_work_that_ends_one_worker_after_the_other_ends_the_whole(run: Run, program: str) -> None:
    run.keep("one", program)
    run.keep("other", program)
    failure = run.failure()

    assert len(run.crashed) == SAME_WORK_CRASHES
    assert str(failure).startswith(f"frames/0/7 has ended a worker {SAME_WORK_CRASHES} times: ")
    assert str(failure).endswith(("RuntimeError: the model broke", "killed by SIGSEGV"))
    assert failure.exit_code == ExitCode.FAILED


def test_what_cannot_start_at_all_ends_the_whole_with_its_own_reason(run: Run) -> None:
    run.keep("worker", CANNOT_START)
    failure = run.failure()

    assert (str(failure), failure.exit_code) == ("worker ended: no such model", ExitCode.BAD_USE)
    assert run.said == []


def test_a_start_that_keeps_failing_ends_the_whole_or_that_child_alone(run: Run) -> None:
    run.keep("stays", RUNS)
    run.keep("page", RAISES, need=Need.SIDE)
    run.until(lambda: not run.supervisor.is_kept("page"), seconds_a_look=1.0)
    assert run.said[-1] == f"page ended: ValueError: a bug of ours; going on without it, after {FAILED_STARTS} restarts"

    run.keep("worker", RAISES)
    failure = run.failure()
    assert str(failure).startswith("worker ended: ValueError: a bug of ours, for the 6th time in a row")
    assert not any("tensorflow" in line for line in run.said)


def test_a_child_that_is_needed_once_ends_the_whole(run: Run) -> None:
    run.keep("camera", CANNOT_START, need=Need.ONCE)
    assert str(run.failure()) == "camera ended: no such model"
