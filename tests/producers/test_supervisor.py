from __future__ import annotations

import io

from rich.console import Console

from producers.ledger import DropReason, Ledger
from producers.progress import ProgressView, print_summary
from producers.summary import Summary
from producers.supervisor import STALL_SECONDS, StallWatch


class StoppedClock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def launch(ledger: Ledger, count: int) -> None:
    for _ in range(count):
        ledger.offer()
        ledger.launch(1, give_up=lambda: True)


def test_a_stall_is_told_once_and_so_is_its_end() -> None:
    clock, ledger = StoppedClock(), Ledger(max_in_flight=10, max_in_flight_bytes=100)
    watch = StallWatch(ledger, clock=clock)
    clock.now += 2 * STALL_SECONDS
    assert watch.look() is None  # nothing is in flight, so nobody is waited for
    launch(ledger, 2)
    clock.now += STALL_SECONDS - 0.1
    assert watch.look() is None
    clock.now += 0.1
    assert [watch.look(), watch.look()] == [True, None]
    ledger.land(1)
    assert [watch.look(), watch.look()] == [False, None]


def test_frames_that_were_given_up_are_no_sign_of_life() -> None:
    clock, ledger = StoppedClock(), Ledger(max_in_flight=10, max_in_flight_bytes=100)
    watch = StallWatch(ledger, clock=clock)
    launch(ledger, 2)
    clock.now += STALL_SECONDS
    assert watch.look() is True
    ledger.abandon()
    assert watch.look() is None


def rendered(view: object) -> str:
    console = Console(file=io.StringIO(), width=120, force_terminal=False)
    console.print(view)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_progress_shows_frames_rate_flight_and_drops() -> None:
    clock, ledger = StoppedClock(), Ledger(max_in_flight=100, max_in_flight_bytes=100)
    view = ProgressView(ledger, name="photos", total=lambda: 50, clock=clock)
    launch(ledger, 30)
    for _ in range(20):
        ledger.land(1)
    ledger.land(1, dropped=DropReason.REFUSED)
    clock.now += 2.0
    shown = rendered(view)
    for part in ("photos", "20 of 50 frames", "10.0/s", "9 in flight", "1 dropped"):
        assert part in shown


def test_the_summary_names_what_was_not_published() -> None:
    console = Console(file=io.StringIO(), width=200)
    print_summary(
        console,
        Summary(
            run="4f1c9e2a",
            source="photos",
            cameras=2,
            published=1200,
            dropped={"loss": 3, "too_large": 1},
            bytes=2_000_000,
            seconds=4.0,
            interrupted=False,
            stream_ended=False,
            unreadable_files=2,
        ),
    )
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    for part in (
        "1,200 frames published as 2 cameras (2.0 MB in 4.0 s, 300.0 frames/s), run 4f1c9e2a",
        "4 frames dropped: 3 loss, 1 too_large",
        "unreadable files passed over: 2",
        "no end marker",
    ):
        assert part in shown
