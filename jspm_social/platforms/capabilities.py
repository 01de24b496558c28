"""What each platform really allows, and the planner that turns a wish into allowed effects.

Source: the platforms' documentation, as read in 2026-11. The planner's rule: never an effect
that is stronger than the wish, less reversible, or aimed at the person where the comment was
meant; a mute changes only our own view and is never taken for a block. What the API cannot do
becomes a manual task with a link.
"""

from collections.abc import Mapping, Set as AbstractSet
from dataclasses import dataclass, replace
from enum import Enum

from django.db import models

from .names import Effect, Platform
from .oauth.scopes import lacking


class Outcome(models.TextChoices):
    """What a moderator can want (判断). `restore` and `unblock` take earlier decisions back."""

    KEEP = "keep", "そのまま表示"
    HIDE = "hide", "非表示"
    DELETE = "delete", "削除"
    BLOCK = "block", "ブロック"
    RESTORE = "restore", "再表示"
    UNBLOCK = "unblock", "ブロック解除"


class Offer(Enum):
    """How a platform offers an effect."""

    API = "api"
    BY_HAND = "by_hand"  # possible in the platform's own pages only
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Capability:
    """One cell of the matrix. `note` is a Japanese sentence shown before the click."""

    offer: Offer
    reversible: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One effect of a plan. `needs_second` steps wait for a second moderator."""

    effect: Effect
    needs_second: bool
    by_hand: bool
    reversible: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What will really happen for a wish. `exact` is False when it is less than was wanted."""

    outcome: Outcome
    steps: tuple[Step, ...]
    exact: bool
    notes: tuple[str, ...] = ()

    @property
    def needs_second(self) -> bool:
        return any(step.needs_second for step in self.steps)


Cells = Mapping[Effect, Capability]
NOT_CONNECTED = "このアカウントは接続されていないため、担当者が画面で行います。"
NOT_GRANTED = "接続に権限がないため、担当者が画面で行います。"

_API = Capability(Offer.API)
_HAND = Capability(Offer.BY_HAND)
_NONE = Capability(Offer.NONE)

_X_HIDE = Capability(
    Offer.API, note="本学会の投稿への返信に限ります。「非表示の返信」の画面からは読めます。"
)
_FB_HIDE = Capability(Offer.API, note="投稿者本人とその友達には引き続き見えます。")
_YT_REJECT = Capability(
    Offer.API, reversible=False, note="このコメントへの返信も見えなくなり、元に戻せません。"
)
_YT_BAN = Capability(
    Offer.API,
    reversible=False,
    note="コメントも削除扱いになり、元に戻せません。解除はYouTubeの画面で行います。",
)
_THREADS_HIDE = Capability(
    Offer.API, note="最上位の返信だけを非表示にでき、その下の返信も一緒に隠れます。"
)
# Instagram's API blocks only with the permission that also sends messages: never asked for.
_IG_BLOCK = Capability(Offer.BY_HAND, note="Instagramの、この人のプロフィール画面で行います。")
_YT_UNBAN = Capability(
    Offer.BY_HAND,
    note="YouTube Studioの「設定→コミュニティ」で、非表示のユーザーから外します。",
)
_LINE_BLOCK = Capability(Offer.BY_HAND, note="LINE公式アカウントのチャット画面で行います。")
_BSKY_HIDE = Capability(Offer.API, note="1つの投稿につき300件までです。")
_BSKY_BLOCK = Capability(
    Offer.API, note="ブロックは公開され、この人の返信は誰からも見えなくなります。"
)
_MASTODON_BLOCK = Capability(Offer.API, note="ほかの人からは引き続き見えます。")
_FAREWELL = Capability(Offer.API, reversible=False, note="元に戻せません。")

MATRIX: Mapping[Platform, Cells] = {
    Platform.X: {
        Effect.HIDE: _X_HIDE,
        Effect.UNHIDE: _API,
        Effect.DELETE: _NONE,
        Effect.BLOCK: _HAND,
        Effect.UNBLOCK: _HAND,
        Effect.MUTE: _API,
    },
    Platform.FACEBOOK: {
        Effect.HIDE: _FB_HIDE,
        Effect.UNHIDE: _API,
        Effect.DELETE: _FAREWELL,
        Effect.BLOCK: _API,
        Effect.UNBLOCK: _API,
        Effect.MUTE: _NONE,
    },
    Platform.INSTAGRAM: {
        Effect.HIDE: _API,
        Effect.UNHIDE: _API,
        Effect.DELETE: _FAREWELL,
        Effect.BLOCK: _IG_BLOCK,
        Effect.UNBLOCK: _IG_BLOCK,
        Effect.MUTE: _NONE,
    },
    Platform.YOUTUBE: {
        Effect.HIDE: _API,
        Effect.UNHIDE: _API,
        Effect.DELETE: _YT_REJECT,
        Effect.BLOCK: _YT_BAN,
        Effect.UNBLOCK: _YT_UNBAN,
        Effect.MUTE: _NONE,
    },
    Platform.LINE: dict.fromkeys(Effect, _NONE)
    | {Effect.BLOCK: _LINE_BLOCK, Effect.UNBLOCK: _LINE_BLOCK},
    Platform.THREADS: {
        Effect.HIDE: _THREADS_HIDE,
        Effect.UNHIDE: _API,
        Effect.DELETE: _NONE,
        Effect.BLOCK: _HAND,
        Effect.UNBLOCK: _HAND,
        Effect.MUTE: _HAND,
    },
    Platform.BLUESKY: {
        Effect.HIDE: _BSKY_HIDE,
        Effect.UNHIDE: _API,
        Effect.DELETE: _NONE,
        Effect.BLOCK: _BSKY_BLOCK,
        Effect.UNBLOCK: _API,
        Effect.MUTE: _API,
    },
    Platform.MASTODON: {
        Effect.HIDE: _NONE,
        Effect.UNHIDE: _NONE,
        Effect.DELETE: _NONE,
        Effect.BLOCK: _MASTODON_BLOCK,
        Effect.UNBLOCK: _API,
        Effect.MUTE: _API,
    },
}

# How many comments one request can change, where it is more than one. A ban is aimed at a person
# and goes out by itself.
AT_ONCE: Mapping[tuple[Platform, Effect], int] = {
    (Platform.YOUTUBE, Effect.HIDE): 50,
    (Platform.YOUTUBE, Effect.UNHIDE): 50,
    (Platform.YOUTUBE, Effect.DELETE): 50,
}

_REVERSALS = {Outcome.RESTORE: Effect.UNHIDE, Outcome.UNBLOCK: Effect.UNBLOCK}


def capability(platform: Platform, effect: Effect) -> Capability:
    """Return one cell of the matrix."""
    return MATRIX[platform][effect]


def cells_of(
    platform: Platform, *, connected: bool = True, granted: AbstractSet[str] | None = None
) -> Cells:
    """Return what an account can really do, given how it is connected.

    `granted` are the permissions found in its token, None where they are not known: then all
    that were asked for count as granted, and a refusal by the platform becomes a manual task.
    """
    if not connected:
        return _by_hand(MATRIX[platform], frozenset(Effect))
    return _by_hand(MATRIX[platform], lacking(platform, granted), note=NOT_GRANTED)


def plan(
    platform: Platform,
    outcome: Outcome,
    *,
    connected: bool = True,
    granted: AbstractSet[str] | None = None,
) -> Plan:
    """Turn what a moderator wants into what this platform will do.

    A reversible hide goes out at once, also as the first step of a deletion or a block. What
    cannot be taken back waits for a second moderator. Where the account is not connected, or a
    permission is missing (see `cells_of`), a person does on the platform's own pages what the
    API would have done: the same effects, never others.
    """
    if outcome is Outcome.KEEP:
        return Plan(outcome, (), exact=True)
    cells = cells_of(platform, connected=connected, granted=granted)
    make = _plan_reversal if outcome in _REVERSALS else _plan_removal
    planned = make(platform, cells, outcome)
    if connected or not planned.steps:
        return planned
    return replace(planned, notes=(*planned.notes, NOT_CONNECTED))


def can_hide_for_a_while(
    platform: Platform, *, connected: bool = True, granted: AbstractSet[str] | None = None
) -> bool:
    """Tell whether an automatic hide may go out here: one effect on the comment alone, through the
    API, that the API can take back as well.
    """
    there = plan(platform, Outcome.HIDE, connected=connected, granted=granted).steps
    back = plan(platform, Outcome.RESTORE, connected=connected, granted=granted).steps
    steps = [*there, *back]
    in_order = [step.effect for step in steps] == [Effect.HIDE, Effect.UNHIDE]
    return in_order and all(step.reversible and not step.by_hand for step in steps)


def _by_hand(cells: Cells, effects: AbstractSet[Effect], *, note: str = "") -> Cells:
    """Return the cells with what the API would do of `effects` left to a person."""
    return {
        effect: replace(cell, offer=Offer.BY_HAND, note=note + cell.note)
        if cell.offer is Offer.API and effect in effects
        else cell
        for effect, cell in cells.items()
    }


def _plan_removal(platform: Platform, cells: Cells, outcome: Outcome) -> Plan:
    steps: list[Step] = []
    notes: list[str] = []
    exact = True
    if cells[Effect.HIDE].offer is not Offer.NONE:
        steps.append(_step(cells, Effect.HIDE))
    elif outcome in {Outcome.HIDE, Outcome.BLOCK}:
        notes.append(f"{platform.label}ではコメントを非表示にできません。")
        exact = outcome is Outcome.BLOCK
    if outcome is Outcome.DELETE:
        exact = _add_deletion(platform, cells, steps, notes)
    if outcome is Outcome.BLOCK:
        exact = _add_block(platform, cells, steps, notes) and exact
    return Plan(outcome, tuple(steps), exact=exact, notes=tuple(notes))


def _add_deletion(platform: Platform, cells: Cells, steps: list[Step], notes: list[str]) -> bool:
    if cells[Effect.DELETE].offer is not Offer.NONE:
        steps.append(_step(cells, Effect.DELETE))
        return True
    instead = "非表示にとどめます" if steps else "このコメントは残ります"
    notes.append(f"{platform.label}では他の人のコメントを削除できないため、{instead}。")
    return False


def _add_block(platform: Platform, cells: Cells, steps: list[Step], notes: list[str]) -> bool:
    cell = cells[Effect.BLOCK]
    if cell.offer is Offer.NONE:
        notes.append(f"{platform.label}ではブロックできません。")
        return False
    steps.append(_step(cells, Effect.BLOCK))
    if cell.offer is Offer.BY_HAND:
        notes.append(
            f"{platform.label}のブロックは、確認のあと担当者が{platform.label}の画面で行います。"
        )
    return True


def _plan_reversal(platform: Platform, cells: Cells, outcome: Outcome) -> Plan:
    effect = _REVERSALS[outcome]
    cell = cells[effect]
    if cell.offer is Offer.NONE:
        return Plan(outcome, (), exact=False, notes=(f"{platform.label}ではできません。",))
    notes = ("担当者が画面で行います。",) if cell.offer is Offer.BY_HAND else ()
    return Plan(outcome, (_step(cells, effect),), exact=True, notes=notes)


def _step(cells: Cells, effect: Effect) -> Step:
    cell = cells[effect]
    # §4(3): a block is meant to be permanent, so it takes two people even where it can be undone.
    final = not cell.reversible or effect is Effect.BLOCK
    return Step(
        effect=effect,
        needs_second=final and effect in {Effect.DELETE, Effect.BLOCK},
        by_hand=cell.offer is Offer.BY_HAND,
        reversible=cell.reversible,
        note=cell.note,
    )
