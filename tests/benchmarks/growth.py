"""The pages of a large console against those of a small one, in turns, and their query plans."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from django.db import connections

from jspm_social.accounts.models import User
from tests.benchmarks.pages import Page, pages
from tests.benchmarks.plans import caught, index_names, scanned_whole
from tests.people import client_of


class Console:
    """One filled database, a connection of its own, and a moderator's browser in it."""

    def __init__(self, name: str, *, deep: int) -> None:
        self.name = name
        self._connection = connections.create_connection("default")
        self._connection.settings_dict = {**self._connection.settings_dict, "NAME": name}
        self.turn_to()
        self.pages = list(pages(deep=deep))
        self.client = client_of(User.objects.get(username="moderator"))
        self.client.defaults["SERVER_NAME"] = "127.0.0.1"

    def close(self) -> None:
        self._connection.close()

    def turn_to(self) -> None:
        """Let the application work on this console from now on."""
        connections["default"] = self._connection

    def get(self, page: Page) -> float:
        """Return the seconds that the whole view took, templates included."""
        begun = time.perf_counter()
        answer = self.client.get(page.url)
        took = time.perf_counter() - begun
        if answer.status_code != 200:
            raise RuntimeError(f"{page.url}: {answer.status_code}")
        return took


@dataclass(frozen=True)
class Growth:
    """One page: medians in seconds, what its queries walk along, and what they read whole."""

    name: str
    small: float
    large: float
    indexes: list[str]
    scans: list[str]

    @property
    def ratio(self) -> float:
        return self.large / self.small


def compare(small: Console, large: Console, *, rounds: int) -> Iterator[Growth]:
    """Measure every page on both, in turns, so that a busy moment hits both alike."""
    for small_page, large_page in zip(small.pages, large.pages, strict=True):
        times: tuple[list[float], list[float]] = ([], [])
        for number in range(rounds + 1):
            for console, page, took in zip(
                (small, large), (small_page, large_page), times, strict=True
            ):
                console.turn_to()
                seconds = console.get(page)
                if number:  # the first may read from disk
                    took.append(seconds)
        with caught() as queries:
            large.get(large_page)
        yield Growth(
            name=large_page.name,
            small=median(times[0]),
            large=median(times[1]),
            indexes=index_names(queries),
            scans=scanned_whole(queries),
        )
