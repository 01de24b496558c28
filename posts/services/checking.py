"""The content checks of a post as each channel would be sent it, and what lets a finding pass.

A blocking finding stops the post until a second person, who did not write it, lets exactly this
finding pass with a reason. Checked while somebody types, when it is put up, and when it is sent.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.platforms.models import Channel
from jspm_social.platforms.states import OperationState
from policy.queries import compiled_active_ruleset
from posts import dictionary
from posts.checks import (
    CATALOGUE,
    Draft,
    Event,
    Finding,
    LinkFact,
    MediaFile as CheckedFile,
    Severity,
    Source,
    examine,
    examine_links,
)
from posts.checks.judgement import Judgement, judgement
from posts.checks.lexicon import Lexicon
from posts.checks.reading import Reading
from posts.errors import Overtaken, Refused
from posts.models import Contribution, Delivery, LinkCheck, MediaFile, Override, Post
from posts.payload import Payload
from posts.queries import channels_of, files_of, payloads_of
from posts.services.rows import lock

LOOKS_BACK = timedelta(days=90)
BEFORE = timedelta(minutes=10)  # of going out: the links are opened once more
MOST_RECENT = 60  # earlier texts that a new one is compared with
NAMES = {check.id: check.name for check in CATALOGUE}


@dataclass(frozen=True, slots=True)
class Seen:
    """One finding on one channel. `passed_by` is who let it pass, '' for nobody."""

    channel_id: int
    finding: Finding
    fingerprint: str
    words: str
    passed_by: str = ""

    @property
    def name(self) -> str:
        return NAMES[self.finding.check]

    @property
    def blocks(self) -> bool:
        return self.finding.severity == Severity.BLOCK and not self.passed_by


def check(
    post: Post, payloads: Mapping[int, Payload], at: datetime, *, judged: bool = False
) -> list[Seen]:
    """Return what every channel's text gives cause to, the same finding only once.

    `judged` also asks the judgement engine, which takes longer: not while somebody types.
    """
    judge = judgement(compiled_active_ruleset()) if judged else None
    lexicon = dictionary.lexicon()
    passed = {row.fingerprint: row.by.display_name for row in _overrides(post)}
    found: dict[str, Seen] = {}
    channels, files = channels_of(post), files_of(post)
    links, sources = _links(post), _sources(post)
    for pk, payload in payloads.items():
        if pk not in channels:
            continue
        draft = _draft(post, channels[pk], payload, files, sources=sources, at=at)
        for finding in [*_examine(draft, at, judge, lexicon), *examine_links(draft, links)]:
            words = _text(payload)[finding.start : finding.end]
            mark = fingerprint(finding, words)
            found.setdefault(mark, Seen(pk, finding, mark, words, passed.get(mark, "")))
    return list(found.values())


def blocking(post: Post, payloads: Mapping[int, Payload], at: datetime) -> list[str]:
    """Return the blocking findings that nobody let pass, in words."""
    seen = check(post, payloads, at, judged=True)
    return [f"{one.name}：{one.finding.reason}" for one in seen if one.blocks]


def fingerprint(finding: Finding, words: str) -> str:
    """What an override is bound to: the check and the very words (what was said, without any)."""
    exact = f"{finding.check}\n{words or finding.reason}"
    return hashlib.sha256(exact.encode("utf-8", "surrogatepass")).hexdigest()


@one_write()
def override(*, actor: User, post: Post, mark: str, reason: str) -> Override:
    """Let one blocking finding pass. Not by whoever wrote the post.

    Raises:
        Refused: no reason, a contributor, or the finding is not there (any more).
    """
    if not reason.strip():
        raise Refused("許可する理由を書いてください。")
    post = lock(post)
    if Contribution.objects.filter(post=post, person=actor).exists():
        raise Refused("作成に関わった人は、確認事項を許可できません。")
    seen = check(post, payloads_of(post), timezone.now(), judged=True)
    wanted = next((one for one in seen if one.fingerprint == mark and one.blocks), None)
    if wanted is None:
        raise Overtaken("この確認事項は、いまの文にはありません。")
    try:
        with transaction.atomic():
            made = Override.objects.create(
                post=post,
                check_id=wanted.finding.check,
                fingerprint=mark,
                reason=reason,
                by=actor,
            )
    except IntegrityError as error:
        raise Overtaken("この確認事項は、すでに許可されています。") from error
    record(
        actor=actor,
        verb=Verb.FINDING_OVERRIDDEN,
        target=post,
        details={"check": wanted.finding.check, "mark": mark},
        personal={"reason": reason},
    )
    return made


def keep_links(post: Post, facts: list[LinkFact]) -> None:
    """Store how the post's links answered just now."""
    now = timezone.now()
    for fact in facts:
        LinkCheck.objects.update_or_create(
            post=post,
            url=fact.url,
            defaults={
                "status": fact.status,
                "final_url": fact.final_url,
                "title": fact.title[:200],
                "at": now,
            },
        )


def addresses(payloads: Iterable[Payload]) -> list[str]:
    """Every address that readers of these would find, once."""
    readings = [Reading(Draft(_text(payload)), dt.date.min) for payload in payloads]
    return list(dict.fromkeys(link.address for one in readings for link in one.links))


def links_to_open(now: datetime) -> list[int]:
    """The posts that go out within ten minutes and whose links were not opened since."""
    soon = Delivery.objects.filter(
        state=OperationState.WAITING,
        deed=Delivery.Deed.PUBLISH,
        planned_at__lte=now + BEFORE,
        planned_at__gt=now,
    ).filter(Q(payload__text__icontains="http") | ~Q(payload__card=""))
    fresh = LinkCheck.objects.filter(at__gt=now - BEFORE)
    return sorted(set(soon.exclude(post__in=fresh.values("post")).values_list("post", flat=True)))


def _text(payload: Payload) -> str:
    """All that readers will see: a card's address as well."""
    return f"{payload.text}\n{payload.card}" if payload.card else payload.text


def _examine(
    draft: Draft, at: datetime, judge: Judgement | None, lexicon: Lexicon
) -> tuple[Finding, ...]:
    return examine(draft, today=timezone.localdate(at), lexicon=lexicon, judge=judge)


def _draft(
    post: Post,
    channel: Channel,
    payload: Payload,
    files: Mapping[int, MediaFile],
    *,
    sources: tuple[Source, ...],
    at: datetime,
) -> Draft:
    return Draft(
        text=_text(payload),
        channel=channel.platform,
        scheduled_at=timezone.localtime(at),
        event=_event(post),
        sources=sources,
        media=tuple(_file(files[item.id]) for item in payload.media if item.id in files),
        recent=_recent(post, channel, at),
        sponsor=post.sponsor,
        embargo_until=timezone.localtime(post.embargo_until) if post.embargo_until else None,
    )


def _sources(post: Post) -> tuple[Source, ...]:
    return tuple(
        Source(url=s.url, doi=s.doi, title=s.title, read_on=s.read_on) for s in post.sources.all()
    )


def _event(post: Post) -> Event | None:
    event = post.event
    if event is None:
        return None
    return Event(
        name=event.name,
        date=event.starts_on,
        start=event.start_time,
        end=event.end_time,
        venue=event.venue,
        deadline=event.deadline,
        url=event.url,
    )


def _file(file: MediaFile) -> CheckedFile:
    consent = {
        MediaFile.Consent.GIVEN: True,
        MediaFile.Consent.MISSING: False,
        MediaFile.Consent.NOT_NEEDED: None,
    }
    return CheckedFile(
        kind=file.kind,
        alt=file.alt,
        holder=file.holder,
        credit=file.credit,
        consent=consent[MediaFile.Consent(file.consent)],
        no_reprint=file.no_reprint,
        expires=file.expires_on,
    )


def _recent(post: Post, channel: Channel, at: datetime) -> tuple[str, ...]:
    rows = Delivery.objects.filter(
        channel=channel, deed=Delivery.Deed.PUBLISH, planned_at__gt=at - LOOKS_BACK
    ).exclude(state=OperationState.CANCELLED)
    texts = rows.exclude(post=post).order_by("-planned_at").values_list("payload__text", flat=True)
    return tuple(texts[:MOST_RECENT])


def _links(post: Post) -> list[LinkFact]:
    return [
        LinkFact(row.url, row.status, row.final_url, row.title)
        for row in LinkCheck.objects.filter(post=post)
    ]


def _overrides(post: Post) -> list[Override]:
    return list(Override.objects.filter(post=post).select_related("by"))
