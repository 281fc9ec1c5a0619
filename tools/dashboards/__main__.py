"""Write the dashboards, or, with --check, tell whether the committed ones are what the code makes."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.dashboards.files import FOLDER, documents


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.dashboards", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 where a file differs")
    check = parser.parse_args().check
    differing: list[Path] = []
    for name, text in documents().items():
        path = FOLDER / name
        if not path.is_file() or path.read_text() != text:
            differing.append(path)
            if not check:
                path.write_text(text)
    for path in differing:
        print(f"{path} {'differs: run `make docs`' if check else 'written'}")
    return 1 if check and differing else 0


if __name__ == "__main__":
    sys.exit(main())
