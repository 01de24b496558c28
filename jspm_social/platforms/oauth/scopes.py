"""The permissions that the console asks for on each platform, each with its reason.

Nothing is asked for whose purpose is to answer people or to send them messages (policy §4(1),
§5(2)(7)); `forbidden.py` names what that would be. Some platforms give a wanted right only
together with the technical means to reply: `could_reply` says so to the person who grants it.
"""

from collections.abc import Mapping, Set as AbstractSet
from dataclasses import dataclass
from enum import Enum
from typing import Final

from jspm_social.platforms.names import Effect, Platform


class Use(Enum):
    """What part of the work stops without a permission."""

    READ = "コメントの取得"
    EFFECTS = "コメントへの対応"
    PUBLISH = "投稿の公開"
    ENGAGE = "シェア・いいね・フォロー"
    NUMBERS = "反響の数の取得"
    STAY = "接続の維持と通知"


@dataclass(frozen=True, slots=True)
class Scope:
    """One permission under the platform's own name. `effects` are not possible without it."""

    name: str
    use: Use
    reason: str
    effects: frozenset[Effect] = frozenset()
    could_reply: bool = False


HIDING: Final = frozenset({Effect.HIDE, Effect.UNHIDE})
BLOCKING: Final = frozenset({Effect.BLOCK, Effect.UNBLOCK})

SCOPES: Final[Mapping[Platform, tuple[Scope, ...]]] = {
    Platform.X: (
        Scope("tweet.read", Use.READ, "本学会の投稿と、寄せられた返信を読みます。"),
        Scope("users.read", Use.READ, "返信した人の名前を表示します。"),
        Scope("tweet.moderate.write", Use.EFFECTS, "返信を非表示にし、再表示します。", HIDING),
        Scope(
            "mute.write",
            Use.EFFECTS,
            "投稿者をミュートします（本学会からの見え方だけが変わります）。",
            frozenset({Effect.MUTE}),
        ),
        Scope(
            "tweet.write",
            Use.PUBLISH,
            "承認された本学会の投稿を公開し、削除します。",
            could_reply=True,
        ),
        Scope("media.write", Use.PUBLISH, "投稿に付ける画像や動画を送ります。"),
        Scope("offline.access", Use.STAY, "2時間ごとに切れる接続を自動で更新します。"),
    ),
    Platform.FACEBOOK: (
        Scope("pages_show_list", Use.READ, "管理しているページの一覧から、接続先を選びます。"),
        Scope("pages_read_engagement", Use.READ, "ページの投稿を読みます。"),
        Scope("pages_read_user_content", Use.READ, "ページへのコメントと投稿者名を読みます。"),
        Scope(
            "pages_manage_engagement",
            Use.EFFECTS,
            "コメントを非表示・再表示・削除し、投稿者をブロックします。",
            HIDING | BLOCKING | {Effect.DELETE},
            could_reply=True,
        ),
        Scope("pages_manage_posts", Use.PUBLISH, "承認されたページの投稿を公開し、削除します。"),
        Scope("pages_manage_metadata", Use.STAY, "新しいコメントの知らせをすぐに受け取ります。"),
    ),
    Platform.INSTAGRAM: (
        Scope("pages_show_list", Use.READ, "連携しているFacebookページの一覧を読みます。"),
        Scope("pages_read_engagement", Use.READ, "ページに連携したアカウントを読みます。"),
        Scope("instagram_basic", Use.READ, "アカウントと投稿を読みます。"),
        Scope(
            "instagram_manage_comments",
            Use.EFFECTS,
            "コメントを読み、非表示・再表示・削除します。",
            HIDING | {Effect.DELETE},
            could_reply=True,
        ),
        Scope("instagram_content_publish", Use.PUBLISH, "承認された投稿を公開します。"),
        Scope("instagram_manage_contents", Use.PUBLISH, "本学会の投稿を削除します。"),
        Scope("pages_manage_metadata", Use.STAY, "新しいコメントの知らせをすぐに受け取ります。"),
    ),
    Platform.THREADS: (
        Scope("threads_basic", Use.READ, "アカウントと投稿を読みます。"),
        Scope("threads_read_replies", Use.READ, "寄せられた返信を読みます。"),
        Scope(
            "threads_manage_replies",
            Use.EFFECTS,
            "返信を非表示にし、再表示します。",
            HIDING,
            could_reply=True,
        ),
        Scope(
            "threads_content_publish",
            Use.PUBLISH,
            "承認された投稿を公開します。",
            could_reply=True,
        ),
        Scope("threads_delete", Use.PUBLISH, "本学会の投稿を削除します。"),
        Scope(
            "threads_manage_insights",
            Use.NUMBERS,
            "本学会の投稿への「いいね」などの数を読みます。",
        ),
    ),
    # The one permission that comments have there; it covers videos, too (discovery document).
    Platform.YOUTUBE: (
        Scope(
            "https://www.googleapis.com/auth/youtube.force-ssl",
            Use.EFFECTS,
            "コメントを読み、保留・公開・非承認にします。承認された動画の公開と削除にも使います。",
            HIDING | {Effect.DELETE, Effect.BLOCK},
            could_reply=True,
        ),
    ),
    Platform.MASTODON: (
        Scope("read:accounts", Use.READ, "アカウントと返信した人の名前を読みます。"),
        Scope("read:statuses", Use.READ, "本学会の投稿と、寄せられた返信を読みます。"),
        Scope("read:notifications", Use.READ, "新しい返信に気づきます。"),
        Scope("read:follows", Use.READ, "ブロックしているかどうかを確かめます。"),
        Scope("write:blocks", Use.EFFECTS, "投稿者をブロックし、解除します。", BLOCKING),
        Scope(
            "write:mutes",
            Use.EFFECTS,
            "投稿者をミュートします（本学会からの見え方だけが変わります）。",
            frozenset({Effect.MUTE}),
        ),
        Scope(
            "write:statuses",
            Use.PUBLISH,
            "承認された投稿を公開し、削除します。",
            could_reply=True,
        ),
        Scope("read:search", Use.ENGAGE, "シェアする投稿などを、アドレスから探します。"),
        Scope("write:favourites", Use.ENGAGE, "同意を得た「お気に入り」を付けます。"),
        Scope("write:follows", Use.ENGAGE, "同意を得たフォローをします。"),
        Scope("write:media", Use.PUBLISH, "投稿に付ける画像や動画を送ります。"),
    ),
    # No permissions to choose from: an app password and a channel access token are given whole.
    Platform.BLUESKY: (),
    Platform.LINE: (),
}
COULD_REPLY: Final = (
    "この権限では、技術的には返信もできます。権限を分けられないためで、"
    "このコンソールに返信の機能はありません。"
)
# Mastodon's broad scopes contain the narrow ones; `follow` is the old name for some of them.
_FOLLOW: Final = frozenset({"read:follows", "write:blocks", "write:follows", "write:mutes"})


def names(platform: Platform) -> tuple[str, ...]:
    """Return what is asked for, in the order in which it is shown."""
    return tuple(scope.name for scope in SCOPES[platform])


def holds(platform: Platform, granted: AbstractSet[str], name: str) -> bool:
    """True when a permission was granted, by its own name or within a broader one."""
    if name in granted:
        return True
    if platform != Platform.MASTODON:
        return False
    return name.partition(":")[0] in granted or ("follow" in granted and name in _FOLLOW)


def missing(platform: Platform, granted: AbstractSet[str] | None) -> tuple[Scope, ...]:
    """Return what was asked for and not granted; nothing where the platform does not tell."""
    if granted is None:
        return ()
    return tuple(s for s in SCOPES[platform] if not holds(platform, granted, s.name))


def lacking(platform: Platform, granted: AbstractSet[str] | None) -> frozenset[Effect]:
    """Return the effects that are not possible with these permissions."""
    return frozenset().union(*(scope.effects for scope in missing(platform, granted)))
