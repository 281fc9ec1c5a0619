"""Runs a module as a child that does not outlive its parent.

python -m stream_app.child PARENT_PID MODULE [ARGUMENT …]
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time

CHECK_SECONDS = 0.5
# So long a child may take to end as it would on SIGTERM; without its broker it might never finish.
GRACE_SECONDS = 20.0


def main() -> None:
    parent, module, *arguments = sys.argv[1:]
    threading.Thread(target=_end_with, args=(int(parent),), name="end-with-parent", daemon=True).start()
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _end_with(parent: int) -> None:
    # The pid is given, not asked for: the parent may be gone before this line is reached.
    while os.getppid() == parent:
        time.sleep(CHECK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    main()
