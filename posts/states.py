"""The life of a post, and of the threads and suggestions on its draft, with their moves."""

from django.db import models

from jspm_social.transitions import moves


class PostState(models.TextChoices):
    """Where a post stands with the committee. How it fares on each channel is its deliveries'."""

    DRAFT = "draft", "下書き"
    REVIEW = "review", "承認待ち"
    CHANGES = "changes", "差し戻し"
    APPROVED = "approved", "承認済み"
    SCHEDULED = "scheduled", "予約済み"
    SENT = "sent", "公開済み"
    DROPPED = "dropped", "取りやめ"


POST_MOVES = moves(
    {
        PostState.DRAFT: {PostState.REVIEW, PostState.DROPPED},
        PostState.REVIEW: {
            PostState.APPROVED,
            PostState.CHANGES,
            PostState.DRAFT,  # taken back, edited, expired
        },
        PostState.CHANGES: {PostState.REVIEW, PostState.DROPPED},
        PostState.APPROVED: {PostState.SCHEDULED, PostState.DRAFT, PostState.DROPPED},
        # What is scheduled is locked: it goes back to approved before anybody can edit it.
        PostState.SCHEDULED: {PostState.APPROVED, PostState.SENT},
        PostState.SENT: set(),
        PostState.DROPPED: {PostState.DRAFT},
    }
)
EDITABLE = frozenset({PostState.DRAFT, PostState.CHANGES, PostState.REVIEW, PostState.APPROVED})


class SuggestionState(models.TextChoices):
    OPEN = "open", "提案中"
    ACCEPTED = "accepted", "採用"
    DECLINED = "declined", "見送り"


SUGGESTION_MOVES = moves(
    {
        SuggestionState.OPEN: {SuggestionState.ACCEPTED, SuggestionState.DECLINED},
        SuggestionState.ACCEPTED: set(),
        SuggestionState.DECLINED: set(),
    }
)


class CorrectionState(models.TextChoices):
    """How far the report of an error has come."""

    REPORTED = "reported", "事実確認待ち"
    CHECKED = "checked", "対応の決定待ち"
    DECIDED = "decided", "承認待ち"
    UNDER_WAY = "under_way", "対応中"
    CLOSED = "closed", "終了"


CORRECTION_MOVES = moves(
    {
        CorrectionState.REPORTED: {CorrectionState.CHECKED},
        CorrectionState.CHECKED: {CorrectionState.DECIDED},
        CorrectionState.DECIDED: {
            CorrectionState.UNDER_WAY,
            CorrectionState.CLOSED,
            CorrectionState.CHECKED,  # not approved: decided anew
        },
        CorrectionState.UNDER_WAY: {CorrectionState.CLOSED},
        CorrectionState.CLOSED: set(),
    }
)


class ActionState(models.TextChoices):
    """An action besides posting (§5)."""

    PROPOSED = "proposed", "同意待ち"
    AGREED = "agreed", "実施待ち"
    DONE = "done", "実施済み"
    DROPPED = "dropped", "行わない"


ACTION_MOVES = moves(
    {
        ActionState.PROPOSED: {ActionState.AGREED, ActionState.DROPPED},
        ActionState.AGREED: {ActionState.DONE, ActionState.DROPPED},
        ActionState.DONE: {ActionState.DROPPED},
        ActionState.DROPPED: set(),
    }
)


class NativeState(models.TextChoices):
    """A post on our own account that the console did not publish."""

    OPEN = "open", "確認待ち"
    OURS = "ours", "本学会の投稿と確認"
    NOTED = "noted", "確認して記録"
    REPORTED = "reported", "誤りとして報告"


NATIVE_MOVES = moves(
    {
        NativeState.OPEN: {NativeState.OURS, NativeState.NOTED, NativeState.REPORTED},
        # An error may be found later.
        NativeState.OURS: {NativeState.REPORTED},
        NativeState.NOTED: {NativeState.REPORTED},
        NativeState.REPORTED: set(),
    }
)


class EntryState(models.TextChoices):
    """An entry of the word lists."""

    IN_USE = "in_use", "使用中"
    RETIRED = "retired", "使わない"


ENTRY_MOVES = moves(
    {
        EntryState.IN_USE: {EntryState.RETIRED},
        EntryState.RETIRED: {EntryState.IN_USE},
    }
)
