"""What the content checks found, as people read it: what, where, why, and how to mend it."""

from collections.abc import Iterable
from typing import Any

from posts.checks import Severity
from posts.services.checking import Seen

LABELS = {
    Severity.BLOCK: ("直すまで公開できません", "bad"),
    Severity.WARN: ("ご確認ください", "warn"),
    Severity.INFO: ("参考", "info"),
}
ORDER = [Severity.BLOCK, Severity.WARN, Severity.INFO]


def findings(seen: Iterable[Seen], *, may_pass: bool = False) -> list[dict[str, Any]]:
    """Return the findings, those that stop the post first. `may_pass`: show the override."""
    ordered = sorted(seen, key=lambda one: ORDER.index(one.finding.severity))
    return [_finding(one, may_pass=may_pass) for one in ordered]


def _finding(one: Seen, *, may_pass: bool) -> dict[str, Any]:
    label, tone = LABELS[one.finding.severity]
    return {
        "name": one.name,
        "check": one.finding.check,
        "label": "許可済み" if one.passed_by else label,
        "tone": "neutral" if one.passed_by else tone,
        "words": one.words,
        "reason": one.finding.reason,
        "suggestion": one.finding.suggestion,
        "passed_by": one.passed_by,
        "mark": one.fingerprint if may_pass and one.blocks else "",
    }
