"""言い換え辞書: what the committee decides about words counts at once, and is never lost."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from jspm_social.audit.models import AuditEvent
from jspm_social.platforms.models import Channel
from posts import dictionary
from posts.checks.entries import Entry, key_of, shipped
from posts.errors import Overtaken, Refused
from posts.models import DictionaryChange, DictionaryEntry
from posts.queries import payloads_of
from posts.services import checking, dictionary as service
from posts.states import EntryState
from tests.people import People
from tests.posts.making import draft

NEW = Entry("J13", "旧語", words=("旧語",), instead="新語", reason="「{found}」は古い言葉です。")
OLD = next(entry for entry in shipped().values() if entry.name == "精神病院")
OLD_KEY = key_of(OLD)


def add(people: People, entry: Entry = NEW, **more: Any) -> DictionaryEntry:
    asked: dict[str, Any] = {"key": "", "seen": 0, "why": "委員会で決定"} | more
    return service.save(actor=people.chair, entry=entry, **asked)


def said(people: People, channel: Channel, body: str) -> list[tuple[str, str, str]]:
    """What the console would say about such a post: check, severity, reason."""
    post = draft(people.member, channel, body=body)
    seen = checking.check(post, payloads_of(post), timezone.now())
    return [(s.finding.check, s.finding.severity.value, s.finding.reason) for s in seen]


def test_a_new_word_is_found_in_the_next_check(people: People, channel: Channel) -> None:
    body = "旧語のお知らせです。"
    assert said(people, channel, body) == []
    add(people)
    assert said(people, channel, body) == [("J13", "warn", "「旧語」は古い言葉です。")]
    row = DictionaryEntry.objects.get()
    add(people, replace(NEW, severity="block"), key=row.key, seen=1)
    assert said(people, channel, body) == [("J13", "block", "「旧語」は古い言葉です。")]
    add(people, replace(NEW, exceptions=("旧語辞典",)), key=row.key, seen=2)
    assert said(people, channel, "旧語辞典のお知らせです。") == []
    service.retire(actor=people.chair, key=row.key, seen=3, why="使わない")
    assert said(people, channel, body) == []
    service.restore(actor=people.chair, key=row.key, seen=4, why="やはり使う")
    assert len(said(people, channel, body)) == 1


def test_a_shipped_word_is_changed_and_taken_away(people: People, channel: Channel) -> None:
    body = "精神病院の歴史についての講演です。"
    assert [check for check, _, _ in said(people, channel, body)] == ["J13"]
    changed = replace(OLD, reason="委員会の理由です。")
    add(people, changed, key=OLD_KEY)
    assert said(people, channel, body) == [("J13", "warn", "委員会の理由です。")]
    service.retire(actor=people.chair, key=OLD_KEY, seen=1, why="史料の名に使うため")
    assert said(people, channel, body) == []
    listed = {one.key: one for one in dictionary.listed()}
    assert len(listed) == len(shipped())
    assert (listed[OLD_KEY].origin, listed[OLD_KEY].state) == ("標準を変更", EntryState.RETIRED)


def test_a_shipped_word_is_retired_untouched(people: People) -> None:
    row = service.retire(actor=people.chair, key=OLD_KEY, seen=0, why="不要")
    assert (row.entry, row.state, row.version) == (OLD, EntryState.RETIRED, 1)
    service.restore(actor=people.chair, key=OLD_KEY, seen=1, why="必要")
    assert dictionary.find(OLD_KEY) is not None
    assert dictionary.stored_entries() == {OLD_KEY: OLD}


def test_the_committees_word_is_the_one_that_is_said(people: People, channel: Channel) -> None:
    add(people, Entry("J13", "私宅", words=("精神病院の歴史",), reason="長い言葉が先です。"))
    (found,) = said(people, channel, "精神病院の歴史についての講演です。")
    assert found[2] == "長い言葉が先です。"


def test_every_change_keeps_who_when_why_and_what(people: People) -> None:
    row = add(people)
    second = replace(NEW, instead="新しい語")
    service.save(actor=people.admin, key=row.key, seen=1, entry=second, why="表記をそろえる")
    service.retire(actor=people.chair, key=row.key, seen=2, why="廃止")
    kept = [
        (c.version, c.by, c.why, c.state, Entry.from_json(c.content))
        for c in DictionaryChange.objects.order_by("version")
    ]
    assert kept == [
        (1, people.chair, "委員会で決定", "in_use", NEW),
        (2, people.admin, "表記をそろえる", "in_use", second),
        (3, people.chair, "廃止", "retired", second),
    ]
    told = AuditEvent.objects.order_by("id").values_list("verb", "actor_id", "details__version")
    assert list(told) == [
        ("dictionary.changed", people.chair.pk, 1),
        ("dictionary.changed", people.admin.pk, 2),
        ("dictionary.retired", people.chair.pk, 3),
    ]


@pytest.mark.parametrize(
    "write",
    [
        "UPDATE posts_dictionarychange SET why = '別の理由'",
        "DELETE FROM posts_dictionarychange",
        "DELETE FROM posts_dictionaryentry",
    ],
)
def test_the_database_keeps_the_history(people: People, write: str) -> None:
    add(people)
    with (
        pytest.raises(DatabaseError, match="it is a record"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(write)


def test_two_people_never_overwrite_each_other(people: People) -> None:
    row = add(people)
    add(people, replace(NEW, instead="甲"), key=row.key, seen=1)
    with pytest.raises(Overtaken):
        add(people, replace(NEW, instead="乙"), key=row.key, seen=1)
    with pytest.raises(Overtaken):
        service.retire(actor=people.chair, key=row.key, seen=1, why="廃止")
    add(people, replace(OLD, instead="甲"), key=OLD_KEY)
    with pytest.raises(Overtaken):
        add(people, replace(OLD, instead="乙"), key=OLD_KEY)
    with pytest.raises(Overtaken):
        add(people, replace(NEW, name="別", words=("別の語",)), key="nothing")
    row.refresh_from_db()
    assert (row.entry.instead, row.version) == ("甲", 2)


BAD = [
    (replace(NEW, check="J01"), "点検を選んで"),
    (replace(NEW, words=(), name="名"), "探す言葉を1つは"),
    (replace(NEW, words=("",)), "探す言葉を1つは"),
    (replace(NEW, reason=" "), "理由が書かれていません"),
    (replace(NEW, severity="loud"), "重さは"),
    (replace(NEW, words=("あ",)), "「あ」は短すぎて"),
    (replace(NEW, words=("あ" * 61,)), "長すぎます"),
    (replace(NEW, name="名" * 61), "名前は60文字まで"),
    (replace(NEW, reason="理" * 401), "400文字まで"),
    (replace(NEW, patterns=("(",)), "正しくありません"),
    (replace(NEW, patterns=("a*",)), "どんな文にも当てはまります"),
    (replace(NEW, unless=("[",)), "正しくありません"),
    (replace(NEW, words=tuple(f"言葉{n}" for n in range(301))), "300個まで"),
    (replace(NEW, words=("精神病院",)), "「精神病院」は、J13の「精神病院」にすでにあります"),
    (replace(NEW, words=("ﾏﾏの会", "父兄")), "「父兄」は、J13の"),
    (replace(NEW, name="精神病院"), "J13には「精神病院」という項目がすでにあります"),
]


@pytest.mark.parametrize(("entry", "message"), BAD)
def test_what_cannot_work_is_refused_in_words(people: People, entry: Entry, message: str) -> None:
    with pytest.raises(Refused, match=message):
        add(people, entry)
    assert not DictionaryEntry.objects.exists()
    assert not AuditEvent.objects.exists()


def test_refusals_that_hang_on_the_state(people: People) -> None:
    row = add(people)
    with pytest.raises(Refused, match="変更の理由"):
        add(people, replace(NEW, instead="甲"), key=row.key, seen=1, why=" ")
    with pytest.raises(Refused, match="変更がありません"):
        add(people, NEW, key=row.key, seen=1)
    with pytest.raises(Refused, match="すでに「使用中」"):
        service.restore(actor=people.chair, key=row.key, seen=1, why="戻す")
    service.retire(actor=people.chair, key=row.key, seen=1, why="廃止")
    with pytest.raises(Refused, match="もとに戻してから"):
        add(people, replace(NEW, instead="甲"), key=row.key, seen=2)
    add(people)  # its words are free again
    with pytest.raises(Refused, match="すでにあります"):
        service.restore(actor=people.chair, key=row.key, seen=2, why="戻す")


def test_the_same_word_may_stand_in_another_check(people: People) -> None:
    add(people, replace(NEW, check="J14", words=("精神病院",)))
    assert DictionaryEntry.objects.get().check_id == "J14"


def test_a_word_moves_from_one_entry_to_another_in_one_file(people: People) -> None:
    one = add(people, replace(NEW, words=("旧語", "旧称語")))
    given = [
        (one.key, 1, NEW),
        ("", 0, Entry("J13", "旧称語", words=("旧称語",), reason="理由です。")),
    ]
    taken = service.take_in(actor=people.chair, entries=given, why="整理")
    assert taken == service.Taken(added=1, changed=1, same=0)
    told = AuditEvent.objects.order_by("-id")[0]
    assert (told.verb, told.details) == (
        "dictionary.imported",
        {"added": 1, "changed": 1, "same": 0},
    )


def test_a_file_is_taken_in_as_a_whole_or_not_at_all(people: People) -> None:
    given = [("", 0, NEW), ("", 0, replace(NEW, name="別", words=("父兄",)))]
    with pytest.raises(Refused, match="「父兄」"):
        service.take_in(actor=people.chair, entries=given, why="取り込み")
    assert not DictionaryEntry.objects.exists()
    with pytest.raises(Refused, match="変更がありません"):
        service.take_in(actor=people.chair, entries=[(OLD_KEY, 0, OLD)], why="取り込み")


def test_the_version_follows_every_change(people: People) -> None:
    seen = {dictionary.version()}
    row = add(people)
    seen.add(dictionary.version())
    service.retire(actor=people.chair, key=row.key, seen=1, why="廃止")
    seen.add(dictionary.version())
    service.restore(actor=people.chair, key=row.key, seen=2, why="戻す")
    assert len(seen | {dictionary.version()}) == 4


def test_a_process_that_read_the_dictionary_before_sees_the_change(people: People) -> None:
    before = dictionary.lexicon()
    assert dictionary.lexicon() is before
    add(people)
    after = dictionary.lexicon()
    assert "旧語" in {term.name for term in after.terms["J13"]}
    assert dictionary.lexicon() is after


def test_shipped_names_differ_so_that_keys_do() -> None:
    keys = {key_of(entry) for entry in shipped().values()}
    assert len(keys) == len(shipped())


def test_a_file_changes_shipped_words(people: People) -> None:
    given = [(key, 0, replace(entry, instead="別の言い方")) for key, entry in shipped().items()]
    taken = service.take_in(actor=people.chair, entries=given, why="見直し")
    assert taken == service.Taken(added=0, changed=len(shipped()), same=0)
