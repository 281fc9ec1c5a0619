"""Why a broker that takes connections gives a client no answer, which the clients keep to themselves."""

from __future__ import annotations

import socket
import ssl
import struct
from dataclasses import dataclass

from broker.clients import ssl_context
from settings import SecurityProtocol, Settings

TIMEOUT_SECONDS = 3.0
# ApiVersions, version 0: every listener answers it, before any login.
_CORRELATION_ID = 0x48616E64
_BODY = struct.pack(">hhih", 18, 0, _CORRELATION_ID, -1)
_REQUEST = struct.pack(">i", len(_BODY)) + _BODY
_TLS_ALERT = 0x15


@dataclass(frozen=True, slots=True)
class Reason:
    """heals: whether it may be over by itself in a while."""

    text: str
    heals: bool = False


def why_no_answer(settings: Settings) -> Reason:
    """What is wrong with the first server that takes a connection, with the way out. Asks it, for some seconds."""
    protocol = settings.security_protocol
    for server in settings.servers:
        host, _, port = server.rpartition(":")
        try:
            with socket.create_connection((host.strip("[]"), int(port)), timeout=TIMEOUT_SECONDS) as plain:
                return _ask(plain, host.strip("[]"), settings)
        except TimeoutError:
            return Reason("takes connections and does not answer: it is starting, overloaded or paused", heals=True)
        except ssl.SSLCertVerificationError as error:
            return Reason(
                f"shows a certificate that is not trusted ({error.verify_message}): check HANDSTREAM_SSL_CAFILE"
            )
        except ssl.SSLError as error:
            return Reason(
                f"does not speak TLS as {protocol} asks for ({error.reason}): check HANDSTREAM_SECURITY_PROTOCOL"
            )
        except OSError:
            continue
    return Reason(
        f"ends connections of {protocol}: check HANDSTREAM_SECURITY_PROTOCOL, or whether it is a Kafka broker"
    )


def _ask(plain: socket.socket, host: str, settings: Settings) -> Reason:
    """Raises OSError for what the connection itself says."""
    protocol = settings.security_protocol
    connection = ssl_context(settings).wrap_socket(plain, server_hostname=host) if protocol.has_ssl else plain
    connection.sendall(_REQUEST)
    answer = connection.recv(8)
    if len(answer) == 8 and struct.unpack(">i", answer[4:])[0] == _CORRELATION_ID:
        if protocol.has_sasl:
            return Reason("refuses the login: check HANDSTREAM_SASL_MECHANISM, HANDSTREAM_SASL_USERNAME and …_PASSWORD")
        return Reason(
            "answers, but not in time: it is starting, overloaded, or wants a login (HANDSTREAM_SECURITY_PROTOCOL)",
            heals=True,
        )
    if answer and answer[0] == _TLS_ALERT:
        return Reason(f"speaks TLS, not {protocol}: set HANDSTREAM_SECURITY_PROTOCOL to {_with_tls(protocol)}")
    raise ConnectionResetError


def _with_tls(protocol: SecurityProtocol) -> SecurityProtocol:
    return SecurityProtocol.SASL_SSL if protocol.has_sasl else SecurityProtocol.SSL
