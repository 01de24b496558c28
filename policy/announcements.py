"""The notices by which a new version is announced (§8).

What is told is a matter of the policy; drafts of posts are a matter of `posts`, which the policy
does not know: posts registers who drafts when the site starts. Without it nothing is drafted, and
the version's page says so.

Notices are drafted when a version comes into force, not when it is approved: an approval of a post
names the version in force and does not outlive it, and the page that a notice links to is there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from django.conf import settings
from django.urls import reverse

from jspm_social.accounts.models import User
from jspm_social.templatetags.ja import day_text
from policy.models import PolicyVersion


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told of a version. `headline` alone is enough where nothing more fits."""

    version_id: int
    title: str  # for the committee
    headline: str
    summary: str
    link: str

    @property
    def whole(self) -> str:
        """The notice as the society's web site shows it, with its link."""
        return "\n\n".join(part for part in (self.headline, self.summary, self.link) if part)


@dataclass(frozen=True, slots=True)
class Drafted:
    """One draft of a notice, as the version's page lists it."""

    title: str
    places: str
    state: str
    url: str


class Announcer(Protocol):
    """Drafts posts. `draft` may be repeated: what was drafted is not drafted again."""

    def draft(self, notice: Notice, *, actor: User) -> None: ...
    def drafted(self, version_id: int) -> Sequence[Drafted]: ...


_announcers: list[Announcer] = []


def register(announcer: Announcer) -> None:
    """Set who drafts; called once, by the app configuration of posts."""
    _announcers[:] = [announcer]


def notice_of(version: PolicyVersion) -> Notice:
    """What is told of `version` once it is in force."""
    where = settings.SITE_URL.rstrip("/") + reverse("public:policy")
    return Notice(
        version_id=version.pk,
        title=f"運用方針の改定のお知らせ（{version}）",
        headline=_headline(version.title, version.effective_from),
        summary=version.summary.strip(),
        link=where,
    )


def _headline(title: str, since: date) -> str:
    return f"{title}を改定しました。{day_text(since)}から適用しています。"


def announce(version: PolicyVersion) -> None:
    """Have the drafts made, in the name of whoever wrote the version. Not for the first one,
    which is nobody's change.
    """
    if version.created_by is None:
        return
    for announcer in _announcers:
        announcer.draft(notice_of(version), actor=version.created_by)


def drafted(version: PolicyVersion) -> list[Drafted]:
    """The drafts that were made for `version`."""
    return [row for announcer in _announcers for row in announcer.drafted(version.pk)]
