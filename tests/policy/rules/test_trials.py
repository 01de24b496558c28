"""Backtests over stored comments, the watch over live ones, hits and alarms."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.platforms.capabilities import Outcome
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from moderation.models import Case, Comment, Judgement
from policy.criteria import Criterion
from policy.errors import Overtaken, Refused
from policy.models import RuleAlarm, RuleDay, RuleSet, Trial
from policy.past import Tally, past
from policy.rules import activation, drafting, hits, jobs, trials
from tests.moderation.making import decide_case, make_channel, store_and_judge, told
from tests.people import make_person

from .conftest import term

TEXTS = ("紫煙の話です", "青錆の話です", "何でもない話です", "紫煙と青錆の話です", "赤錆の話です")


@pytest.fixture
def channel(active: RuleSet) -> Channel:
    channel = make_channel()
    store_and_judge(channel, *(told(n, text) for n, text in enumerate(TEXTS, start=1)))
    return channel


@pytest.fixture
def edited(channel: Channel, draft: RuleSet, admin: User) -> RuleSet:
    """紫煙 is found for キ, 青錆 is not found any more."""
    drafting.add_rules(actor=admin, rules=[term("紫煙")], why="宣伝")
    drafting.remove_rules(actor=admin, rules=[draft.rules.get(value="青錆")], why="不要")
    draft.refresh_from_db()
    return draft


def long_ago() -> None:
    """Let all verdicts be settled."""
    Judgement.objects.update(judged_at=timezone.now() - timedelta(minutes=5))


def samples(trial: Trial) -> dict[str, list[tuple[str, str, str]]]:
    texts = dict(Comment.objects.values_list("pk", "text"))
    found: dict[str, list[tuple[str, str, str]]] = {}
    for row in trial.samples.all():
        found.setdefault(row.kind, []).append((texts[row.comment_id], row.before, row.after))
    return found


def test_backtest_tells_what_differs(
    edited: RuleSet, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "_ALWAYS", 0)
    moderator = make_person("moderator")
    moderator.roles = ["moderator"]
    moderator.save()
    decide_case(Case.objects.get(comment__text=TEXTS[1]), moderator)  # hidden for エ
    decide_case(Case.objects.get(comment__text=TEXTS[3]), moderator, Outcome.KEEP, ())
    trial = trials.start_backtest(actor=admin, ruleset=edited)
    assert (trial.total, trial.state) == (5, "running")
    assert trials.run(trial_id=trial.pk) is False
    trial.refresh_from_db()
    assert (trial.state, trial.seen, trial.percent) == ("done", 5, 100)
    assert (trial.caught, trial.freed, trial.changed, trial.hidden) == (1, 1, 1, 0)
    assert trial.rejudged == 4  # the fifth says nothing that a changed rule could read
    assert samples(trial) == {
        "caught": [(TEXTS[0], "通過", "要判断（キ）")],
        "freed": [(TEXTS[1], "要判断（エ）", "通過")],
        "changed": [(TEXTS[3], "要判断（エ）", "要判断（キ）")],
    }
    assert trial.figures == {
        "before:エ": [2, 1],
        "after:キ": [1, 0],
        "freed": [1, 1],
        "changed": [1, 0],
    }


def test_backtest_changes_nothing(edited: RuleSet, admin: User) -> None:
    before = list(Judgement.objects.values()), list(Case.objects.values())
    trial = trials.start_backtest(actor=admin, ruleset=edited)
    trials.run(trial_id=trial.pk)
    assert (list(Judgement.objects.values()), list(Case.objects.values())) == before


def test_backtest_goes_on_where_it_stopped(
    edited: RuleSet, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "BATCH", 2)
    trial = trials.start_backtest(actor=admin, ruleset=edited)
    seen = []
    while trials.run(trial_id=trial.pk, seconds=0):
        trial.refresh_from_db()
        seen.append(trial.seen)
    trial.refresh_from_db()
    assert (seen, trial.state, trial.caught, trial.freed) == ([2, 4, 5], "done", 1, 1)


def test_two_workers_never_count_a_batch_twice(edited: RuleSet, admin: User) -> None:
    trial = trials.start_backtest(actor=admin, ruleset=edited)
    mine = Trial.objects.select_related("ruleset", "against").get(pk=trial.pk)
    comments = past().older_than(None, 5)
    judged = trials.Judge(mine.against, mine.ruleset).judge(comments)
    theirs = Trial.objects.select_related("ruleset", "against").get(pk=trial.pk)
    assert trials._keep(mine, comments, judged) is True
    assert trials._keep(theirs, comments, judged) is False
    trial.refresh_from_db()
    assert trial.seen == 5


def test_backtest_can_be_stopped(
    edited: RuleSet, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "BATCH", 2)
    trial = trials.start_backtest(actor=admin, ruleset=edited)
    trials.run(trial_id=trial.pk, seconds=0)
    trials.cancel(actor=admin, trial=trial)
    assert trials.run(trial_id=trial.pk) is False
    trial.refresh_from_db()
    assert (trial.state, trial.seen) == ("cancelled", 2)
    with pytest.raises(Overtaken):
        trials.cancel(actor=admin, trial=trial)


def test_backtest_of_a_draft_that_was_edited_ends(edited: RuleSet, admin: User) -> None:
    trial = trials.start_backtest(actor=admin, ruleset=edited)
    drafting.add_rules(actor=admin, rules=[term("別の語")], why="宣伝")
    assert trials.run(trial_id=trial.pk) is False
    trial.refresh_from_db()
    assert (trial.state, trial.seen) == ("stale", 0)


def test_only_one_backtest_of_a_set_runs(edited: RuleSet, admin: User) -> None:
    trials.start_backtest(actor=admin, ruleset=edited)
    with pytest.raises(Refused, match="すでに試しています"):
        trials.start_backtest(actor=admin, ruleset=edited)


def test_nothing_judged_yet_is_said(draft: RuleSet, admin: User) -> None:
    with pytest.raises(Refused, match="まだない"):
        trials.start_backtest(actor=admin, ruleset=draft)


def test_chats_never_appear(edited: RuleSet) -> None:
    line = make_channel(Platform.LINE)
    store_and_judge(line, told(90, "紫煙の話です"))
    assert past().count() == 5
    assert len(past().older_than(None, 100)) == 5


def test_verdicts_of_an_older_set_are_compared_as_the_active_one_would_judge(
    edited: RuleSet, admin: User, second: User
) -> None:
    """What was judged by set 1 counts under set 2 as set 2 would judge it."""
    activation.start_shadow(actor=admin, ruleset=edited)
    activation.ask(actor=admin, ruleset=edited)
    activation.answer(actor=second, ruleset=edited, agree=True)
    third = drafting.open_draft(actor=admin)
    drafting.add_rules(actor=admin, rules=[term("何でもない")], why="試し")
    third.refresh_from_db()
    trial = trials.start_backtest(actor=admin, ruleset=third)
    trials.run(trial_id=trial.pk)
    trial.refresh_from_db()
    assert samples(trial) == {"caught": [(TEXTS[2], "通過", "要判断（キ）")]}


def test_what_would_be_hidden_is_a_list_of_its_own(
    channel: Channel, draft: RuleSet, admin: User
) -> None:
    draft.settings.filter(criterion="ア").update(automation="hide")
    trial = trials.start_backtest(actor=admin, ruleset=draft)
    trials.run(trial_id=trial.pk)
    trial.refresh_from_db()
    assert (trial.caught, trial.freed, trial.changed, trial.hidden) == (0, 0, 0, 1)
    assert samples(trial) == {"hidden": [(TEXTS[4], "要判断（ア）", "自動非表示（ア）")]}


def test_shadow_watches_what_comes_in_and_never_acts(
    channel: Channel, edited: RuleSet, admin: User
) -> None:
    long_ago()
    activation.start_shadow(actor=admin, ruleset=edited)
    store_and_judge(channel, told(11, "紫煙がまた来ました"), told(12, "ただの話です"))
    trial = Trial.objects.get(kind="live")
    jobs.watch()
    trial.refresh_from_db()
    assert trial.seen == 0  # not settled yet
    long_ago()
    jobs.watch()
    jobs.watch()
    trial.refresh_from_db()
    assert (trial.state, trial.seen, trial.caught) == ("running", 2, 1)
    newest = Comment.objects.get(remote_id="c11")
    assert newest.route == "pass"
    assert not Case.objects.filter(comment=newest).exists()
    assert Judgement.objects.exclude(ruleset__number=1).count() == 0


def test_lost_backtest_is_found(
    edited: RuleSet, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[tuple[object, ...]] = []
    monkeypatch.setattr(jobs, "wake", lambda *args, queue: woken.append((*args, queue)))
    trial = trials.start_backtest(actor=admin, ruleset=edited)
    jobs.watch()
    assert woken == []
    Trial.objects.update(touched_at=timezone.now() - timedelta(seconds=91))
    jobs.watch()
    assert woken == [("policy.rules.jobs.backtest", trial.pk, 0, "bulk")]


def test_figures_of_people_by_criterion_and_rule(channel: Channel) -> None:
    moderator = make_person("moderator")
    moderator.roles = ["moderator"]
    moderator.save()
    decide_case(Case.objects.get(comment__text=TEXTS[1]), moderator)
    decide_case(Case.objects.get(comment__text=TEXTS[3]), moderator, Outcome.KEEP, ())
    decide_case(Case.objects.get(comment__text=TEXTS[4]), moderator, criteria=[Criterion.UNLAWFUL])
    assert past().tally() == {"エ": Tally(2, 1), "ア": Tally(1, 1)}
    by_rule = past().rule_tally()
    assert (by_rule["term:青錆"], by_rule["term:赤錆"]) == (Tally(2, 1), Tally(1, 1))


def test_hits_are_counted_once_by_day(channel: Channel) -> None:
    assert hits.count_hits() == 0  # not settled yet
    long_ago()
    assert hits.count_hits() > 0
    assert hits.count_hits() == 0
    today = timezone.localdate(timezone.now() - timedelta(minutes=5))
    counted = dict(RuleDay.objects.filter(day=today).values_list("rule", "hits"))
    assert (counted["term:青錆"], counted["term:赤錆"]) == (2, 1)
    assert hits.recent_hits()["term:青錆"] == 2


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        ("term:売り込み", "売り込み"),
        ("phase:relation", "投稿との関わり"),
        ("phase:personal:電話", "個人情報（電話）"),
        ("phase:alteration:claim", "投稿の改変"),
    ],
)
def test_rules_have_names_for_people(rule: str, name: str) -> None:
    assert hits.rule_name(rule) == name


@pytest.mark.parametrize(
    ("today", "earlier", "jump"),
    [
        (19, [0] * 28, False),
        (20, [0] * 28, True),
        (20, [4] * 28, False),  # exactly five times
        (21, [4] * 28, True),
        (500, [200] * 28, False),
        (30, [], True),
        (30, [0, 0, 90], True),  # the median day, not the worst one
    ],
)
def test_jump(today: int, earlier: list[int], jump: bool) -> None:
    assert hits.is_jump(today, earlier) is jump


def test_jump_raises_one_alarm_and_one_mail(active: RuleSet, admin: User) -> None:
    admin.email = "first@example.jp"
    admin.save()
    day = date(2026, 4, 20)
    usual = [RuleDay(rule="term:青錆", day=day - timedelta(days=n), hits=2) for n in range(1, 20)]
    RuleDay.objects.bulk_create(
        [
            *usual,
            RuleDay(rule="term:青錆", day=day, hits=40),
            RuleDay(rule="term:新しい", day=day, hits=90),  # without days before
            RuleDay(rule="term:赤錆", day=day - timedelta(days=1), hits=30),
            RuleDay(rule="term:赤錆", day=day, hits=31),
        ]
    )
    hits.notice_jumps(day)
    hits.notice_jumps(day)
    alarm = RuleAlarm.objects.get()
    assert (alarm.rule, alarm.hits, alarm.usual) == ("term:青錆", 40, 2)
    assert hits.tell() == 1
    assert hits.tell() == 0
    (sent,) = mail.outbox
    assert sent.to == ["first@example.jp"]
    assert "規則「青錆」に、4月20日は40件が当てはまりました。" in sent.body
    hits.mark_seen(actor=admin, alarm=alarm)
    assert not hits.open_alarms().exists()
