"""The list that a case was opened from: its lane and filters travel in the case's address."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from moderation.forms import QueueFilter
from moderation.states import ALL_LANES, Lane

LANES = ("", Lane.CARE, Lane.QUEUE, Lane.CONSULTATION, Lane.SAMPLE)


@dataclass(frozen=True, slots=True)
class Listing:
    """One list of the queue. An unknown lane or value asks for nothing."""

    lane: str
    chosen: Mapping[str, str]

    @classmethod
    def of(cls, query: QueryDict) -> "Listing":
        lane = query.get("lane", "")
        return cls(lane if lane in LANES else "", QueueFilter(query).chosen())

    @property
    def lane_tag(self) -> str:
        return f"lane:{self.lane}" if self.lane else ALL_LANES

    @property
    def tags(self) -> list[str]:
        return [self.lane_tag, *(f"{name}:{value}" for name, value in self.chosen.items())]

    @property
    def query(self) -> str:
        """Return '' or what follows an address, from the question mark on."""
        kept = ({"lane": self.lane} if self.lane else {}) | dict(self.chosen)
        return f"?{urlencode(kept)}" if kept else ""

    def queue_url(self) -> str:
        return reverse("moderation:queue") + self.query

    def case_url(self, pk: int) -> str:
        return reverse("moderation:case", args=[pk]) + self.query
