"""Whether a criterion's comments may be hidden before a person has looked at them."""

from policy.criteria import Signal
from policy.errors import Refused
from policy.models import Automation
from policy.past import Tally, past
from policy.shares import wilson

LEAST_DECIDED = 150  # cases that people decided
LEAST_PRECISION = 0.95  # lower bound of the 95 % interval


def lower_bound(tally: Tally) -> float:
    """The lower end of Wilson's 95 % score interval for the share that was right; 0.0 for none."""
    return wilson(tally.right, tally.decided).low


def may_hide(tally: Tally) -> bool:
    """True when people agreed often enough to let a reversible hide go first."""
    return tally.decided >= LEAST_DECIDED and lower_bound(tally) >= LEAST_PRECISION


def in_words(tally: Tally) -> str:
    """The figures, for a person."""
    if not tally.decided:
        return "人が判断した案件は、まだありません。"
    return (
        f"人が判断した{tally.decided}件のうち、判定と一致したのは{tally.right}件"
        f"（{tally.right / tally.decided:.1%}、95%信頼区間の下限{lower_bound(tally):.1%}）です。"
    )


def check(criterion: str, automation: str) -> None:
    """Refuse an automation that the figures, or the kind of criterion, do not allow.

    Raises:
        Refused: with the figures in words.
    """
    if criterion in Signal.values and automation != Automation.QUEUE:
        raise Refused("見守りなどの気づきは、いつも人の判断に回します。自動処理は変えられません。")
    if automation != Automation.HIDE:
        return
    tally = past().tally().get(criterion, Tally())
    if not may_hide(tally):
        raise Refused(
            f"「{criterion}」では、まだ自動の非表示を使えません。{in_words(tally)}"
            f"{LEAST_DECIDED}件以上を人が判断し、下限が{LEAST_PRECISION:.0%}以上になると使えます。"
        )
