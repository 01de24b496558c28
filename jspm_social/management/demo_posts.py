"""The demo's own posts: one in each state that a member meets first."""

from datetime import date, time, timedelta

from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.approvals.states import Choice
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from posts.content import Content, Variant
from posts.models import Event, Post
from posts.services import discuss, drafting, facts, review, scheduling

WINDOW = timedelta(days=14)
WEEKDAYS = "月火水木金土日"
SEVERAL = (Platform.X, Platform.FACEBOOK, Platform.BLUESKY, Platform.MASTODON)


def make_posts() -> None:
    """Make the examples once: a draft that is talked about, one that waits for approval, one
    that is planned. Does nothing where there are posts already.
    """
    if Post.objects.exists():
        return
    author, member = _person("admin"), _person("member")
    channels = {channel.platform: channel for channel in Channel.objects.exclude(base_url="")}
    several = [channels[platform] for platform in SEVERAL if platform in channels]
    event = _event(author)
    draft = _begin(author, "市民公開講座のご案内（下書き）", several[:2], _lecture(event), event)
    discuss.remark(actor=member, post=draft, text="申込みの締切も入れませんか。", quote=event.venue)
    discuss.suggest(
        actor=member,
        post=draft,
        old="どなたでも参加できます",
        start=draft.draft.body.index("どなたでも"),
        new="どなたでも無料で参加できます",
        note="費用の問い合わせが多いため",
    )
    _submit(author, _begin(author, "ニュースレター発行", several[:1], NEWSLETTER, None))
    _plan(author, member, _begin(author, "年末年始の事務局休業", several, CLOSING, None))


NEWSLETTER = "学会ニュースレターを発行しました。会員の方は、会員ページからご覧いただけます。"
CLOSING = "事務局は、年末年始にお休みをいただきます。お問い合わせへのお返事は、休み明けになります。"


def _person(username: str) -> User:
    return User.objects.get(username=username)


def _event(author: User) -> Event:
    day = timezone.localdate() + timedelta(days=40)
    return facts.add_event(
        actor=author,
        facts={
            "name": "市民公開講座「緩和ケアってなに？」",
            "starts_on": day,
            "start_time": time(13),
            "venue": "オンライン",
            "deadline": day - timedelta(days=7),
            "url": "https://www.jspm.ne.jp/",
        },
    )


def _lecture(event: Event) -> str:
    day: date = event.starts_on
    told = f"{day.year}年{day.month}月{day.day}日（{WEEKDAYS[day.weekday()]}）"
    return (
        f"{event.name}を開催します。\n\n日時：{told}13:00から\n会場：{event.venue}\n\n"
        "がんと診断されたときから受けられる緩和ケアについて、やさしくお話しします。"
        "どなたでも参加できます。"
    )


def _begin(
    author: User, title: str, channels: list[Channel], body: str, event: Event | None
) -> Post:
    content = Content(body=body, channels={channel.pk: Variant() for channel in channels})
    post = drafting.begin(actor=author, title=title, purpose=Post.Purpose.EVENTS, content=content)
    if event is not None:
        told = {
            "event": event,
            "sources": [],
            "sponsor": "",
            "embargo_until": None,
            "expires_at": None,
        }
        post = drafting.relate(actor=author, post=post, facts=told, base_version=post.version)
    return post


def _submit(author: User, post: Post) -> str:
    now = timezone.now()
    submission = review.submit(
        actor=author,
        post=post,
        not_before=now,
        not_after=now + WINDOW,
        base_version=post.version,
    )
    return submission.content_hash


def _plan(author: User, member: User, post: Post) -> None:
    seen = _submit(author, post)
    review.answer(actor=member, post=post, seen_hash=seen, choice=Choice.APPROVE)
    at = timezone.now() + timedelta(minutes=3)
    times = dict.fromkeys(post.draft.channels, at)
    scheduling.schedule(actor=author, post=post, times=times)
