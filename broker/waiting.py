"""Waiting at the start for a broker that is away."""

from __future__ import annotations

from collections.abc import Callable

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_delay, stop_never, wait_fixed

from broker.topics import BrokerRefusesClient, BrokerUnavailable, create_topics
from settings import Settings

RETRY_SECONDS = 1.0


def create_topics_when_up(settings: Settings, *, wait_seconds: float | None, say: Callable[[str], object]) -> None:
    """Create what is missing, as soon as the broker answers.

    wait_seconds: how long it may take; None for ever, 0 not at all. say: told once what is waited for, and once that it
    is there. Raises BrokerError: after the time, and at once for what no waiting mends, such as a wrong password.
    """
    has_waited = False

    def tell(state: RetryCallState) -> None:
        nonlocal has_waited
        if not has_waited and state.outcome is not None:
            fault = state.outcome.exception()
            say(f"{fault}; waiting for it{'' if wait_seconds is None else f' for {wait_seconds:g} s'}")
        has_waited = True

    retrying = Retrying(
        retry=retry_if_exception(_heals),
        wait=wait_fixed(RETRY_SECONDS),
        stop=stop_never if wait_seconds is None else stop_after_delay(wait_seconds),
        before_sleep=tell,
        reraise=True,
    )
    retrying(create_topics, settings)
    if has_waited:
        say(f"the broker at {settings.broker} answers")


def _heals(fault: BaseException) -> bool:
    return isinstance(fault, BrokerUnavailable) and not isinstance(fault, BrokerRefusesClient)
