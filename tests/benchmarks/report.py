"""Runs the benchmark's parts and prints what they found."""

import time
from collections.abc import Iterable, Sequence
from statistics import median, quantiles
from typing import Protocol

from tests.benchmarks.databases import database, filled, use
from tests.benchmarks.deciders import PEOPLE, decide_at_once
from tests.benchmarks.growth import Console, Growth, compare
from tests.benchmarks.intake import PAGE, Intake, measure

AIM = 1.5
DECISIONS = 25  # of each person


class Scale(Protocol):
    @property
    def small(self) -> int: ...
    @property
    def large(self) -> int: ...
    @property
    def rounds(self) -> int: ...
    @property
    def pulled(self) -> int: ...
    @property
    def deep(self) -> int: ...


def run(scale: Scale) -> int:
    """Measure all, print all; 1 where a big table is read whole, else 0."""
    begun = time.monotonic()
    with database("bench_intake") as name:
        _print_intake(list(measure(scale.pulled, name)))
    with (
        filled("bench_small", comments=scale.small, commenters=scale.small // 20) as small,
        filled("bench_large", comments=scale.large, commenters=scale.large // 20) as large,
    ):
        _say(f"(filled after {time.monotonic() - begun:.0f} s)")
        consoles = (
            Console(small, deep=max(2, scale.deep * scale.small // scale.large)),
            Console(large, deep=scale.deep),
        )
        found = list(compare(*consoles, rounds=scale.rounds))
        _print_growth(found, scale)
        times = {}
        for console in consoles:
            console.turn_to()
            times[console.name] = decide_at_once(DECISIONS, console.name)
            console.close()
        _print_deciders(times[small], times[large])
        use("postgres")
    _say(f"\nTook {time.monotonic() - begun:.0f} s.")
    return 1 if any(page.scans for page in found) else 0


def _print_intake(found: Sequence[Intake]) -> None:
    _say("### One worker: pulled over HTTP, judged and stored, against the same rows barely\n")
    _say(f"Bare: `INSERT … VALUES`, {PAGE} comments a transaction, keys checked.\n")
    _table(
        [
            *("platform", "comments", "cases", "requests per 1,000"),
            *("worker /s", "bare INSERT /s", "bare : worker"),
        ],
        [
            [
                *(one.platform, one.comments, one.cases),
                *(f"{one.requests / one.comments * 1000:.0f}", f"{one.comments / one.worker:.0f}"),
                *(f"{one.comments / one.bare:.0f}", f"{one.worker / one.bare:.1f}"),
            ]
            for one in found
        ],
    )
    _say("\nWhere the worker's time goes, ms a comment:\n")
    _table(
        ["platform", *found[0].parts],
        [
            [one.platform, *(f"{took / one.comments * 1000:.2f}" for took in one.parts.values())]
            for one in found
        ],
    )


def _print_growth(found: Sequence[Growth], scale: Scale) -> None:
    _say(
        f"\n### Server time of a page: {scale.large // 10:,} open cases among {scale.large:,}"
        f" comments against {scale.small // 10:,} among {scale.small:,}\n"
    )
    _say(
        f"Median of {scale.rounds}, the whole view with its template; the queue with all counts.\n"
    )
    _table(
        ["page", "small ms", "large ms", "large : small"],
        [
            [page.name, f"{page.small * 1000:.1f}", f"{page.large * 1000:.1f}", _ratio(page)]
            for page in found
        ],
    )
    over = [page.name for page in found if page.ratio > AIM]
    worst = max(page.ratio for page in found)
    _say(f"\nMedian ratio {median(page.ratio for page in found):.2f}, worst {worst:.2f}.")
    _say(f"Over {AIM}: {'; '.join(over) or 'none'}.")
    _say("\n### Query plans at the large size\n")
    scans = sorted({scan for page in found for scan in page.scans})
    names = sorted({name for page in found for name in page.indexes})
    _say(f"Read by the indexes: {', '.join(names)}.")
    _say(f"Big tables read whole: {len(scans) or 'none'}.")
    for scan in scans:
        _say(f"  !! SEQUENTIAL SCAN of {scan}")


def _print_deciders(small: Sequence[float], large: Sequence[float]) -> None:
    _say(f"\n### {PEOPLE} people decide at once, {DECISIONS} cases each\n")
    rows = [
        [name, f"{median(took) * 1000:.0f}", f"{quantiles(took, n=20)[-1] * 1000:.0f}"]
        for name, took in (("small", small), ("large", large))
    ]
    _table(["console", "median ms", "95th percentile ms"], rows)


def _ratio(page: Growth) -> str:
    return f"{page.ratio:.2f}" + (" !" if page.ratio > AIM else "")


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    lines = [list(head), *([str(cell) for cell in row] for row in rows)]
    widths = [max(_width(line[n]) for line in lines) for n in range(len(head))]
    lines.insert(1, ["-" * width for width in widths])
    for line in lines:
        cells = (
            cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)
        )
        _say(f"| {' | '.join(cells)} |")


def _width(text: str) -> int:
    """Columns on a terminal: a Japanese character takes two."""
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)


def _say(line: str) -> None:
    print(line, flush=True)
