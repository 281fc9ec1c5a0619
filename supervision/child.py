"""Runs a Python module or another program as a child that does not outlive its parent.

python -P -m supervision.child --parent PID [--status DESCRIPTOR] [--remove FOLDER] (module|program) NAME [ARGUMENT …]
"""

from __future__ import annotations

import argparse
import os
import runpy
import shutil
import signal
import subprocess
import sys
import threading
import time

from supervision import status
from supervision.exit_codes import ExitCode, of_signal

CHECK_SECONDS = 0.5
# How long the child has to end by itself once the parent is gone; without its broker it might never finish.
GRACE_SECONDS = 20.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parent", type=int, required=True, help="process that it ends with")
    parser.add_argument("--status", type=int, help="file descriptor of the status page")
    parser.add_argument("--remove", default="", help="folder to remove when the parent is gone; ends it by force")
    parser.add_argument("kind", choices=("module", "program"))
    parser.add_argument("command", nargs=argparse.REMAINDER)
    asked = parser.parse_args()
    if asked.status is not None:
        status.attach(asked.status)
    if asked.kind == "program":
        return _run_program(asked.command, parent=asked.parent, remove=asked.remove)
    _run_module(asked.command, parent=asked.parent)
    return ExitCode.OK


def _run_module(command: list[str], *, parent: int) -> None:
    threading.Thread(target=_end_with, args=(parent,), name="end-with-parent", daemon=True).start()
    sys.argv = command
    try:
        runpy.run_module(command[0], run_name="__main__", alter_sys=True)
    except Exception as error:
        status.failed(f"{type(error).__name__}: {error}")
        raise


def _end_with(parent: int) -> None:
    # The pid is given, not asked for: the parent may be gone before this line is reached.
    while os.getppid() == parent:
        time.sleep(CHECK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(ExitCode.FAILED)


def _run_program(command: list[str], *, parent: int, remove: str) -> int:
    """Run it until it ends or the parent is gone; its exit code, 0 where it was asked to end."""
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: program.terminate())
    # It has no way to say so itself.
    status.ready()
    while True:
        try:
            code = program.wait(CHECK_SECONDS)
            break
        except subprocess.TimeoutExpired:
            if os.getppid() != parent:
                code = _stop(program, remove=remove)
                break
    if code == -signal.SIGTERM:
        return ExitCode.OK
    return code if code >= 0 else of_signal(-code)


def _stop(program: subprocess.Popen[bytes], *, remove: str) -> int:
    if remove:
        # There is nothing to flush for data that is about to be removed.
        program.kill()
        program.wait()
        shutil.rmtree(remove, ignore_errors=True)
    else:
        program.terminate()
        try:
            program.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            program.kill()
    return program.wait()


if __name__ == "__main__":
    sys.exit(main())
