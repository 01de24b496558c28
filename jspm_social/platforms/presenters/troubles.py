"""What went wrong on a channel, in a person's words, with what to do next."""

from typing import Final

_TROUBLES: Final = {
    "Transient": ("プラットフォームにつながりにくくなっています。", "自動でやり直しています。"),
    "OutcomeUnknown": (
        "プラットフォームから返事を受け取れませんでした。",
        "自動でやり直しています。",
    ),
    "Pending": ("プラットフォームの処理を待っています。", "自動で続けます。"),
    "RateLimited": ("プラットフォームの利用制限に達しました。", "時間がたつと自動で再開します。"),
    "ReadingPaused": (
        "コメントの取得を休んでいます。利用枠の残りは、非表示などの対応に使います。",
        "利用枠が新しくなると、自動で再開します。下の「利用枠」をご覧ください。",
    ),
    "AuthExpired": ("接続の有効期限が切れました。", "管理者が接続し直してください。"),
    "Unsupported": (
        "いまの契約や権限では、コメントを取得できません。",
        "管理者が、プラットフォームの契約と権限を確かめてください。",
    ),
    "Missing": (
        "プラットフォームで、このアカウントか投稿が見つかりませんでした。",
        "管理者が接続を確かめてください。",
    ),
    "Rejected": (
        "プラットフォームに断られ、コメントを取得できませんでした。",
        "続くようなら、管理者が接続を確かめてください。",
    ),
}
_OURS: Final = (
    "コンソールの側の問題で、コメントを取得できませんでした。",
    "自動でやり直しています。続くようなら、管理者がサーバーの記録を確かめてください。",
)


def explain(trouble: str) -> tuple[str, str]:
    """Return what happened and what to do next; two empty texts for no trouble."""
    if not trouble:
        return "", ""
    return _TROUBLES.get(trouble.partition(":")[0], _OURS)
