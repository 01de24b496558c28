"""The judgement engine of `policy`, asked about our own text. The only module that knows it.

The engine was made for comments, so only the grounds are asked for that mean the same in a post
of ours, by the rules alone (its model has learned from comments only), and what it says warns.
"""

import re
from collections.abc import Callable, Mapping

from policy.criteria import Criterion
from policy.engine import Author, Context, evaluate
from policy.ruleset import CompiledRuleSet

from .draft import Found, Severity

Judgement = Callable[[str], Mapping[str, list[Found]]]

_GROUNDS = {
    Criterion.FALSEHOOD: ("J05", "根拠を示せないときは、この部分を外してください。"),
    Criterion.PRIVACY: ("J07", "ご本人の同意がある公開の情報か、ご確認ください。"),
    Criterion.DISCRIMINATION: ("J13", "人を傷つけない言い方に改めてください。"),
}
_DENIAL = re.compile(r"[^。\n]*(?:ありません|なりません|ではな[いく]|誤解|とは限|わけではな)")
_NOBODY = Context(post_text="", author=Author(key="", name="", handle=""))


def judgement(ruleset: CompiledRuleSet) -> Judgement:
    """Ask `ruleset` about a text: what it found, by the check that it belongs to."""

    def judge(text: str) -> dict[str, list[Found]]:
        verdict = evaluate(text, _NOBODY, ruleset)
        found: dict[str, list[Found]] = {}
        for evidence in verdict.evidence:
            if evidence.field != "text" or evidence.criterion not in verdict.labels:
                continue
            check, suggestion = _GROUNDS.get(Criterion(evidence.criterion), ("", ""))
            if check and not (check == "J05" and _denied(text, evidence.start)):
                reason = f"{evidence.why}。" if not evidence.why.endswith("。") else evidence.why
                one = Found(evidence.start, evidence.end, reason, suggestion, Severity.WARN)
                found.setdefault(check, []).append(one)
        return found

    return judge


def _denied(text: str, start: int) -> bool:
    """The sentence says that it is not so: 中毒になることはほとんどありません."""
    return _DENIAL.match(text, start) is not None
