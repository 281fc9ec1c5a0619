"""`python -m monitoring.probe`: exit code 0 where the process behind HANDSTREAM_HEALTH_URL says that it is well.

For health checks of containers, which have no curl.
"""

from __future__ import annotations

import os
import sys

import requests

TIMEOUT_SECONDS = 4.0
VARIABLE = "HANDSTREAM_HEALTH_URL"


def main() -> int:
    url = os.environ.get(VARIABLE)
    if not url:
        print(f"{VARIABLE} must name the address to ask, such as http://127.0.0.1:9101/healthz", file=sys.stderr)
        return 2
    try:
        answer = requests.get(url, timeout=TIMEOUT_SECONDS)
    except requests.RequestException as error:
        print(f"{url} does not answer: {error}", file=sys.stderr)
        return 1
    print(answer.text.strip())
    return 0 if answer.ok else 1


if __name__ == "__main__":
    sys.exit(main())
