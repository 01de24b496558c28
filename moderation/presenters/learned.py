"""Which learned model judges, and what it says about itself."""

from datetime import datetime
from typing import Any

from moderation.models import Judgement
from policy import learned

_FIGURES = (
    ("macro_f1", "基準ごとのF1の平均"),
    ("macro_average_precision", "基準ごとの平均適合率の平均"),
    ("any_auroc", "該当の有無（AUROC）"),
    ("distress_recall", "つらい気持ちのサインの再現率"),
)


def summary() -> dict[str, Any]:
    """Return the model of the newest verdict, and the one that workers read at their next start."""
    newest = Judgement.objects.order_by("-pk").values_list("model_version", flat=True).first()
    card = learned.card(learned.folder_in_use())
    return {
        "judging": None if newest is None else newest or "なし（規則だけで判定）",
        "waiting": card is not None and bool(newest) and newest != card.version,
        "card": _card(card) if card else None,
    }


def _card(card: learned.Card) -> dict[str, Any]:
    comments = {str(name): int(count) for name, count in card.figures.get("comments", {}).items()}
    decided = sum(count for name, count in comments.items() if name.startswith("channel:"))
    return {
        "version": card.version,
        "kind": "委員会の判断も学んだもの" if card.own else "最初から付いているもの",
        "made_at": _moment(card.figures.get("made_at", "")),
        "comments": sum(comments.values()),
        "decided": decided,
        "held_out": card.figures.get("held_out", 0),
        "unread": _figures(card.figures.get("writers_left_out")),
        "on_decided": _figures(card.figures.get("decided_held_out")),
        "on_decided_before": _figures(card.figures.get("decided_held_out_before")),
    }


def _figures(figures: dict[str, Any] | None) -> list[dict[str, str]]:
    if not figures:
        return []
    return [
        {"term": title, "value": f"{figures[name]:.2f}"}
        for name, title in _FIGURES
        if figures.get(name) is not None
    ]


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
