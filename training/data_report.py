"""What is known of the data before anything is trained on them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Self

import numpy as np
from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from events.prediction import NO_GESTURE
from recognition.gestures import GESTURES
from training.faults import reasons
from training.groups import near_duplicates
from training.hands import Fault, Hands
from training.points import MISSING_VALUE

FAULTS_SHOWN = 20
# In the terminal; the page has all of them.
SOURCES_SHOWN = 20
# With more sources than that, the table of classes would be too wide for a column of each.
SOURCES_BY_CLASS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Who shows the hands, where that is known; all 0 where it is not.

    hands: of known people. fewest, middle, most: hands of one person. classes: of one person, the median.
    """

    count: int
    hands: int
    fewest: int
    middle: float
    most: int
    classes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFigures:
    """Hands of one source. near: those without a gesture that come near to one. world: those with world landmarks."""

    hands: int
    no_gesture: int
    near: int
    world: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DataReport:
    """Class distribution, sources, completeness and people of a set of hands.

    classes: hands of each class by source; the 18 gestures first, then the user's own, then `no_gesture`.
    sources: largest first. files: sha256 of each.
    reasons: how often each reason for leaving out was given. faults: the first of them.
    near_duplicates: hands that are nearly the same as another one, each beyond the first of its kind.
    exact_duplicates: of those, the ones whose points are the same to the last digit.
    contradictions: kinds of nearly the same hand that bear different labels.
    """

    classes: Mapping[str, Mapping[str, int]]
    sources: Mapping[str, SourceFigures]
    files: Mapping[str, str]
    faulty: int
    missing_values: int
    without_hand: int
    reasons: Mapping[str, int]
    faults: tuple[Fault, ...]
    near_duplicates: int
    exact_duplicates: int
    contradictions: int
    people: People

    @classmethod
    def of(cls, hands: Hands) -> Self:
        kinds = near_duplicates(hands.points) if len(hands) else np.empty(0, dtype=int)
        labelled = {(kind, label) for kind, label in zip(kinds.tolist(), hands.labels.tolist(), strict=True)}
        labels_of_kind = Counter(kind for kind, _ in labelled)
        return cls(
            classes=_classes(hands),
            sources=_sources(hands),
            files=dict(hands.files),
            faulty=len(hands.faults),
            missing_values=sum(fault.reason.startswith(MISSING_VALUE) for fault in hands.faults),
            without_hand=hands.without_hand,
            reasons=dict(reasons(hands.faults).most_common()),
            faults=hands.faults[:FAULTS_SHOWN],
            near_duplicates=len(hands) - len(labels_of_kind),
            exact_duplicates=len(hands) - len(np.unique(hands.points.reshape(len(hands), -1), axis=0)),
            contradictions=sum(count > 1 for count in labels_of_kind.values()),
            people=_people(hands),
        )

    @property
    def hands(self) -> int:
        return sum(self.of_class(name) for name in self.classes)

    @property
    def near(self) -> int:
        """Hands without a gesture that come near to one."""
        return sum(source.near for source in self.sources.values())

    @property
    def world(self) -> int:
        """Hands with world landmarks."""
        return sum(source.world for source in self.sources.values())

    @property
    def absent(self) -> tuple[str, ...]:
        """The ones of the 18 gestures of which there is no hand."""
        return tuple(name for name in GESTURES if name not in self.classes)

    @property
    def completeness(self) -> float:
        """Share of what the sources hold that can be trained on, 0..1."""
        return self.hands / max(1, self.hands + self.faulty)

    def of_class(self, name: str) -> int:
        return sum(self.classes[name].values())

    def figures(self) -> dict[str, float]:
        """All figures by flat names, for MLflow and metrics."""
        return {
            "hands": float(self.hands),
            **{f"hands_{name}": float(self.of_class(name)) for name in self.classes},
            "classes": float(len(self.classes)),
            "sources": float(len(self.sources)),
            "hands_near_a_gesture": float(self.near),
            "hands_with_world_landmarks": float(self.world),
            "faulty": float(self.faulty),
            "missing_values": float(self.missing_values),
            "without_hand": float(self.without_hand),
            "near_duplicates": float(self.near_duplicates),
            "exact_duplicates": float(self.exact_duplicates),
            "contradictions": float(self.contradictions),
            "completeness_ratio": self.completeness,
            "people": float(self.people.count),
            "hands_of_known_people": float(self.people.hands),
            "hands_per_person_min": float(self.people.fewest),
            "hands_per_person_median": self.people.middle,
            "hands_per_person_max": float(self.people.most),
            "classes_per_person_median": self.people.classes,
        }

    def summary(self) -> list[tuple[str, str]]:
        """The figures in words: what, and how many."""
        people = self.people
        rows = [
            ("hands", f"{self.hands:,}"),
            ("classes", f"{len(self.classes)}"),
            ("sources", f"{len(self.sources):,}"),
            ("with world landmarks", f"{self.world:,} ({self.world / max(1, self.hands):.1%})"),
            ("no_gesture near a gesture", f"{self.near:,}"),
            ("left out", f"{self.faulty:,}"),
            ("of them missing values", f"{self.missing_values:,}"),
            ("of them without a hand", f"{self.without_hand:,}"),
            ("completeness", f"{self.completeness:.2%}"),
            ("near duplicates", f"{self.near_duplicates:,}"),
            ("of them exact", f"{self.exact_duplicates:,}"),
            ("near duplicates with different labels", f"{self.contradictions:,}"),
            ("known people", f"{people.count:,}"),
        ]
        if people.count:
            rows += [
                ("hands of known people", f"{people.hands:,}"),
                ("hands a person: least, median, most", f"{people.fewest}, {people.middle:g}, {people.most}"),
                ("classes a person: median", f"{people.classes:g}"),
            ]
        if self.absent:
            rows.append(("gestures without a hand", ", ".join(self.absent)))
        return rows

    def tables(self) -> Group:
        """For the terminal."""
        parts = [_summary_table(self), _class_table(self), _source_table(self)]
        if self.reasons:
            parts.append(_fault_table(self))
        return Group(*parts)


def _classes(hands: Hands) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for label, source in zip(hands.labels.tolist(), hands.sources.tolist(), strict=True):
        counts[label][source] += 1
    own = sorted(counts.keys() - {*GESTURES, NO_GESTURE})
    return {name: dict(counts[name]) for name in (*GESTURES, *own, NO_GESTURE) if name in counts}


def _sources(hands: Hands) -> dict[str, SourceFigures]:
    figures = {
        name: SourceFigures(
            hands=int(rows.sum()),
            no_gesture=int((rows & (hands.labels == NO_GESTURE)).sum()),
            near=int((rows & (hands.near != "")).sum()),
            world=int((rows & hands.has_world).sum()),
        )
        for name in sorted({*hands.sources.tolist()})
        for rows in [hands.sources == name]
    }
    return dict(sorted(figures.items(), key=lambda one: -one[1].hands))


def _people(hands: Hands) -> People:
    known = [
        (person, label) for person, label in zip(hands.people.tolist(), hands.labels.tolist(), strict=True) if person
    ]
    each = Counter(person for person, _ in known)
    classes = Counter(person for person, _ in set(known))
    return People(
        count=len(each),
        hands=len(known),
        fewest=min(each.values(), default=0),
        middle=float(median(each.values())) if each else 0.0,
        most=max(each.values(), default=0),
        classes=float(median(classes.values())) if classes else 0.0,
    )


def _summary_table(report: DataReport) -> Table:
    table = Table(title="Data", title_justify="left", box=box.SIMPLE, show_header=False)
    table.add_column("what")
    table.add_column("value", justify="right", overflow="fold")
    for what, value in report.summary():
        table.add_row(what, value)
    return table


def _class_table(report: DataReport) -> Table:
    table = Table(title="Classes", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("class", no_wrap=True)
    table.add_column("hands", justify="right")
    several = 1 < len(report.sources) <= SOURCES_BY_CLASS
    for name in report.sources if several else ():
        table.add_column(Text(name), justify="right", overflow="fold")
    for name, by_source in report.classes.items():
        cells = [f"{by_source.get(source, 0):,}" for source in report.sources] if several else []
        table.add_row(Text(name), f"{report.of_class(name):,}", *cells)
    return table


def _source_table(report: DataReport) -> Table:
    table = Table(title="Sources", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("source", overflow="fold")
    for name in ("hands", "no_gesture", "near a gesture", "world landmarks"):
        table.add_column(name, justify="right")
    for name, one in list(report.sources.items())[:SOURCES_SHOWN]:
        table.add_row(Text(name), f"{one.hands:,}", f"{one.no_gesture:,}", f"{one.near:,}", f"{one.world:,}")
    if len(report.sources) > SOURCES_SHOWN:
        table.caption = f"and {len(report.sources) - SOURCES_SHOWN:,} smaller ones, which --out lists"
        table.caption_justify = "left"
    return table


def _fault_table(report: DataReport) -> Table:
    table = Table(title="Left out", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("reason")
    table.add_column("count", justify="right")
    table.add_column("the first", overflow="fold")
    for reason, count in report.reasons.items():
        first = next((fault for fault in report.faults if fault.reason.startswith(reason)), None)
        table.add_row(Text(reason), f"{count:,}", Text(f"{first.place}: {first.reason}" if first else ""))
    return table
