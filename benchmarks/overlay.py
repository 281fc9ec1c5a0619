"""From the camera's picture to the overlay on the screen, in a real browser:  python -m benchmarks.overlay"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page

from broker.embedded.node import EmbeddedBroker
from settings import load_settings
from tests.gateway.browser import chromium, visit
from tests.gateway.film import write_film
from tests.gateway.page_stack import own_topics, stack

GESTURES = ("like", "fist", "peace", "palm")
SEED = 11
TURNS = 5
# The median of the page is that of the last 100 overlays: each turn has its own.
TURN_OVERLAYS = 100
TURN_TIMEOUT_SECONDS = 60.0

READ = """() => {
    const part = (name) => document.querySelector(`#my-camera [data-part=${name}]`);
    const { milliseconds, total } = part("glass").dataset;
    return [Number(milliseconds), Number(total ?? 0), part("rate").textContent, part("lost").textContent];
}"""


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
        with chromium(film) as browser, visit(browser, started.address) as visited:
            visited.page.get_by_role("button", name="Use my camera").click()
            # The first frames tell of the start: the worker makes its landmarkers for a camera that is new to it.
            _overlays(visited.page, until=TURN_OVERLAYS)
            medians = [_turn(visited.page, number) for number in range(1, TURNS + 1)]
    print(f"glass to overlay, median of {TURNS} medians: {statistics.median(medians):.0f} ms")


def _turn(page: Page, number: int) -> float:
    begun = int(page.evaluate(READ)[1])
    milliseconds, rate, lost = _overlays(page, until=begun + TURN_OVERLAYS)
    print(f"turn {number}: median {milliseconds:.0f} ms of {TURN_OVERLAYS} overlays, {rate}, {lost} frames lost so far")
    return milliseconds


def _overlays(page: Page, *, until: int) -> tuple[float, str, str]:
    """What the page shows once it has drawn a given number of overlays."""
    deadline = time.monotonic() + TURN_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        milliseconds, total, rate, lost = page.evaluate(READ)
        if total >= until:
            return float(milliseconds), str(rate), str(lost)
        page.wait_for_timeout(250)
    raise SystemExit(f"no {until} overlays within {TURN_TIMEOUT_SECONDS:g} s: {total} were drawn")


if __name__ == "__main__":
    main()
