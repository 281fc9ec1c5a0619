"""What opens a camera is in no text that leaves the process, however the camera is addressed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.redaction import redact, redact_source, redact_text

# Forms of the makers' manuals and of lists that users copy from; `hunter2` is the password, `s3cretuser` the name.
VENDORS = [
    ("Hikvision", "rtsp://s3cretuser:hunter2@10.0.0.5:554/Streaming/Channels/101",
     "rtsp://***@10.0.0.5:554/Streaming/Channels/101"),
    ("Hikvision ISAPI", "http://s3cretuser:hunter2@10.0.0.5/ISAPI/Streaming/channels/102/httpPreview",
     "http://***@10.0.0.5/ISAPI/Streaming/channels/102/httpPreview"),
    ("Hikvision, old", "rtsp://s3cretuser:hunter2@10.0.0.5/h264/ch1/main/av_stream",
     "rtsp://***@10.0.0.5/h264/ch1/main/av_stream"),
    ("Dahua", "rtsp://s3cretuser:hunter2@10.0.0.5/cam/realmonitor?channel=1&subtype=0",
     "rtsp://***@10.0.0.5/cam/realmonitor?channel=***&subtype=***"),
    ("Amcrest", "http://s3cretuser:hunter2@10.0.0.5/cgi-bin/mjpg/video.cgi?channel=0&subtype=1",
     "http://***@10.0.0.5/cgi-bin/mjpg/video.cgi?channel=***&subtype=***"),
    ("Reolink", "rtsp://s3cretuser:hunter2@10.0.0.5:554/h264Preview_01_main",
     "rtsp://***@10.0.0.5:554/h264Preview_01_main"),
    ("Reolink FLV", "http://10.0.0.5/flv?port=1935&app=bcs&stream=channel0_main.bcs&user=s3cretuser&password=hunter2",
     "http://10.0.0.5/flv?port=***&app=***&stream=***&user=***&password=***"),
    ("Foscam", "http://10.0.0.5:88/cgi-bin/CGIStream.cgi?cmd=GetMJStream&usr=s3cretuser&pwd=hunter2",
     "http://10.0.0.5:88/cgi-bin/CGIStream.cgi?cmd=***&usr=***&pwd=***"),
    ("Foscam, old", "http://10.0.0.5/videostream.cgi?user=s3cretuser&pwd=hunter2&resolution=32",
     "http://10.0.0.5/videostream.cgi?user=***&pwd=***&resolution=***"),
    ("Foscam, RTSP", "rtsp://s3cretuser:hunter2@10.0.0.5:88/videoMain", "rtsp://***@10.0.0.5:88/videoMain"),
    ("VStarcam", "http://10.0.0.5/videostream.cgi?loginuse=s3cretuser&loginpas=hunter2",
     "http://10.0.0.5/videostream.cgi?loginuse=***&loginpas=***"),
    ("VStarcam, without ?", "http://10.0.0.5/cgi-bin/videostream.cgi&loginuse=s3cretuser&loginpas=hunter2",
     "http://10.0.0.5/cgi-bin/videostream.cgi&loginuse=***"),
    ("XMEye", "rtsp://10.0.0.5:554/user=s3cretuser_password=hunter2_channel=1_stream=0.sdp?real_stream",
     "rtsp://10.0.0.5:554/user=***"),
    ("XMEye with &", "rtsp://10.0.0.5:554/user=s3cretuser&password=hunter2&channel=1&stream=0.sdp",
     "rtsp://10.0.0.5:554/user=***"),
    ("XMEye, / in the password", "rtsp://10.0.0.5/user=s3cretuser_password=hunter2/hunter2_channel=1_stream=0.sdp",
     "rtsp://10.0.0.5/user=***"),
    ("XMEye, @ in the password", "rtsp://10.0.0.5/user=s3cretuser_password=p@hunter2_channel=1", "rtsp://***"),
    ("HiSilicon", "http://10.0.0.5/web/mobile.html?-usr=s3cretuser&-pwd=hunter2&",
     "http://10.0.0.5/web/mobile.html?-usr=***&-pwd=***"),
    ("Axis", "http://s3cretuser:hunter2@10.0.0.5/axis-cgi/mjpg/video.cgi?resolution=640x480",
     "http://***@10.0.0.5/axis-cgi/mjpg/video.cgi?resolution=***"),
    ("Axis, RTSP", "rtsp://s3cretuser:hunter2@10.0.0.5/axis-media/media.amp",
     "rtsp://***@10.0.0.5/axis-media/media.amp"),
    ("ONVIF", "rtsp://s3cretuser:hunter2@10.0.0.5:554/onvif1", "rtsp://***@10.0.0.5:554/onvif1"),
    ("ONVIF profile", "rtsp://10.0.0.5/onvif/profile1/media.smp?user=s3cretuser&pass=hunter2",
     "rtsp://10.0.0.5/onvif/profile1/media.smp?user=***&pass=***"),
    ("TP-Link Tapo", "rtsp://s3cretuser:hunter2@10.0.0.5:554/stream1", "rtsp://***@10.0.0.5:554/stream1"),
    ("TP-Link, mail as name", "rtsp://s3cretuser@mail.example:hunter2@10.0.0.5/stream2",
     "rtsp://***@10.0.0.5/stream2"),
    ("Wyze", "rtsp://s3cretuser:hunter2@10.0.0.5/live", "rtsp://***@10.0.0.5/live"),
    ("Wyze bridge", "http://10.0.0.5:5000/img/door.jpg?api=hunter2", "http://10.0.0.5:5000/img/door.jpg?api=***"),
    ("UniFi Protect", "rtsps://10.0.0.1:7441/hunter2KhunteR2q?enableSrtp", "rtsps://10.0.0.1:7441/***?***"),
    ("Nest", "rtsps://stream.example:443/sdm_live_stream/CiUAhunter2-4Kz_q9hunter2XYZabc.def?auth=g.0.hunter2",
     "rtsps://stream.example:443/sdm_live_stream/***?auth=***"),
    ("D-Link", "http://s3cretuser:hunter2@10.0.0.5/mjpeg.cgi", "http://***@10.0.0.5/mjpeg.cgi"),
    ("Vivotek", "rtsp://s3cretuser:hunter2@10.0.0.5/live.sdp", "rtsp://***@10.0.0.5/live.sdp"),
    ("Panasonic", "http://10.0.0.5/nphMotionJpeg?Resolution=640x480&Quality=Standard",
     "http://10.0.0.5/nphMotionJpeg?Resolution=***&Quality=***"),
    ("login in the path", "rtsp://10.0.0.5:554/s3cretuser:hunter2/ch1", "rtsp://10.0.0.5:554/***/ch1"),
    ("ESP32-CAM", "http://10.0.0.5:81/stream", "http://10.0.0.5:81/stream"),
    ("IP Webcam", "http://10.0.0.5:8080/video", "http://10.0.0.5:8080/video"),
]  # fmt: skip


@pytest.mark.parametrize(("address", "shown"), [row[1:] for row in VENDORS], ids=[row[0] for row in VENDORS])
def test_addresses_of_vendors_show_the_camera_and_no_secret(address: str, shown: str) -> None:
    assert redact(address) == redact(shown) == shown
    assert redact_text(f"cannot open '{address}': away, and {address}.") == f"cannot open '{shown}': away, and {shown}."
    assert "hunter2" not in shown
    assert "s3cretuser" not in shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("rtsp://camera.example/stream", "rtsp://camera.example/stream"),
        ("http://token@[::1]:8080/video", "http://***@[::1]:8080/video"),
        ("http://[::1]:8080/video", "http://[::1]:8080/video"),
        ("http://camera.example/video?token=secret&size=1#secret", "http://camera.example/video?token=***&size=***"),
        ("http://camera.example/video?secret", "http://camera.example/video?***"),
        ("http://camera.example/video?c2VjcmV0cw==", "http://camera.example/video?***"),
        ("rtsp://user:p@ss/w@rd@camera.example/stream", "rtsp://***@camera.example/stream"),
        ("rtsp://admin:hunter2#x@127.0.0.1:1/stream", "rtsp://***@127.0.0.1:1/stream"),
        ("http://admin:hunter2?x@127.0.0.1:1/stream", "http://***@127.0.0.1:1/stream"),
        ("http://admin:1234?x@127.0.0.1:1/stream", "http://***"),
        ("rtsp://admin:pa=ss@127.0.0.1/stream", "rtsp://***@127.0.0.1/stream"),
        ("http://10.0.0.5/video?usr=admin&pwd=p@ss", "http://***"),
        ("http://admin:x@10.0.0.5/video?p@ss", "http://***"),
        ("user:secret@camera.example", "***@camera.example"),
        ("rtsp://user:secret@", "rtsp://***@"),
        ("rtsp://user:secret", "rtsp://user:***"),
    ],
)
def test_what_opens_the_camera_is_hidden(address: str, shown: str) -> None:
    assert redact(address) == shown


SECRETS = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="&="), min_size=1).map(
    lambda text: f"geheim{text}geheim"
)


@given(password=SECRETS, scheme=st.sampled_from(["rtsp://", "http://", ""]))
def test_no_password_gets_through_however_it_is_written(password: str, scheme: str) -> None:
    assert "geheim" not in redact(f"{scheme}user:{password}@camera/video")


@given(token=SECRETS)
def test_no_secret_of_a_query_or_path_gets_through(token: str) -> None:
    for address in (
        f"http://camera/video?token={token}&{token}#{token}",
        f"http://user:pw@camera/video?{token}",
        f"rtsp://camera/user=me_password={token}_channel=1",
        f"http://camera/video.cgi&loginuse=me&loginpas={token}",
    ):
        assert "geheim" not in redact(address)


def test_a_file_is_no_address() -> None:
    assert redact_source("photos/a=b@c/img?1.jpg") == "photos/a=b@c/img?1.jpg"
    assert redact_source("rtsp://a:b@c/d") == "rtsp://***@c/d"


@pytest.mark.parametrize(
    "text", ["see http://localhost:8000/docs", "at 12:30:00, (http://kafka.example:9093/): away", "mail a@b.example"]
)
def test_ordinary_texts_stay_as_they_are(text: str) -> None:
    assert redact_text(text) == text
