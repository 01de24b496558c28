"""Every budget that is counted or told, by name.

Source: the platforms' documentation, as read in 2026-11. A name may carry a part of its own after
a colon (X tells a rate per address): `kind_of` finds what stands before it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from jspm_social.platforms.names import Platform

from .windows import Window

MICRO: Final = 1_000_000  # money is counted in millionths of a dollar
ROOM_FOR_EFFECTS: Final = 1_000  # YouTube units that reading never touches: 20 calls of 50 effects


@dataclass(frozen=True, slots=True)
class MeterKind:
    """One budget. `limit` None: the platform tells it, a person sets it, or there is none.

    `reserve` is what reading leaves to the effects, beyond the usual five percent. `shared`: one
    budget for all channels of the platform. `holds_reading`: reading uses it, so reading stops
    with it. Amounts are shown divided by `scale`.
    """

    name: str
    label: str
    unit: str
    window: Window
    limit: int | None = None
    reserve: int = 0
    shared: bool = False
    holds_reading: bool = False
    scale: int = 1
    note: str = ""


YOUTUBE_UNITS: Final = MeterKind(
    "youtube.units",
    "1日の割り当て",
    "単位",
    Window.PACIFIC_DAY,
    limit=10_000,
    reserve=ROOM_FOR_EFFECTS,
    shared=True,
    holds_reading=True,
    note="YouTubeのすべてのアカウントを合わせた数です。",
)
YOUTUBE_UPLOADS: Final = MeterKind(
    "youtube.uploads", "1日の動画の投稿", "回", Window.PACIFIC_DAY, limit=100, shared=True
)
YOUTUBE_SEARCHES: Final = MeterKind(
    "youtube.searches", "1日の検索", "回", Window.PACIFIC_DAY, limit=100, shared=True
)
X_DOLLARS: Final = MeterKind(
    "x.dollars",
    "今月の料金（目安）",
    "ドル",
    Window.MONTH,
    holds_reading=True,
    scale=MICRO,
    note="公開されている単価から数えた目安です。同じものは1日（UTC）に1回だけ数えます。"
    "正しい金額はXの開発者画面で確かめてください。",
)
X_READS: Final = MeterKind(
    "x.reads",
    "今月読んだポスト",
    "件",
    Window.MONTH,
    limit=3_000_000,
    shared=True,
    holds_reading=True,
)
X_WRITES: Final = MeterKind("x.writes", "今月の操作", "回", Window.MONTH)
X_OBJECTS: Final = MeterKind("x.objects", "今日数えたもの", "件", Window.DAY)
X_RATE: Final = MeterKind("x.rate", "15分ごとの回数", "回", Window.TOLD, holds_reading=True)
META_USAGE: Final = MeterKind(
    "meta.usage", "利用枠", "%", Window.TOLD, limit=100, holds_reading=True
)
BLUESKY_HOUR: Final = MeterKind("bluesky.hour", "1時間の書き込み", "点", Window.HOUR, limit=5_000)
BLUESKY_DAY: Final = MeterKind("bluesky.day", "1日の書き込み", "点", Window.DAY, limit=35_000)
BLUESKY_RATE: Final = MeterKind(
    "bluesky.rate", "5分ごとの回数", "回", Window.TOLD, holds_reading=True
)
MASTODON_RATE: Final = MeterKind(
    "mastodon.rate", "5分ごとの回数", "回", Window.TOLD, holds_reading=True
)
LINE_MESSAGES: Final = MeterKind("line.messages", "今月の配信数", "通", Window.JAPAN_MONTH)

_BY_PLATFORM: Final[Mapping[Platform, tuple[MeterKind, ...]]] = {
    Platform.X: (X_DOLLARS, X_READS, X_WRITES, X_RATE, X_OBJECTS),
    Platform.YOUTUBE: (YOUTUBE_UNITS, YOUTUBE_UPLOADS, YOUTUBE_SEARCHES),
    Platform.FACEBOOK: (META_USAGE,),
    Platform.INSTAGRAM: (META_USAGE,),
    Platform.THREADS: (META_USAGE,),
    Platform.BLUESKY: (BLUESKY_HOUR, BLUESKY_DAY, BLUESKY_RATE),
    Platform.MASTODON: (MASTODON_RATE,),
    Platform.LINE: (LINE_MESSAGES,),
}
_BY_NAME: Final = {kind.name: kind for kinds in _BY_PLATFORM.values() for kind in kinds}
SHARED: Final = sorted(kind.name for kind in _BY_NAME.values() if kind.shared)


def kinds_of(platform: Platform) -> tuple[MeterKind, ...]:
    """Return the budgets of a platform, the most important first."""
    return _BY_PLATFORM[platform]


def kind_of(name: str) -> MeterKind:
    """Return the kind of a meter by its full name, e.g. 'x.rate:search'."""
    return _BY_NAME[name.partition(":")[0]]
