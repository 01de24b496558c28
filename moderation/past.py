"""The comments that were judged before, as `policy.past` asks for them. Reads only.

Chats are left out: nothing can be done about one, so no rule set can differ on it.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection
from django.urls import reverse

from jspm_social.platforms.capabilities import Outcome
from jspm_social.platforms.names import Platform
from moderation.models import Comment, Decision
from moderation.services.intake import HISTORY
from moderation.states import DecisionState
from policy.engine import MOST_EVIDENCE
from policy.past import Counted, PastComment, PastVerdict, Shown, Tally

FINAL = (DecisionState.TAKEN, DecisionState.CONFIRMED)
# In what follows, 'model' names evidence of the learned model, which no rule found; and for half a
# minute a verdict with a lower id may still be committed after one with a higher.
_NEWEST_FIRST = """
    SELECT j.id FROM moderation_comment c
    JOIN platforms_channel h ON h.id = c.channel_id AND h.platform <> %(chats)s
    JOIN moderation_commentrevision r ON r.comment_id = c.id AND r.number = c.revision_number
    CROSS JOIN LATERAL (
      SELECT id FROM moderation_judgement WHERE revision_id = r.id ORDER BY id DESC LIMIT 1) j
    WHERE c.erasure = '' AND (%(after)s::bigint IS NULL OR c.id < %(after)s)
    ORDER BY c.id DESC LIMIT %(limit)s
"""
_AS_JUDGED = """
    SELECT j.id FROM moderation_judgement j
    JOIN moderation_commentrevision r ON r.id = j.revision_id
    JOIN moderation_comment c ON c.id = r.comment_id
    JOIN platforms_channel h ON h.id = c.channel_id AND h.platform <> %(chats)s
    WHERE c.erasure = '' AND j.id > %(after)s AND j.judged_at < now() - interval '30 seconds'
    ORDER BY j.id LIMIT %(limit)s
"""
_COMMENTS = """
    SELECT c.id, r.text, p.text, k.key, r.author_name, r.author_handle,
           j.id, j.ruleset_id, j.model_version, j.scores::text, j.problems,
           CASE WHEN jsonb_array_length(j.evidence) < %(most)s THEN ARRAY(
             SELECT DISTINCT e ->> 'criterion' FROM jsonb_array_elements(j.evidence) e
             WHERE e ->> 'rule' <> 'model') END
    FROM moderation_judgement j
    JOIN moderation_commentrevision r ON r.id = j.revision_id
    JOIN moderation_comment c ON c.id = r.comment_id
    JOIN platforms_remotepost p ON p.id = c.post_id
    JOIN moderation_commenter k ON k.id = c.commenter_id
    WHERE j.id = ANY(%(ids)s)
"""
_TALLY = """
    SELECT label, count(*), count(*) FILTER (WHERE label = ANY(d.criteria) AND d.outcome <> %s)
    FROM moderation_decision d
    JOIN moderation_case c ON c.id = d.case_id
    JOIN moderation_judgement j ON j.id = c.judgement_id
    CROSS JOIN LATERAL unnest(j.labels) label
    WHERE d.state = ANY(%s) GROUP BY label
"""
_RULE_TALLY = """
    SELECT rule, count(*), count(*) FILTER (WHERE agreed) FROM (
      SELECT d.id, e ->> 'rule' AS rule,
             bool_or(e ->> 'criterion' = ANY(d.criteria) AND d.outcome <> %s) AS agreed
      FROM (SELECT * FROM moderation_decision WHERE state = ANY(%s)
            ORDER BY id DESC LIMIT 5000) d
      JOIN moderation_case c ON c.id = d.case_id
      JOIN moderation_judgement j ON j.id = c.judgement_id
      CROSS JOIN LATERAL jsonb_array_elements(j.evidence) e
      WHERE e ->> 'rule' <> 'model' GROUP BY d.id, rule
    ) told GROUP BY rule
"""
_HITS = """
    SELECT j.id, (j.judged_at AT TIME ZONE %s)::date, ARRAY(
      SELECT DISTINCT e ->> 'rule' FROM jsonb_array_elements(j.evidence) e
      WHERE e ->> 'rule' <> 'model')
    FROM moderation_judgement j
    WHERE j.id > %s AND j.judged_at < now() - interval '30 seconds' ORDER BY j.id LIMIT %s
"""
_EARLIER = """
    SELECT c.id, e.text FROM moderation_comment c
    CROSS JOIN LATERAL (
      SELECT h.text, h.posted_at, h.id FROM moderation_comment h
      WHERE h.commenter_id = c.commenter_id
        AND (h.posted_at, h.id) < (c.posted_at, c.id)
      ORDER BY h.posted_at DESC, h.id DESC LIMIT %s
    ) e
    WHERE c.id = ANY(%s) ORDER BY c.id, e.posted_at, e.id
"""


def earlier_texts(comment_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Return each author's up to HISTORY earlier texts, oldest first, by the time they wrote."""
    histories: dict[int, tuple[str, ...]] = {}
    for comment_id, text in _rows(_EARLIER, [HISTORY, list(comment_ids)]):
        histories[comment_id] = (*histories.get(comment_id, ()), text)
    return histories


class StoredComments:
    """`policy.past.PastComments` over moderation's tables."""

    def count(self) -> int:
        """How many comments have a verdict."""
        judged = Comment.objects.filter(judged_at__isnull=False, erasure="")
        return judged.exclude(channel__platform=Platform.LINE).count()

    def older_than(self, comment_id: int | None, limit: int) -> Sequence[PastComment]:
        """Comments with their latest verdict, the newest first."""
        return _comments(_NEWEST_FIRST, comment_id, limit)

    def judged_after(self, verdict_id: int, limit: int) -> Sequence[PastComment]:
        """Comments by verdict, in the order in which they were judged."""
        return _comments(_AS_JUDGED, verdict_id, limit)

    def newest_verdict(self) -> int:
        """The id of the newest verdict."""
        ((newest,),) = _rows("SELECT coalesce(max(id), 0) FROM moderation_judgement", [])
        return int(newest)

    def histories(self, comment_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
        """Each author's earlier texts."""
        return earlier_texts(comment_ids) if comment_ids else {}

    def shown(self, comment_ids: Iterable[int]) -> dict[int, Shown]:
        """The words and the page of these comments."""
        rows = Comment.objects.filter(pk__in=list(comment_ids), erasure="")
        return {
            pk: Shown(text, reverse("moderation:comment", args=[pk]))
            for pk, text in rows.values_list("pk", "text")
        }

    def tally(self) -> dict[str, Tally]:
        """By criterion: how often people agreed with what was judged."""
        return _tallies(_TALLY)

    def rule_tally(self) -> dict[str, Tally]:
        """By rule, over the latest decisions."""
        return _tallies(_RULE_TALLY)

    def rule_hits(self, after_verdict: int, limit: int) -> Counted:
        """How often each rule had part in the next verdicts, by day in Japan."""
        hits: Counter[tuple[str, date]] = Counter()
        last = after_verdict
        for verdict_id, day, rules in _rows(_HITS, [settings.TIME_ZONE, after_verdict, limit]):
            last = verdict_id
            hits.update((rule, day) for rule in rules)
        return Counted(last, hits)


def _comments(query: str, after: int | None, limit: int) -> list[PastComment]:
    chosen = _rows(query, {"chats": Platform.LINE, "after": after, "limit": limit})
    ids = [pk for (pk,) in chosen]
    rows = {row[6]: row for row in _rows(_COMMENTS, {"ids": ids, "most": MOST_EVIDENCE})}
    decided = _decided([row[0] for row in rows.values()])
    return [_comment(rows[pk], decided) for pk in ids]


def _comment(row: tuple[Any, ...], decided: dict[int, frozenset[str]]) -> PastComment:
    pk, text, post, key, name, handle, verdict, ruleset, model, scores, problems, found = row
    return PastComment(
        id=pk,
        text=text,
        post_text=post,
        author_key=key,
        author_name=name,
        author_handle=handle,
        verdict=PastVerdict(
            id=verdict,
            ruleset_id=ruleset,
            model_version=model,
            scores=json.loads(scores),
            problems=tuple(problems),
            found=None if found is None else frozenset(found),
        ),
        decided=decided.get(pk),
    )


def _decided(comment_ids: list[int]) -> dict[int, frozenset[str]]:
    """What people last decided about these comments."""
    rows = Decision.objects.filter(case__comment__in=comment_ids, state__in=FINAL)
    return {
        comment: frozenset(criteria if outcome != Outcome.KEEP else ())
        for comment, outcome, criteria in rows.order_by("pk").values_list(
            "case__comment_id", "outcome", "criteria"
        )
    }


def _tallies(query: str) -> dict[str, Tally]:
    return {
        key: Tally(decided, right)
        for key, decided, right in _rows(query, [Outcome.KEEP, list(FINAL)])
    }


def _rows(query: str, values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())
