from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.redaction import redact


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("rtsp://camera.example/stream", "rtsp://camera.example/stream"),
        ("rtsp://user:secret@camera.example:554/stream", "rtsp://***@camera.example:554/stream"),
        ("http://token@[::1]:8080/video", "http://***@[::1]:8080/video"),
        ("http://camera.example/video?token=secret&size=1#secret", "http://camera.example/video?token=***&size=***"),
        ("http://camera.example/video?secret", "http://camera.example/video?***"),
        ("http://camera.example/video?c2VjcmV0cw==", "http://camera.example/video?***"),
        ("rtsp://user:p@ss/w@rd@camera.example/stream", "rtsp://***@camera.example/stream"),
        ("user:secret@camera.example", "***@camera.example"),
        ("rtsp://user:secret@", "rtsp://***@"),
    ],
)
def test_what_opens_the_camera_is_hidden(address: str, shown: str) -> None:
    assert redact(address) == shown


SECRETS = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="?#&="), min_size=1).map(
    lambda text: f"geheim{text}geheim"
)


@given(password=SECRETS, token=SECRETS, scheme=st.sampled_from(["rtsp://", "http://", ""]))
def test_no_secret_gets_through_however_it_is_written(password: str, token: str, scheme: str) -> None:
    assert "geheim" not in redact(f"{scheme}user:{password}@camera/video?token={token}&{token}#{token}")
