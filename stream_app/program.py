"""Runs a program that is no Python module as a child: `python -m stream_app.program PROGRAM [ARGUMENT …]`.

With stream_app.child around it, it ends with the process that started it.
"""

from __future__ import annotations

import signal
import subprocess
import sys


def main() -> None:
    with subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL) as program:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: program.terminate())
        code = program.wait()
    # Ended by the signal that it was sent: a kind end.
    sys.exit(0 if code == -signal.SIGTERM else code)


if __name__ == "__main__":
    main()
