"""Short ways to judge a text in tests."""

from policy.carried import carried_ruleset
from policy.engine import Author, Context, evaluate
from policy.verdict import Evidence, Verdict

POST = (
    "【市民公開講座】「家で過ごすということ」日時：2026年9月12日（土）14時から。"
    "会場：みなと会館。参加費：無料、定員200名。お申し込みはウェブサイトから。#緩和ケア"
)


def judge(
    text: str, *, name: str = "読者", post: str = POST, history: tuple[str, ...] = ()
) -> Verdict:
    """Judge with the carried rule set."""
    context = Context(post, Author("1", name, "reader"), history)
    return evaluate(text, context, carried_ruleset())


def pointed_at(verdict: Verdict, text: str, criterion: str) -> list[str]:
    """The words of the text that the evidence for `criterion` points at."""
    return [text[e.start : e.end] for e in evidence_for(verdict, criterion) if e.field == "text"]


def evidence_for(verdict: Verdict, criterion: str) -> list[Evidence]:
    return [e for e in verdict.evidence if e.criterion == criterion]
