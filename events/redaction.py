"""Addresses of cameras, fit to be shown, logged and sent."""

from __future__ import annotations

HIDDEN = "***"


def redact(address: str) -> str:
    """The address without its user, password, query values and fragment: each can be what opens the camera.

    It takes the text apart by hand, since a malformed address must not show its password either.
    """
    scheme, separator, rest = address.partition("://")
    if not separator:
        scheme, rest = "", address
    rest = rest.partition("#")[0]
    place, has_query, query = rest.partition("?")
    # A password may hold '/' unescaped, so the last '@' ends the credentials wherever it stands.
    credentials, at, host = place.rpartition("@")
    shown = f"{HIDDEN}@{host}" if at and credentials else host
    if has_query:
        shown += "?" + "&".join(_hide(field) for field in query.split("&") if field)
    return f"{scheme}{separator}{shown}"


def _hide(field: str) -> str:
    name, _, value = field.partition("=")
    # Without a value the name may be the secret itself, and '=' the padding of its base64.
    return f"{name}={HIDDEN}" if value.strip("=") else HIDDEN
