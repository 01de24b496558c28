"""What went wrong on the way, and what a person does next, in plain words."""

from typing import Any

from django.urls import reverse

from jspm_social.platforms.names import Effect, Platform
from jspm_social.platforms.operations import is_left_to_a_person
from jspm_social.platforms.states import ChannelState, OperationState
from moderation.models import Action, Comment, ManualTask
from moderation.presenters.comments import is_web_link, words_of
from moderation.states import TaskState

# By the error's kind (the word before the colon of `trouble`): what it means, what to do.
_PLAIN = {
    "OutcomeUnknown": (
        "送りましたが、返事を受け取れませんでした。反映されたかどうか分かりません。",
        "プラットフォームの画面で確かめ、「反映されていた」か「もう一度送る」を押してください。",
    ),
    "Rejected": (
        "プラットフォームに断られました。同じ内容を送っても通らない見込みです。",
        "画面から直接行うか、終わりにしてから、案件のページで「判断を見直す」を押してください。",
    ),
    "Unsupported": (
        "この契約や権限では、この操作ができません。",
        "プラットフォームの画面から直接行うか、管理者に知らせてください。",
    ),
    "CeilingReached": (
        "管理者が決めた今月の料金の上限に達するため、送りませんでした。",
        "プラットフォームの画面から直接行うか、管理者が上限を上げてから、もう一度送ってください。",
    ),
    "Transient": (
        "プラットフォームにつながりませんでした。",
        "しばらく待ってから「もう一度送る」を押してください。",
    ),
    "RateLimited": (
        "プラットフォームの利用回数の上限に達しました。",
        "時間をおいて自動で送ります。お待ちください。",
    ),
    "AuthExpired": (
        "プラットフォームへの接続の期限が切れました。",
        "管理者に、アカウントの再接続を依頼してください。",
    ),
}
# By our own words in `trouble`.
_OURS = {
    "編集されました": (
        "判断のあとにコメントが編集されたため、送るのをやめました。",
        "案件を開いて今の本文を読み、必要なら終わりにして、もう一度判断してください。",
    ),
    "取り消されました": (
        "判断が取り消されたため、送りませんでした。",
        "何もする必要はありません。",
    ),
    "接続されていません": (
        "このアカウントは接続されていません。",
        "プラットフォームの画面から直接行うか、管理者に接続を依頼してください。",
    ),
}
_NOBODY_READS = (
    "プラットフォームにも何度か問い合わせましたが、分かりませんでした。自動の確認は終わりました。"
)
_HELD = {
    ChannelState.RECONNECT: (
        "アカウントの接続が切れているため、送れずに待っています。",
        "管理者に、アカウントの再接続を依頼してください。再接続すると、自動で送ります。",
    ),
    ChannelState.PAUSED: (
        "アカウントが一時停止されているため、送らずに待っています。",
        "管理者に、アカウントの再開を依頼してください。再開すると、自動で送ります。",
    ),
}
_OTHER = (
    "想定していない問題が起きました。",
    "プラットフォームの画面で確かめてください。続くようなら、管理者に知らせてください。",
)


def trouble(action: Action) -> dict[str, Any]:
    """Return a failed or unknown effect with its reason and next step."""
    comment = action.case.comment
    reason, next_step = explain(action.trouble)
    if is_left_to_a_person(action):
        reason += _NOBODY_READS
    return {
        "headline": f"{_place(comment)}での{action.get_effect_display()}を確かめてください",
        "badge_label": action.get_state_display(),
        "tone": "bad" if action.state == OperationState.FAILED else "warn",
        "reason": reason,
        "next_step": next_step,
        "excerpt": words_of(comment)[:140],
        "case_url": reverse("moderation:case", args=[action.case_id]),
        "at": action.created_at,
        "attempts": action.attempts,
        "permalink": comment.permalink if is_web_link(comment.permalink) else "",
        "platform_label": _place(comment),
        "again_url": reverse("moderation:action", args=[action.pk, "again"]),
        "done_url": reverse("moderation:action", args=[action.pk, "done"]),
        "give_up_url": reverse("moderation:action", args=[action.pk, "give-up"]),
    }


def held(action: Action) -> dict[str, Any]:
    """Return an effect that waits for its account, with what has to be done there."""
    channel = action.case.comment.channel
    reason, next_step = _HELD[ChannelState(channel.state)]
    return trouble(action) | {
        "headline": f"{channel}での{action.get_effect_display()}がまだ送られていません",
        "reason": reason,
        "next_step": next_step,
        "again_url": "",
        "done_url": "",
        "give_up_url": "",
    }


def delayed(action: Action) -> dict[str, Any]:
    """Return an effect that a limit of the platform holds; `goes_at` is annotated by the query."""
    comment = action.case.comment
    return {
        "headline": f"{_place(comment)}での{action.get_effect_display()}",
        "goes_at": action.goes_at,  # type: ignore[attr-defined]  # queries.delayed_effects
        "case_url": reverse("moderation:case", args=[action.case_id]),
        "permalink": comment.permalink if is_web_link(comment.permalink) else "",
        "platform_label": _place(comment),
        "excerpt": words_of(comment)[:140],
    }


def explain(trouble: str) -> tuple[str, str]:
    """Return reason and next step for what stands in an outbox row's `trouble`."""
    for words, told in _OURS.items():
        if words in trouble:
            return told
    return _PLAIN.get(trouble.partition(":")[0], _OTHER)


def task(row: ManualTask, *, mine: bool) -> dict[str, Any]:
    """Return a manual task with the buttons that fit its state."""
    comment = row.decision.case.comment
    aim = "投稿者" if row.effect in {Effect.BLOCK, Effect.UNBLOCK} else "コメント"
    is_open, claimed = row.state == TaskState.OPEN, row.state == TaskState.CLAIMED

    def url(verb: str, *, offered: bool) -> str:
        return reverse("moderation:task", args=[row.pk, verb]) if offered else ""

    return {
        "headline": f"{_place(comment)}の画面で、この{aim}の{row.get_effect_display()}を行う",
        "excerpt": words_of(comment)[:140],
        "case_url": reverse("moderation:case", args=[row.decision.case_id]),
        "link": row.link if is_web_link(row.link) else "",
        "platform_label": _place(comment),
        "at": row.opened_at,
        "state_label": row.get_state_display(),
        "tone": "info" if claimed else "warn",
        "mine": mine,
        "claimed_by": row.claimed_by.display_name if row.claimed_by else "",
        "claim_url": url("claim", offered=is_open),
        "release_url": url("release", offered=claimed and mine),
        "take_over_url": url("take-over", offered=claimed and not mine),
        "done_url": url("done", offered=claimed and mine),
        "not_possible_url": url("not-possible", offered=claimed and mine),
    }


def _place(comment: Comment) -> str:
    return Platform(comment.channel.platform).label
