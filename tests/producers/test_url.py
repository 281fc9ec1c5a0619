"""A camera on the network, as a server on loopback that cuts its connections."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from producers.picture import JpegEncoder
from producers.source import SourceError
from producers.url import network_camera
from tests.logged import lines
from tests.producers.pictures import jpeg, shade_of

PICTURES_A_CONNECTION = 25
SHADES = (40, 120, 200)


class MjpegCamera(ThreadingHTTPServer):
    """Sends pictures of one shade a connection, then cuts it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), MjpegHandler)
        self.connections = 0
        self.ended = threading.Event()

    def address(self, *, credentials: str = "", query: str = "") -> str:
        return f"http://{credentials}127.0.0.1:{self.server_address[1]}/video{query}"


class MjpegHandler(BaseHTTPRequestHandler):
    server: MjpegCamera

    def do_GET(self) -> None:
        number = self.server.connections
        self.server.connections += 1
        image = jpeg(width=160, height=120, shade=SHADES[number % len(SHADES)])
        part = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%b\r\n" % (len(image), image)
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        try:
            for _ in range(PICTURES_A_CONNECTION):
                self.wfile.write(part)
                if self.server.ended.wait(0.01):
                    return
        except OSError:  # the reader has left
            return

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[MjpegCamera]:
    with MjpegCamera() as found:
        serving = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.05})
        serving.start()
        yield found
        found.ended.set()
        found.shutdown()
        serving.join(10)


def test_pictures_come_and_come_again_after_the_connection_was_cut(
    server: MjpegCamera, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    camera = network_camera(
        server.address(credentials="user:geheim@", query="?token=geheim"), encoder=JpegEncoder(), timeout_seconds=5.0
    )
    seen: set[int] = set()
    for shot in camera.shots():
        assert shot.source == f"http://***@127.0.0.1:{server.server_address[1]}/video?token=***"
        assert (shot.width, shot.height) == (160, 120)
        seen.add(min(SHADES, key=lambda shade: abs(shade - shade_of(shot.image))))
        if len(seen) == 2:
            camera.close()
    assert server.connections >= 2
    messages = lines(caplog.records)
    assert any("was lost" in message for message in messages)
    assert any("is back" in message for message in messages)
    shown = "".join(messages) + "".join(capfd.readouterr())
    assert "geheim" not in shown


def test_a_camera_that_does_not_answer_is_an_error_without_its_password(
    server: MjpegCamera, capfd: pytest.CaptureFixture[str]
) -> None:
    server.server_close()
    camera = network_camera(server.address(credentials="user:geheim@"), encoder=JpegEncoder(), timeout_seconds=2.0)
    with pytest.raises(SourceError, match=r"http://\*\*\*@127.0.0.1:\d+/video cannot be opened") as caught:
        next(camera.shots())
    assert "geheim" not in str(caught.value) + "".join(capfd.readouterr())


@pytest.mark.parametrize("address", ["ftp://user:geheim@camera/x", "rtsp://", "camera", "", "file:///etc/passwd"])
def test_what_is_no_address_of_a_camera_is_refused(address: str) -> None:
    with pytest.raises(SourceError, match="is not the address of a camera") as caught:
        network_camera(address, encoder=JpegEncoder())
    assert "geheim" not in str(caught.value)
