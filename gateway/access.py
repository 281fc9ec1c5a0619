"""Who may use the gateway: its names, other origins, the bearer token."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from gateway.problem import Problem
from settings import Settings

PROTOCOL = "handstream"
_BEARER_PROTOCOL = "bearer."
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
# Health for whoever supervises the process; the page itself, which asks for the token.
_OPEN_PATHS = frozenset({"/", "/healthz", "/readyz", "/docs", "/favicon.ico"})
_OPEN_FOLDER = "/static/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """names: by which the gateway may be called; empty for any. origins: that may use it besides its own pages."""

    token: str | None
    names: frozenset[str]
    origins: frozenset[str]

    @classmethod
    def of(cls, settings: Settings, *, host: str) -> Access:
        """host: the address listened on. On loopback only loopback's names are taken, so that no web page can reach
        us under a name of its own that it lets point here."""
        named = frozenset(filter(None, settings.gateway_hosts.split(",")))
        return cls(
            token=settings.gateway_token.get_secret_value() if settings.gateway_token else None,
            names=named | LOOPBACK_NAMES if named or is_loopback(host) else frozenset(),
            origins=frozenset(filter(None, settings.gateway_origins.split(","))),
        )

    def check(self, path: str, headers: Mapping[str, str]) -> None:
        """Raises Problem where an HTTP request may not go on."""
        self._check_name(headers)
        if path in _OPEN_PATHS or path.startswith(_OPEN_FOLDER):
            return
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if not self._is_token(given.strip() if scheme.lower() == "bearer" else ""):
            raise _unauthorized()

    def check_socket(self, headers: Mapping[str, str], protocols: list[str]) -> None:
        """The same for a WebSocket, whose token travels as a protocol since browsers can set no header there."""
        self._check_name(headers)
        origin = headers.get("origin", "").lower()
        # Programs send none. A page of another site must not look through a visitor's browser.
        if origin and origin not in self.origins and urlsplit(origin).netloc != headers.get("host", "").lower():
            raise Problem(
                403, "origin-not-allowed", f"pages of {origin[:100]!r} may not connect; see HANDSTREAM_GATEWAY_ORIGINS"
            )
        given = next((one.removeprefix(_BEARER_PROTOCOL) for one in protocols if one.startswith(_BEARER_PROTOCOL)), "")
        scheme, _, credentials = headers.get("authorization", "").partition(" ")
        if not given and scheme.lower() == "bearer":
            given = credentials.strip()
        if not self._is_token(given):
            raise _unauthorized()

    def _check_name(self, headers: Mapping[str, str]) -> None:
        name = host_name(headers.get("host", ""))
        if self.names and name not in self.names:
            raise Problem(
                421,
                "misdirected-request",
                f"this gateway is not called {name[:100]!r}: name it in HANDSTREAM_GATEWAY_HOSTS where it should be",
            )

    def _is_token(self, given: str) -> bool:
        return self.token is None or hmac.compare_digest(given.encode(errors="replace"), self.token.encode())


def host_name(host: str) -> str:
    """The name in a Host header, without port and brackets, in lower case."""
    host = host.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _unauthorized() -> Problem:
    return Problem(
        401,
        "unauthorized",
        "give the token: Authorization: Bearer TOKEN, for a WebSocket also as the protocol bearer.TOKEN",
        headers={"WWW-Authenticate": "Bearer"},
    )
