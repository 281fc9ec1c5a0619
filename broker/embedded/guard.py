"""Ends the broker when the process that started it is gone, however it went.

Started as `python -P -m broker.embedded.guard PARENT_PID DIRECTORY_TO_REMOVE COMMAND ...`; an empty directory name
keeps the data. It is the leader of the broker's process group.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence

POLL_SECONDS = 0.5
# Kafka flushes its logs and says goodbye to itself; an orderly end takes it a second or two.
TERMINATION_SECONDS = 20


def guard(*, parent_pid: int, directory_to_remove: str, command: Sequence[str]) -> int:
    """Run the command until it ends or the parent is gone. Returns its exit code."""
    child = subprocess.Popen(command)
    # Signals go to the whole group: the child answers them, and the guard ends after it.
    signal.signal(signal.SIGTERM, lambda _number, _frame: child.terminate())
    while True:
        try:
            return child.wait(POLL_SECONDS)
        except subprocess.TimeoutExpired:
            if os.getppid() == parent_pid:
                continue
        if directory_to_remove:
            child.kill()
            child.wait()
            shutil.rmtree(directory_to_remove, ignore_errors=True)
        else:
            child.terminate()
            try:
                child.wait(TERMINATION_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
        return child.wait()


if __name__ == "__main__":
    sys.exit(guard(parent_pid=int(sys.argv[1]), directory_to_remove=sys.argv[2], command=sys.argv[3:]))
