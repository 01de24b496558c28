"""`python -m tests.benchmarks.backtest [--comments N]`: how long a backtest of a draft takes.

The draft lowers the threshold of キ and adds ten terms, as an admin would. The stored verdicts are
the model's own on each distinct text. Works on a server of its own in var/bench.
"""

import argparse
import os
import sys
import time
from dataclasses import asdict
from typing import Any

TERMS = (
    "無料モニター", "限定価格", "初回半額", "プロフのリンク", "公式ラインへ",
    "資料請求はこちら", "体験会", "サロン生募集", "返金保証", "ご縁をつなぐ鑑定",
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--comments", type=int, default=100_000)
    count = parser.parse_args().comments
    from tests.benchmarks.__main__ import VAR

    os.environ |= {"JSPM_VAR": str(VAR), "DJANGO_SETTINGS_MODULE": "jspm_social.settings"}
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    from jspm_social import embedded

    embedded.ensure_running()
    import django

    django.setup()
    from tests.benchmarks.databases import filled

    with filled("bench_backtest", comments=count, commenters=count // 5):
        _judge_all()
        _measure()
    return 0


def _judge_all() -> None:
    """Put the model's verdicts in the place of the invented ones, one for each distinct text."""
    from django.db import connection, transaction
    from psycopg2.extras import Json, execute_values

    from policy.carried import carried_model
    from policy.engine import Author, Context, evaluate_many
    from policy.queries import compiled_active_ruleset

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT text FROM moderation_comment")
        texts = [text for (text,) in cursor.fetchall()]
        around = Context("緩和ケア講座のお知らせ", Author("u", "名前", "user"))
        verdicts = evaluate_many(
            [(text, around) for text in texts], compiled_active_ruleset(), model=carried_model()
        )
        cursor.execute(
            "CREATE TEMP TABLE told (text text, version text, labels text[], signals text[],"
            " scores jsonb, evidence jsonb, problems text[], route text) ON COMMIT DROP"
        )
        rows: list[Any] = [
            (
                *(text, v.model_version, list(v.labels), list(v.signals), Json(dict(v.scores))),
                *(Json([asdict(e) for e in v.evidence]), list(v.problems), v.route.value),
            )
            for text, v in zip(texts, verdicts, strict=True)
        ]
        execute_values(cursor.cursor, "INSERT INTO told VALUES %s", rows)
        cursor.execute(
            "UPDATE moderation_judgement j SET model_version = told.version, labels = told.labels,"
            " signals = told.signals, scores = told.scores, evidence = told.evidence,"
            " problems = told.problems, route = told.route"
            " FROM moderation_comment c, told WHERE c.id = j.revision_id AND c.text = told.text"
        )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE moderation_judgement")


def _measure() -> None:
    from jspm_social.accounts.roles import Role
    from policy.criteria import Criterion
    from policy.models import Trial
    from policy.rules import drafting, trials
    from policy.rules.drafting import NewRule
    from tests.people import make_person

    admin = make_person("admin", Role.ADMIN)
    draft = drafting.open_draft(actor=admin)
    drafting.change_setting(
        actor=admin,
        criterion=Criterion.SOLICITATION,
        values={"threshold": 0.4},
        why="見逃しを減らす",
    )
    rules = [NewRule(n, "term", term, "キ", 0.6) for n, term in enumerate(TERMS, start=1)]
    drafting.add_rules(actor=admin, rules=rules, why="最近の宣伝の言い回し")
    draft.refresh_from_db()
    trial = trials.start_backtest(actor=admin, ruleset=draft)
    began, processor, chunks = time.monotonic(), time.process_time(), 1
    while trials.run(trial_id=trial.pk):
        chunks += 1
    seconds, processor = time.monotonic() - began, time.process_time() - processor
    row = Trial.objects.get(pk=trial.pk)
    sys.stdout.write(
        f"{row.seen:,} comments in {seconds:.1f} s ({processor:.1f} s of processor, {chunks} chunks);"
        f" phases run for {row.rejudged:,}; caught {row.caught}, freed {row.freed},"
        f" changed {row.changed}; {row.cost_ms / max(row.rejudged, 1):.1f} ms a comment by the draft\n"
    )


if __name__ == "__main__":
    sys.exit(main())
