"""A real browser on the page: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
HOW_TO_GET_IT = (
    f"found none of {', '.join(NAMES)}: the page is tested in a real browser. On Debian and Ubuntu: "
    "apt-get install chromium"
)
# A machine that is busy with other things is no fault of the page.
PATIENCE_MS = 45_000
WIDE = (1440, 900)
PHONE = (390, 844)

Webcam = Path | Literal["none", "denied"]

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--mute-audio",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--metrics-recording-only",
    # Nothing that this browser does may reach beyond this machine; `gateway.test` is this machine by another name.
    "--host-resolver-rules=MAP gateway.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
_NOTE_VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


def chromium_path() -> str:
    """Where it is. Without one the test is skipped; in CI it fails."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(HOW_TO_GET_IT)
        pytest.skip(HOW_TO_GET_IT)
    return found


@contextmanager
def chromium(webcam: Webcam = "none") -> Iterator[Browser]:
    """webcam: the film that its camera plays; `none` for a machine without one, `denied` for a user who says no."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=[*_FLAGS, *_webcam_flags(webcam)], chromium_sandbox=False
        )
        try:
            yield browser
        finally:
            browser.close()


def _webcam_flags(webcam: Webcam) -> list[str]:
    if webcam == "none":
        return ["--use-fake-ui-for-media-stream"]
    if webcam == "denied":
        return ["--use-fake-device-for-media-stream"]
    return [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={webcam}",
    ]


# No slots: Playwright hangs attributes of its own onto whose methods it calls.
@dataclass
class Visit:
    """A page that was opened, and what there was to complain about since."""

    page: Page
    origin: str
    complaints: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("request", self._on_request)

    def check(self) -> None:
        """Nothing in the console, no breach of the content security policy, no request to anybody else."""
        violations = self.page.evaluate("window.violations")
        assert [*self.complaints, *violations] == []

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def _on_request(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme not in ("data", "blob") and url.netloc != urlsplit(self.origin).netloc:
            self.complaints.append(f"request to {request.url}")


@contextmanager
def visit(
    browser: Browser,
    address: str,
    *,
    path: str = "/",
    size: tuple[int, int] = WIDE,
    scheme: Literal["light", "dark"] = "light",
    reduced_motion: bool = False,
) -> Iterator[Visit]:
    """The page, opened by somebody who was never there before."""
    context: BrowserContext = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,
        reduced_motion="reduce" if reduced_motion else "no-preference",
    )
    try:
        context.add_init_script(_NOTE_VIOLATIONS)
        visited = Visit(page=context.new_page(), origin=address)
        visited.watch()
        visited.page.goto(address + path)
        yield visited
    finally:
        context.close()
