"""What Meta answers when a post cannot be prepared or published → what to do next.

Facts: the subcodes are Instagram's (its table of error codes); the daily limit counts the last 24
hours, so it frees up by and by; a missing permission fails the one post and not the channel.
"""

import re
from datetime import UTC, datetime, timedelta

from jspm_social.platforms.adapters.reading import number
from jspm_social.platforms.errors import (
    AuthExpired,
    OutcomeUnknown,
    Pending,
    PlatformError,
    RateLimited,
    Rejected,
    Transient,
)
from jspm_social.platforms.http import Answer

from .errors import error_of, problem_of

LIMIT_PAUSE = timedelta(hours=1)
WORK_PAUSE = timedelta(seconds=30)

DAILY_LIMIT, NOT_READY, RESTRICTED = 2207042, 2207027, 2207050
NOTHING_DONE = {2207003, 2207008, 2207020}  # fetching took too long; the container is no more
WORDS = {
    2207004: "画像が大きすぎます（8MBまで）",
    2207009: "画像の縦横比が合いません（4:5から1.91:1まで）",
    2207010: "本文が長すぎます",
    2207026: "対応していない形式の動画です",
    2207051: "迷惑行為の疑いとして拒まれました。アカウントの画面で確かめてください",
    2207052: "画像・動画のアドレスを読み取れませんでした",
}
DUPLICATE, ABUSE = 506, 368
CODE_WORDS = {
    DUPLICATE: "直前の投稿と同じ内容です",
    ABUSE: "不適切な内容の疑いとして拒まれました。アカウントの画面で確かめてください",
}


def publishing_problem(answer: Answer, *, visible: bool, name: str) -> PlatformError | None:
    """Return the error an answer stands for, None for success.

    `visible` says that the request itself would have shown something to readers: only then may
    'failed for now' have left something there.
    """
    error = error_of(answer)
    code, subcode = number(error, "code"), number(error, "error_subcode")
    detail = f"{name} {answer.status} code {code}/{subcode}"
    known = _known(subcode, detail)
    if known:
        return known
    words = WORDS.get(subcode) or CODE_WORDS.get(code)
    if words:
        return Rejected(f"{name}: {words} ({code}/{subcode})")
    problem = problem_of(answer, changes=True, name=name)
    if isinstance(problem, OutcomeUnknown) and not visible:
        return Transient(problem.detail)
    return problem


def failure_words(reason: str) -> str:
    """Return in words why a container failed; `reason` names a subcode or a word of Meta's."""
    subcode = re.search(r"\b22\d{5}\b", reason)
    words = WORDS.get(int(subcode[0])) if subcode else None
    return words or f"画像・動画を処理できませんでした（{reason[:80]}）"


def _known(subcode: int, detail: str) -> PlatformError | None:
    now = datetime.now(UTC)
    if subcode == DAILY_LIMIT:
        return RateLimited(f"{detail}: the posts of 24 hours", until=now + LIMIT_PAUSE)
    if subcode == NOT_READY:
        return Pending(detail, until=now + WORK_PAUSE)
    if subcode == RESTRICTED:
        return AuthExpired(f"{detail}: the account is restricted")
    return Transient(detail) if subcode in NOTHING_DONE else None
