"""Whether a server answers, before anything slow is imported to ask it."""

from __future__ import annotations

import ipaddress
import threading
import urllib.error
import urllib.request
from urllib.parse import urlsplit

# In all: a name that no server resolves and an address that takes no connection would each hold us for minutes.
ANSWER_SECONDS = 8.0


def why_no_answer(address: str) -> str | None:
    """Why the HTTP server at an address gives no answer; None where it gives any, be it an error."""
    found: list[str | None] = []
    asking = threading.Thread(target=lambda: found.append(_ask(address)), name="probe", daemon=True)
    asking.start()
    asking.join(ANSWER_SECONDS)
    return found[0] if found else f"nothing came within {ANSWER_SECONDS:.0f} s"


def _ask(address: str) -> str | None:
    # A proxy could not reach this machine's own addresses.
    handlers = [urllib.request.ProxyHandler({})] if _is_loopback(address) else []
    parts = urlsplit(address)
    # urllib would take a login for a part of the host's name.
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    request = urllib.request.Request(bare, method="HEAD")  # noqa: S310 (only http and https are asked)
    try:
        urllib.request.build_opener(*handlers).open(request, timeout=ANSWER_SECONDS).close()
    except urllib.error.HTTPError:
        return None
    except (OSError, ValueError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        return (reason.strerror or str(reason)) if isinstance(reason, OSError) else str(reason)
    return None


def _is_loopback(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
