"""What was left out: told to the user, or a reason to refuse the data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from training.hands import DataError, Fault, Hands

SKIP_OPTION = "--skip-faulty"
# A hand that the landmark model did not find is nobody's mistake: such a fault is counted and never refused.
NO_HAND = "no hand"
_SHOWN = 5


def check_faults(hands: Hands, *, where: object, skip_faulty: bool) -> Hands:
    """The hands of one source, if they can be trained on. Raises DataError that names the first faults.

    skip_faulty: go on with what is left; then only a source without a single hand is refused.
    """
    if not skip_faulty:
        refuse([fault for fault in hands.faults if not fault.reason.startswith(NO_HAND)], where=where)
    if not len(hands):
        told = f": {described(hands.faults)}" if hands.faults else ""
        raise DataError(f"{where}: there is no hand to train on{told}")
    return hands


def refuse(faults: Sequence[Fault], *, where: object) -> None:
    """Raise DataError where there is any fault."""
    if faults:
        raise DataError(f"{where}: {described(faults)}; mend them, or leave them out with {SKIP_OPTION}")


def described(faults: Sequence[Fault]) -> str:
    """How many, and the first of them, in one line."""
    shown = "; ".join(f"{fault.place}: {fault.reason}" for fault in faults[:_SHOWN])
    more = f" and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
    return f"{counted(len(faults))} ({shown}{more})"


def counted(count: int) -> str:
    return "1 is faulty" if count == 1 else f"{count:,} are faulty"


def reasons(faults: Sequence[Fault]) -> Counter[str]:
    """How often each reason was given; what it quotes of a single row does not count."""
    return Counter(fault.reason.partition(":")[0].partition(" (")[0] for fault in faults)
