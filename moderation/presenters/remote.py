"""What the judge outside the house said about a case. Its words are as foreign as a comment's."""

from typing import Any

from moderation.models import Case, RemoteLook
from moderation.states import RemoteState
from policy.criteria import Criterion


def said_outside(case: Case) -> dict[str, Any] | None:
    """Return what was said about the verdict that the case shows; None if nobody asked."""
    looks = RemoteLook.objects.filter(judgement=case.judgement_id).select_related("opinion")
    look = looks.first() if case.judgement_id else None
    if look is None or case.comment.erasure:
        return None
    opinion = look.opinion
    answered = opinion.state == RemoteState.ANSWERED
    return {
        "model": opinion.model,
        "findings": [
            {
                "code": one["criterion"],
                "label": Criterion(one["criterion"]).label,
                "score": f"確信度 {one['confidence']:.0%}（自己申告）",
                "reason": one["reason"],
            }
            for one in sorted(opinion.findings, key=lambda one: -one["confidence"])
        ],
        "nothing": "当てはまる基準はないという答えでした。"
        if answered
        else "使える答えが返ってきませんでした。",
    }
