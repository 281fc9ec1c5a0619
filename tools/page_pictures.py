"""Makes the pictures of the live page anew, from a real run in a real browser:  python -m tools.page_pictures"""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Error, Page

from broker.embedded.node import EmbeddedBroker
from settings import load_settings
from tests.gateway.browser import PHONE, WIDE, chromium, visit
from tests.gateway.film import write_film
from tests.gateway.page_stack import Stack, own_topics, stack
from tools.pictures import ASSETS

CAMERAS = ("desk", "door", "hall", "stage")
FRAMES_PER_SECOND = 3
# What the own camera sees: long enough for a chart and a strip with something in them.
GESTURES = ("like", "peace", "palm", "ok", "rock", "fist", "call", "two_up")
SEED = 11
FILLED_MS = 40_000
# Rates have settled then.
SETTLE_MS = 15_000
# Cameras rest between two gestures; a picture is taken when all of them show one.
PATIENCE_MS = 180_000
QUALITY = 84

# A canvas has a sequence where its picture was drawn together with what was found in it. Slower than this, a picture
# would show how busy the machine was.
THE_WALL_SHOWS_GESTURES = """(mostMs) => {
    const tiles = [...document.querySelectorAll("#tiles .tile")];
    const latencyMs = Number.parseFloat(document.querySelector("#health [data-part=p50]").dataset.milliseconds);
    return tiles.length > 2 && latencyMs < mostMs &&
        tiles.every((tile) => tile.matches(".has-gesture:has(canvas[data-sequence]:not([data-sequence='']))"));
}"""
THE_OWN_CAMERA_SHOWS_ONE = """(mostMs) => {
    const own = document.querySelector("#my-camera");
    const glassMs = Number.parseFloat(own.querySelector("[data-part=glass]").dataset.milliseconds);
    const confidence = Number.parseInt(own.querySelector("[data-part=confidence]").textContent);
    return own.dataset.state === "live" && own.matches(".has-gesture") && confidence > 90 && glassMs < mostMs;
}"""
MOST_MS = 200


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedBroker(settings=load_settings(), ephemeral=True) as broker,
        stack(own_topics(broker.settings()), Path(folder)) as started,
    ):
        film = Path(folder) / "hand.mjpeg"
        write_film(film, gestures=GESTURES, seed=SEED)
        started.start_worker()
        started.start_gateway()
        for seed, camera in enumerate(CAMERAS):
            started.start_camera(camera, frames_per_second=FRAMES_PER_SECOND, seed=seed)
        take_pictures(started, film)


def take_pictures(started: Stack, film: Path) -> None:
    with chromium(film) as browser:
        with visit(browser, started.address, size=WIDE) as visited:
            visited.page.wait_for_timeout(SETTLE_MS)
            _take(visited.page, "page_wall", when=THE_WALL_SHOWS_GESTURES)
        # The own camera asks for three times as many frames as one of these.
        for camera in CAMERAS[1:]:
            started.stop(camera)
        with visit(browser, started.address, size=WIDE, scheme="dark") as visited:
            _use_camera(visited.page)
            _take(visited.page, "page_my_camera", when=THE_OWN_CAMERA_SHOWS_ONE)
        with visit(browser, started.address, size=PHONE, scheme="light") as visited:
            _use_camera(visited.page)
            _take(visited.page, "page_phone", when=THE_OWN_CAMERA_SHOWS_ONE)


def _use_camera(page: Page) -> None:
    page.get_by_role("button", name="Use my camera").click()
    page.wait_for_timeout(FILLED_MS)


def _take(page: Page, name: str, *, when: str) -> None:
    try:
        page.wait_for_function(when, arg=MOST_MS, timeout=PATIENCE_MS, polling=100)
    except Error as error:
        raise SystemExit(
            f"no moment for {name} within {PATIENCE_MS / 1000:g} s at which hands were found in under {MOST_MS} ms: "
            "let nothing else run meanwhile"
        ) from error
    path = ASSETS / f"{name}.jpg"
    page.screenshot(path=path, type="jpeg", quality=QUALITY)
    print(f"assets/{path.name}  {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
