"""What the planner makes of a wish: never more than was wanted, never at the wrong target."""

import re
from itertools import product

import pytest
from hypothesis import given, strategies as st

from jspm_social.platforms.capabilities import (
    MATRIX,
    NOT_CONNECTED,
    NOT_GRANTED,
    Offer,
    Outcome,
    Plan,
    Step,
    capability,
    cells_of,
    plan,
)
from jspm_social.platforms.names import Effect, Platform
from jspm_social.platforms.oauth.scopes import SCOPES, lacking, names

ALL = list(product(Platform, Outcome))
# What may be done at most for a wish, from the policy's rule and not from the code.
ALLOWED = {
    Outcome.KEEP: set(),
    Outcome.HIDE: {Effect.HIDE},
    Outcome.DELETE: {Effect.HIDE, Effect.DELETE},
    Outcome.BLOCK: {Effect.HIDE, Effect.BLOCK},
    Outcome.RESTORE: {Effect.UNHIDE},
    Outcome.UNBLOCK: {Effect.UNBLOCK},
}
NAMED = {
    Outcome.HIDE: Effect.HIDE,
    Outcome.DELETE: Effect.DELETE,
    Outcome.BLOCK: Effect.BLOCK,
    Outcome.RESTORE: Effect.UNHIDE,
    Outcome.UNBLOCK: Effect.UNBLOCK,
}


def effects(platform: Platform, outcome: Outcome) -> list[Effect]:
    return [step.effect for step in plan(platform, outcome).steps]


def test_matrix_answers_for_every_platform_and_effect() -> None:
    assert set(MATRIX) == set(Platform)
    assert all(set(row) == set(Effect) for row in MATRIX.values())


@pytest.mark.parametrize(("platform", "outcome"), ALL)
def test_plan_is_never_stronger_than_the_wish_nor_aimed_at_somebody_else(
    platform: Platform, outcome: Outcome
) -> None:
    chosen = effects(platform, outcome)
    assert set(chosen) <= ALLOWED[outcome]
    assert len(chosen) == len(set(chosen))


@pytest.mark.parametrize(("platform", "outcome"), ALL)
def test_plan_only_takes_what_the_platform_offers(platform: Platform, outcome: Outcome) -> None:
    for step in plan(platform, outcome).steps:
        cell = capability(platform, step.effect)
        assert cell.offer is not Offer.NONE
        assert step.by_hand == (cell.offer is Offer.BY_HAND)
        assert (step.reversible, step.note) == (cell.reversible, cell.note)


@pytest.mark.parametrize(("platform", "outcome"), ALL)
def test_plan_begins_with_what_can_be_taken_back(platform: Platform, outcome: Outcome) -> None:
    steps = plan(platform, outcome).steps
    if outcome in {Outcome.DELETE, Outcome.BLOCK} and (
        capability(platform, Effect.HIDE).offer is Offer.API
    ):
        assert (steps[0].effect, steps[0].reversible, steps[0].needs_second) == (
            Effect.HIDE,
            True,
            False,
        )
    assert [step.needs_second for step in steps] == sorted(step.needs_second for step in steps)


@pytest.mark.parametrize(("platform", "outcome"), ALL)
def test_plan_asks_for_two_people_exactly_where_it_is_final(
    platform: Platform, outcome: Outcome
) -> None:
    planned = plan(platform, outcome)
    for step in planned.steps:
        final = step.effect in {Effect.DELETE, Effect.BLOCK}
        assert step.needs_second == final
        assert step.reversible or step.needs_second
    assert planned.needs_second == any(step.needs_second for step in planned.steps)


@pytest.mark.parametrize(("platform", "outcome"), ALL)
def test_plan_is_exact_only_if_it_does_what_was_wanted(
    platform: Platform, outcome: Outcome
) -> None:
    planned = plan(platform, outcome)
    done = outcome is Outcome.KEEP or NAMED[outcome] in effects(platform, outcome)
    assert planned.exact == done
    assert planned.exact or planned.notes


@pytest.mark.parametrize(("platform", "outcome"), ALL)
def test_a_mute_is_never_part_of_a_plan(platform: Platform, outcome: Outcome) -> None:
    assert Effect.MUTE not in effects(platform, outcome)


def test_notes_are_japanese_sentences() -> None:
    plans = [plan(platform, outcome) for platform, outcome in ALL]
    notes = [note for planned in plans for note in planned.notes]
    notes += [cell.note for row in MATRIX.values() for cell in row.values() if cell.note]
    assert all(re.search(r"[ぁ-ん]", note) and note.endswith("。") for note in notes)


def step(
    effect: Effect,
    *,
    second: bool = False,
    by_hand: bool = False,
    reversible: bool = True,
    note: str = "",
) -> Step:
    return Step(effect, second, by_hand, reversible, note)


X_HIDE = step(
    Effect.HIDE, note="本学会の投稿への返信に限ります。「非表示の返信」の画面からは読めます。"
)
FB_HIDE = step(Effect.HIDE, note="投稿者本人とその友達には引き続き見えます。")
YT_HIDE = step(Effect.HIDE)
EXACT: dict[tuple[Platform, Outcome], Plan] = {
    (Platform.X, Outcome.HIDE): Plan(Outcome.HIDE, (X_HIDE,), exact=True),
    (Platform.X, Outcome.DELETE): Plan(
        Outcome.DELETE,
        (X_HIDE,),
        exact=False,
        notes=("Xでは他の人のコメントを削除できないため、非表示にとどめます。",),
    ),
    (Platform.X, Outcome.BLOCK): Plan(
        Outcome.BLOCK,
        (X_HIDE, step(Effect.BLOCK, second=True, by_hand=True)),
        exact=True,
        notes=("Xのブロックは、確認のあと担当者がXの画面で行います。",),
    ),
    (Platform.X, Outcome.RESTORE): Plan(Outcome.RESTORE, (step(Effect.UNHIDE),), exact=True),
    (Platform.X, Outcome.UNBLOCK): Plan(
        Outcome.UNBLOCK,
        (step(Effect.UNBLOCK, by_hand=True),),
        exact=True,
        notes=("担当者が画面で行います。",),
    ),
    (Platform.FACEBOOK, Outcome.HIDE): Plan(Outcome.HIDE, (FB_HIDE,), exact=True),
    (Platform.FACEBOOK, Outcome.DELETE): Plan(
        Outcome.DELETE,
        (FB_HIDE, step(Effect.DELETE, second=True, reversible=False, note="元に戻せません。")),
        exact=True,
    ),
    (Platform.FACEBOOK, Outcome.BLOCK): Plan(
        Outcome.BLOCK, (FB_HIDE, step(Effect.BLOCK, second=True)), exact=True
    ),
    (Platform.FACEBOOK, Outcome.RESTORE): Plan(Outcome.RESTORE, (step(Effect.UNHIDE),), exact=True),
    (Platform.FACEBOOK, Outcome.UNBLOCK): Plan(
        Outcome.UNBLOCK, (step(Effect.UNBLOCK),), exact=True
    ),
    (Platform.YOUTUBE, Outcome.HIDE): Plan(Outcome.HIDE, (YT_HIDE,), exact=True),
    (Platform.YOUTUBE, Outcome.DELETE): Plan(
        Outcome.DELETE,
        (
            YT_HIDE,
            step(
                Effect.DELETE,
                second=True,
                reversible=False,
                note="このコメントへの返信も見えなくなり、元に戻せません。",
            ),
        ),
        exact=True,
    ),
    (Platform.YOUTUBE, Outcome.BLOCK): Plan(
        Outcome.BLOCK,
        (
            YT_HIDE,
            step(
                Effect.BLOCK,
                second=True,
                reversible=False,
                note="コメントも削除扱いになり、元に戻せません。解除はYouTubeの画面で行います。",
            ),
        ),
        exact=True,
    ),
    (Platform.YOUTUBE, Outcome.RESTORE): Plan(Outcome.RESTORE, (step(Effect.UNHIDE),), exact=True),
    (Platform.YOUTUBE, Outcome.UNBLOCK): Plan(
        Outcome.UNBLOCK,
        (
            step(
                Effect.UNBLOCK,
                by_hand=True,
                note="YouTube Studioの「設定→コミュニティ」で、非表示のユーザーから外します。",
            ),
        ),
        exact=True,
        notes=("担当者が画面で行います。",),
    ),
}


@pytest.mark.parametrize(("platform", "outcome"), EXACT, ids="-".join)
def test_plan_word_by_word(platform: Platform, outcome: Outcome) -> None:
    assert plan(platform, outcome) == EXACT[platform, outcome]


@pytest.mark.parametrize(("platform", "outcome"), ALL)
def test_without_a_connection_a_person_does_the_same(platform: Platform, outcome: Outcome) -> None:
    usual, by_hand = plan(platform, outcome), plan(platform, outcome, connected=False)
    assert [step.effect for step in by_hand.steps] == [step.effect for step in usual.steps]
    assert all(step.by_hand for step in by_hand.steps)
    assert (NOT_CONNECTED in by_hand.notes) == bool(by_hand.steps)
    assert (by_hand.needs_second, by_hand.exact) == (usual.needs_second, usual.exact)


# --- permissions as found in the token

permissions = st.sampled_from(Platform).flatmap(
    lambda platform: st.tuples(
        st.just(platform),
        st.sampled_from(Outcome),
        st.frozensets(st.sampled_from((*names(platform), "something.else"))),
        st.frozensets(st.sampled_from((*names(platform), "something.else"))),
    )
)


@given(permissions)
def test_less_permission_never_leads_to_a_stronger_effect(
    drawn: tuple[Platform, Outcome, frozenset[str], frozenset[str]],
) -> None:
    """Nor to another one, nor past the second person: a person does by hand what is missing."""
    platform, outcome, some, others = drawn
    less, more = (plan(platform, outcome, granted=g) for g in (some & others, some))
    assert [step.effect for step in less.steps] == [step.effect for step in more.steps]
    for weak, strong in zip(less.steps, more.steps, strict=True):
        assert weak.by_hand >= strong.by_hand
        assert (weak.needs_second, weak.reversible) == (strong.needs_second, strong.reversible)
    assert (less.exact, less.needs_second) == (more.exact, more.needs_second)


@pytest.mark.parametrize(("platform", "outcome"), ALL)
def test_all_permissions_or_unknown_ones_change_nothing(
    platform: Platform, outcome: Outcome
) -> None:
    usual = plan(platform, outcome)
    assert plan(platform, outcome, granted=None) == usual
    assert plan(platform, outcome, granted=frozenset(names(platform))) == usual


@pytest.mark.parametrize(
    ("platform", "effect"),
    [
        (platform, effect)
        for platform, effect in product(Platform, Effect)
        if capability(platform, effect).offer is Offer.API and SCOPES[platform]
    ],
)
def test_every_effect_of_the_api_hangs_on_a_permission(platform: Platform, effect: Effect) -> None:
    """No permission at all: everything is left to a person, and it is said why."""
    cell = cells_of(platform, granted=frozenset())[effect]
    assert cell.offer is Offer.BY_HAND
    assert cell.note.startswith(NOT_GRANTED)
    assert cell.reversible == capability(platform, effect).reversible


def test_a_missing_permission_is_said_before_the_click() -> None:
    planned = plan(Platform.X, Outcome.HIDE, granted=frozenset({"tweet.read"}))
    assert planned.steps == (
        step(
            Effect.HIDE,
            by_hand=True,
            note="接続に権限がないため、担当者が画面で行います。" + X_HIDE.note,
        ),
    )


@pytest.mark.parametrize(
    ("granted", "lost"),
    [
        ({"read", "write"}, set()),
        ({"read", "write:blocks", "write:mutes"}, set()),
        ({"read", "follow"}, set()),  # the old name
        ({"read", "write:statuses"}, {Effect.BLOCK, Effect.UNBLOCK, Effect.MUTE}),
        ({"write:blocks"}, {Effect.MUTE}),
    ],
)
def test_broad_permissions_of_mastodon_hold_the_narrow_ones(
    granted: set[str], lost: set[Effect]
) -> None:
    assert lacking(Platform.MASTODON, granted) == lost


@pytest.mark.parametrize("platform", Platform)
def test_keeping_does_nothing_anywhere(platform: Platform) -> None:
    assert plan(platform, Outcome.KEEP) == Plan(Outcome.KEEP, (), exact=True)


@pytest.mark.parametrize(
    ("platform", "outcome", "chosen", "notes"),
    [
        (
            Platform.MASTODON,
            Outcome.HIDE,
            [],
            ["Mastodonではコメントを非表示にできません。"],
        ),
        (
            Platform.MASTODON,
            Outcome.DELETE,
            [],
            ["Mastodonでは他の人のコメントを削除できないため、このコメントは残ります。"],
        ),
        (
            Platform.MASTODON,
            Outcome.BLOCK,
            [Effect.BLOCK],
            ["Mastodonではコメントを非表示にできません。"],
        ),
        (Platform.MASTODON, Outcome.RESTORE, [], ["Mastodonではできません。"]),
        (Platform.LINE, Outcome.HIDE, [], ["LINEではコメントを非表示にできません。"]),
        (
            Platform.LINE,
            Outcome.DELETE,
            [],
            ["LINEでは他の人のコメントを削除できないため、このコメントは残ります。"],
        ),
        (
            Platform.LINE,
            Outcome.BLOCK,
            [Effect.BLOCK],
            [
                "LINEではコメントを非表示にできません。",
                "LINEのブロックは、確認のあと担当者がLINEの画面で行います。",
            ],
        ),
        (Platform.LINE, Outcome.RESTORE, [], ["LINEではできません。"]),
        (
            Platform.THREADS,
            Outcome.DELETE,
            [Effect.HIDE],
            ["Threadsでは他の人のコメントを削除できないため、非表示にとどめます。"],
        ),
        (
            Platform.BLUESKY,
            Outcome.DELETE,
            [Effect.HIDE],
            ["Blueskyでは他の人のコメントを削除できないため、非表示にとどめます。"],
        ),
    ],
)
def test_plan_says_what_is_not_possible(
    platform: Platform, outcome: Outcome, chosen: list[Effect], notes: list[str]
) -> None:
    assert effects(platform, outcome) == chosen
    assert list(plan(platform, outcome).notes) == notes
