"""States of comments, cases, decisions and manual tasks, with their allowed moves."""

from enum import Enum

from django.db import models

from jspm_social.transitions import moves


class CommentStanding(models.TextChoices):
    """How a comment stands on its platform, as far as we know."""

    VISIBLE = "visible", "表示中"
    HIDDEN = "hidden", "非表示"
    REMOVED = "removed", "削除済み"
    GONE = "gone", "投稿者などにより消滅"


class Hiding(Enum):
    """How far the hiding of a comment has come, as far as we know: by its platform's word, or by
    the hide of the hold that stands over it.
    """

    NONE = "none"
    UNDER_WAY = "under_way"  # a rule's hide waits, or is being sent
    UNKNOWN = "unknown"  # it was sent, and nobody knows yet whether it had an effect
    DONE = "done"


class Erasure(models.TextChoices):
    """Why the words of a chat, or of a comment that was removed, are not kept any more."""

    UNSENT = "unsent", "送信取消により本文は消去されました"
    EXPIRED = "expired", "保存期間を過ぎたため本文は消去されました"


class CaseState(models.TextChoices):
    OPEN = "open", "未対応"
    AWAITING_SECOND = "awaiting_second", "確認待ち"
    ACTING = "acting", "対応中"
    ATTENTION = "attention", "対応の残り"
    CLOSED = "closed", "完了"


CASE_MOVES = moves(
    {
        CaseState.OPEN: {
            CaseState.AWAITING_SECOND,
            CaseState.ACTING,
            CaseState.CLOSED,
        },
        CaseState.AWAITING_SECOND: {
            CaseState.OPEN,
            CaseState.ACTING,
            CaseState.CLOSED,
        },
        CaseState.ACTING: {CaseState.OPEN, CaseState.ATTENTION, CaseState.CLOSED},
        CaseState.ATTENTION: {CaseState.OPEN, CaseState.ACTING, CaseState.CLOSED},
        CaseState.CLOSED: {CaseState.OPEN},
    }
)
ACTIVE_CASES = frozenset(set(CaseState) - {CaseState.CLOSED})


class CaseOrigin(models.TextChoices):
    """Why a case was opened."""

    JUDGED = "judged", "判定"
    FLAGGED = "flagged", "委員からの通報"
    SAMPLED = "sampled", "無作為抽出"
    EDITED = "edited", "判断後の編集"
    REVERSAL = "reversal", "判断の見直し"
    REMOTE = "remote", "外部の判定"


class Lane(models.TextChoices):
    """Which list a case stands in. Care comes before everything else."""

    CARE = "care", "見守り"
    QUEUE = "queue", "要判断"
    CONSULTATION = "consultation", "医療相談"
    SAMPLE = "sample", "抽出確認"


ALL_LANES = "lane:all"  # the queue's tag of every lane but consultations, a list of their own


class DecisionState(models.TextChoices):
    TAKEN = "taken", "決定"
    AWAITING_SECOND = "awaiting_second", "第二モデレーター確認待ち"
    CONFIRMED = "confirmed", "確認済み"
    REFUSED = "refused", "不同意"
    UNDONE = "undone", "取り消し"


DECISION_MOVES = moves(
    {
        DecisionState.TAKEN: {DecisionState.UNDONE},
        DecisionState.AWAITING_SECOND: {
            DecisionState.CONFIRMED,
            DecisionState.REFUSED,
            DecisionState.UNDONE,
        },
        DecisionState.CONFIRMED: set(),
        DecisionState.REFUSED: set(),
        DecisionState.UNDONE: set(),
    }
)
STANDING_DECISIONS = frozenset(
    {DecisionState.TAKEN, DecisionState.AWAITING_SECOND, DecisionState.CONFIRMED}
)


class HoldState(models.TextChoices):
    """A comment that a rule hid until a person decides."""

    STANDING = "standing", "いったん非表示"
    RELEASED = "released", "残す判断で再表示"
    TAKEN_OVER = "taken_over", "判断に引き継ぎ"
    EXPIRED = "expired", "期限を過ぎて再表示"
    CALLED_OFF = "called_off", "取りやめ"


HOLD_MOVES = moves(
    {
        HoldState.STANDING: {
            HoldState.RELEASED,
            HoldState.TAKEN_OVER,
            HoldState.EXPIRED,
            HoldState.CALLED_OFF,
        },
        # The decision was taken back, or no second moderator agreed.
        HoldState.RELEASED: {HoldState.STANDING, HoldState.CALLED_OFF},
        HoldState.TAKEN_OVER: {HoldState.STANDING, HoldState.CALLED_OFF},
        HoldState.EXPIRED: set(),
        HoldState.CALLED_OFF: set(),
    }
)


class TaskState(models.TextChoices):
    """A thing that a person does on the platform's own page."""

    OPEN = "open", "未着手"
    CLAIMED = "claimed", "担当者あり"
    DONE = "done", "完了"
    NOT_POSSIBLE = "not_possible", "できなかった"
    CANCELLED = "cancelled", "取り消し"


OPEN_TASKS = frozenset({TaskState.OPEN, TaskState.CLAIMED})
TASK_MOVES = moves(
    {
        TaskState.OPEN: {TaskState.CLAIMED, TaskState.CANCELLED},
        TaskState.CLAIMED: {
            TaskState.OPEN,
            TaskState.DONE,
            TaskState.NOT_POSSIBLE,
            TaskState.CANCELLED,
        },
        TaskState.DONE: set(),
        TaskState.NOT_POSSIBLE: set(),
        TaskState.CANCELLED: set(),
    }
)


class Purpose(models.TextChoices):
    """Why somebody is asked to label a comment."""

    INSTRUCTIVE = "instructive", "学習に役立つもの"
    DOUBLE = "double", "もう一人の目"


class Answer(models.TextChoices):
    """What a label says."""

    NONE = "none", "どの基準にも当てはまらない"
    GROUNDS = "grounds", "選んだ基準に当てはまる"
    UNSURE = "unsure", "迷う・わからない"


class RemoteState(models.TextChoices):
    """What came of asking the judge outside the house."""

    ASKED = "asked", "問い合わせ中"
    ANSWERED = "answered", "回答あり"
    NO_ANSWER = "no_answer", "回答なし"


REMOTE_MOVES = moves(
    {
        RemoteState.ASKED: {RemoteState.ANSWERED, RemoteState.NO_ANSWER},
        RemoteState.ANSWERED: set(),
        RemoteState.NO_ANSWER: set(),
    }
)
