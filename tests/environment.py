"""The environment for processes of a test."""

from __future__ import annotations

import os

from settings import PREFIX


def plain_environment() -> dict[str, str]:
    """Ours without settings of whoever runs the tests, but for where downloads are kept."""
    kept = {f"{PREFIX}CACHE_DIR"}
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX) or name in kept}
