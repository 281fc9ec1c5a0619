"""Gives the shipped bundle the reference of one that was trained again:  python -m tools.model_reference FOLDER

For a bundle that is older than references: its model file stays as it is, and the new one has to be the same.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

from recognition.bundle import MANIFEST_FILE, SHIPPED_BUNDLE, encoded, read_manifest, write_whole


def main(folder: Path) -> str:
    """What was done."""
    shipped, again = read_manifest(SHIPPED_BUNDLE), read_manifest(folder)
    if again.sha256 != shipped.sha256:
        return f"{folder} holds another model, {again.sha256}: the shipped one is {shipped.sha256}; nothing was changed"
    with_reference = dataclasses.replace(shipped, reference=again.reference)
    write_whole(SHIPPED_BUNDLE / MANIFEST_FILE, encoded(with_reference))
    return f"{SHIPPED_BUNDLE / MANIFEST_FILE} has the reference of {folder}"


if __name__ == "__main__":
    print(main(Path(sys.argv[1])))
