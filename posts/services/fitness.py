"""Whether a draft can be put up for approval at all, and what keeps it from that."""

from collections.abc import Mapping
from datetime import datetime

from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from jspm_social.platforms.states import ChannelState
from posts.errors import Refused
from posts.films import film_problems
from posts.fitness import problems
from posts.models import MediaFile, Post
from posts.payload import Payload
from posts.queries import channels_of, files_of
from posts.services.checking import blocking


def require_fit(post: Post, payloads: Mapping[int, Payload], at: datetime) -> None:
    """Raise Refused with every reason why the post cannot go out as it stands."""
    if reasons := [*unfit(post, payloads, at), *blocking(post, payloads, at)]:
        raise Refused(" ".join(reasons))


def unfit(post: Post, payloads: Mapping[int, Payload], at: datetime) -> list[str]:
    """Return, in the person's words, what stands in the way; [] for a post that fits."""
    channels, files = channels_of(post), files_of(post)
    reasons = [_not_connected(c) for c in channels.values() if c.state == ChannelState.DISCONNECTED]
    if not payloads:
        reasons.append("投稿先を1つ以上選んでください。")
    if post.embargo_until and at < post.embargo_until:
        reasons.append("公開期間の初めが、解禁日時より前です。")
    for pk, payload in payloads.items():
        limits = channels[pk].options.get("limits", {})
        told = problems(payload, poll_wanted=post.draft.poll is not None, limits=limits)
        told += [r for item in payload.media for r in files[item.id].rights_problems(payload, at)]
        told += films_of(payload, files)
        reasons += [f"{channels[pk]}：{reason}" for reason in told]
    return list(dict.fromkeys(reasons))


def films_of(payload: Payload, files: Mapping[int, MediaFile]) -> list[str]:
    """Why the platform does not take the payload's films."""
    films = [files[m.id] for m in payload.media if m.kind == MediaFile.Kind.VIDEO and m.id in files]
    return [
        reason
        for film in films
        for reason in film_problems(
            Platform(payload.platform), size=film.size, seconds=film.seconds
        )
    ]


def _not_connected(channel: Channel) -> str:
    return f"{channel}は接続されていません。"
