"""The committee's word lists: add, change, retire, restore, take in from a file.

Every change keeps who, when and why, and what the entry said before. Nothing is ever deleted.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import re2
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import get_random_string

from jspm_social.accounts.models import User
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.transitions import IllegalMove, StaleState, move
from posts import dictionary
from posts.checks import Severity
from posts.checks.entries import Entry, shipped, tidied, word_lists
from posts.checks.language.width import narrow
from posts.checks.lexicon import BadLexicon
from posts.errors import Overtaken, Refused
from posts.models import DictionaryChange, DictionaryEntry
from posts.states import ENTRY_MOVES, EntryState

MOST_ENTRIES = 3000
MOST_WORDS = 300  # of one entry
LONGEST_WORD, LONGEST_NAME, LONGEST_TEXT, LONGEST_WHY = 60, 60, 400, 200
MEANWHILE = "ほかの人が先に変更しました。いまの内容を確かめてから、もう一度お願いします。"
RETIRED = "この言葉は使わないことになっています。もとに戻してから変更してください。"


@dataclass(frozen=True, slots=True)
class Taken:
    """What a file brought: numbers of entries."""

    added: int
    changed: int
    same: int


@one_write()
def save(*, actor: User, key: str, seen: int, entry: Entry, why: str) -> DictionaryEntry:
    """Add an entry (`key` "") or change one. `seen` is the version that the page showed.

    A changed shipped entry is stored as the committee's own and stands in its place from then on.

    Raises:
        Refused: no reason, an entry that cannot work, or one that is there already.
        Overtaken: somebody else changed it since it was read.
    """
    why = _reason(why)
    entry = usable(entry)
    stored = dictionary.stored_entries()
    _Claims(stored).refuse_taken(key, entry)
    row = _store(actor, key, seen, entry, why)
    _whole(stored | {row.key: entry})
    record(
        actor=actor,
        verb=Verb.DICTIONARY_CHANGED,
        target=row,
        details={"check": entry.check, "key": row.key, "version": row.version},
        personal={"why": why},
    )
    return row


@one_write()
def retire(*, actor: User, key: str, seen: int, why: str) -> DictionaryEntry:
    """Stop using an entry, a shipped one too. Its history stays, and it can be restored.

    Raises:
        Refused: no reason, or it is retired already.
        Overtaken: somebody else changed it since it was read.
    """
    why = _reason(why)
    row = _locked(key)
    if row is None:
        entry = shipped().get(key)
        if entry is None or seen:
            raise Overtaken(MEANWHILE)
        row = _create(actor, key, entry, why, EntryState.RETIRED)
        _keep(row, why, actor)
    else:
        _move(row, EntryState.RETIRED, actor, seen, why)
    _tell(actor, Verb.DICTIONARY_RETIRED, row, why)
    return row


@one_write()
def restore(*, actor: User, key: str, seen: int, why: str) -> DictionaryEntry:
    """Use a retired entry again, as it was.

    Raises:
        Refused: no reason, it is in use, or another entry has its name or words by now.
        Overtaken: somebody else changed it since it was read.
    """
    why = _reason(why)
    row = _locked(key)
    if row is None:
        raise Overtaken(MEANWHILE)
    stored = dictionary.stored_entries()
    _Claims(stored).refuse_taken(key, row.entry)
    _move(row, EntryState.IN_USE, actor, seen, why)
    _whole(stored | {key: row.entry})
    _tell(actor, Verb.DICTIONARY_RESTORED, row, why)
    return row


@one_write()
def take_in(*, actor: User, entries: Iterable[tuple[str, int, Entry]], why: str) -> Taken:
    """Store the entries of a file, all or none: (key or "", version seen, entry) each.

    Raises:
        Refused: no reason, too many, or one of them cannot work; the message names it.
        Overtaken: somebody else changed one of them since the file was compared.
    """
    why = _reason(why)
    stored = dictionary.stored_entries()
    before = {one.key: one.entry for one in dictionary.listed()}
    claims = _Claims(stored)
    added = changed = same = 0
    last: DictionaryEntry | None = None
    for key, seen, given in entries:
        entry = usable(given)
        if key and before.get(key) == entry:
            same += 1
            continue
        claims.refuse_taken(key, entry)
        last = _store(actor, key, seen, entry, why)
        claims.add(last.key, entry)
        stored[last.key] = entry
        added, changed = added + (not key), changed + bool(key)
    if last is None:
        raise Refused("取り込む変更がありません。")
    _whole(stored)
    record(
        actor=actor,
        verb=Verb.DICTIONARY_IMPORTED,
        target=last,
        details={"added": added, "changed": changed, "same": same},
        personal={"why": why},
    )
    return Taken(added, changed, same)


@one_write()
def record_export(*, actor: User, count: int) -> None:
    """Tell that somebody took the dictionary out of the console."""
    record(
        actor=actor,
        verb=Verb.DICTIONARY_EXPORTED,
        target=DictionaryEntry(),
        details={"entries": count},
    )


def usable(entry: Entry) -> Entry:
    """The entry, tidied; refuses what cannot work, in words for the person.

    Raises:
        Refused: with what to mend.
    """
    entry = tidied(entry)
    if entry.check not in word_lists():
        raise Refused("点検を選んでください（言葉の一覧をもつ点検だけが使えます）。")
    if entry.severity and entry.severity not in set(Severity):
        raise Refused("重さは block・warn・info のどれかです。")
    _fits(entry)
    try:
        dictionary.compiled_alone(entry)
    except (BadLexicon, re2.error) as error:
        raise Refused(str(error)) from error
    return entry


def _fits(entry: Entry) -> None:
    if len(entry.name) > LONGEST_NAME:
        raise Refused(f"名前は{LONGEST_NAME}文字までです。")
    if max(len(entry.reason), len(entry.instead)) > LONGEST_TEXT:
        raise Refused(f"理由と言い換えは、それぞれ{LONGEST_TEXT}文字までです。")
    if not (entry.words or entry.patterns):
        raise Refused("探す言葉を1つは入れてください。")
    for word in (*entry.words, *entry.exceptions):
        if len(word) > LONGEST_WORD:
            raise Refused(f"「{word[:20]}…」は長すぎます。一つの言葉は{LONGEST_WORD}文字までです。")
    for word in entry.words:
        if len(word) < 2 and not "一" <= word <= "龥":
            raise Refused(f"「{word}」は短すぎて、ほとんどの文に当てはまります。")
    if len(entry.spoken) > MOST_WORDS:
        raise Refused(f"一つの項目に入れられる言葉は{MOST_WORDS}個までです。")


class _Claims:
    """Which entry in use has which name and which plain words, per check."""

    def __init__(self, stored: Mapping[str, Entry | None]) -> None:
        self._owners: dict[tuple[str, str, str], tuple[str, str]] = {}
        self._entries: dict[str, Entry] = {}
        for key, entry in {**shipped(), **stored}.items():
            if entry is not None:
                self.add(key, entry)

    def add(self, key: str, entry: Entry) -> None:
        """`entry` is now what stands under `key`."""
        if key in self._entries:
            for claim, _ in _claims(self._entries[key]):
                if self._owners.get(claim, ("", ""))[0] == key:
                    del self._owners[claim]
        self._entries[key] = entry
        for claim, _ in _claims(entry):
            self._owners.setdefault(claim, (key, entry.name))

    def refuse_taken(self, key: str, entry: Entry) -> None:
        """Refuse a name or a word that another entry of the same check has."""
        for claim, written in _claims(entry):
            owner, name = self._owners.get(claim, (key, ""))
            if owner == key:
                continue
            if claim[1] == "name":
                raise Refused(f"{entry.check}には「{written}」という項目がすでにあります。")
            raise Refused(f"「{written}」は、{entry.check}の「{name}」にすでにあります。")


def _claims(entry: Entry) -> Iterator[tuple[tuple[str, str, str], str]]:
    yield (entry.check, "name", entry.name), entry.name
    for word in entry.words:
        yield (entry.check, "word", narrow(word).casefold()), word


def _whole(stored: Mapping[str, Entry | None]) -> None:
    """The dictionary must still work as one."""
    if len(stored) > MOST_ENTRIES:
        raise Refused(f"項目は{MOST_ENTRIES}件までです。")
    try:
        dictionary.compiled(stored)
    except (BadLexicon, re2.error) as error:
        raise Refused(f"辞書が大きすぎるか、正しくありません。{error}") from error


def _store(actor: User, key: str, seen: int, entry: Entry, why: str) -> DictionaryEntry:
    row = _locked(key) if key else None
    if row is None:
        if seen or (key and key not in shipped()):
            raise Overtaken(MEANWHILE)
        row = _create(actor, key or get_random_string(12).lower(), entry, why, EntryState.IN_USE)
    else:
        _change(row, actor, seen, entry, why)
    _keep(row, why, actor)
    return row


def _create(actor: User, key: str, entry: Entry, why: str, state: EntryState) -> DictionaryEntry:
    made = DictionaryEntry(key=key, state=state, **_fields(actor, entry, why))
    _write(made)
    return made


def _change(row: DictionaryEntry, actor: User, seen: int, entry: Entry, why: str) -> None:
    if row.version != seen:
        raise Overtaken(MEANWHILE)
    if row.state == EntryState.RETIRED:
        raise Refused(RETIRED)
    if row.entry == entry:
        raise Refused("変更がありません。")
    for name, value in _fields(actor, entry, why).items():
        setattr(row, name, value)
    row.version = seen + 1
    _write(row)


def _write(row: DictionaryEntry) -> None:
    """Two people may give two entries the same name at the same moment: the second is told."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Overtaken(MEANWHILE) from error


def _move(row: DictionaryEntry, to: EntryState, actor: User, seen: int, why: str) -> None:
    changes: dict[str, Any] = {"edited_by": actor, "edited_at": timezone.now(), "why": why}
    where = {"version": seen}
    try:
        with transaction.atomic():
            move(row, table=ENTRY_MOVES, to=to, where=where, version=seen + 1, **changes)
    except IllegalMove as error:
        raise Refused(f"すでに「{row.get_state_display()}」になっています。") from error
    except (StaleState, IntegrityError) as error:
        raise Overtaken(MEANWHILE) from error
    _keep(row, why, actor)


def _fields(actor: User, entry: Entry, why: str) -> dict[str, Any]:
    return {
        "check_id": entry.check,
        "name": entry.name,
        "content": entry.to_json(),
        "edited_by": actor,
        "edited_at": timezone.now(),
        "why": why,
    }


def _keep(row: DictionaryEntry, why: str, actor: User) -> None:
    DictionaryChange.objects.create(
        entry=row,
        version=row.version,
        content=row.content,
        state=row.state,
        why=why,
        by=actor,
        at=row.edited_at,
    )


def _tell(actor: User, verb: Verb, row: DictionaryEntry, why: str) -> None:
    told = {"check": row.check_id, "key": row.key, "version": row.version}
    record(actor=actor, verb=verb, target=row, details=told, personal={"why": why})


def _locked(key: str) -> DictionaryEntry | None:
    return DictionaryEntry.objects.select_for_update(of=("self",)).filter(key=key).first()


def _reason(why: str) -> str:
    why = why.strip()
    if not why:
        raise Refused("変更の理由を書いてください。")
    if len(why) > LONGEST_WHY:
        raise Refused(f"変更の理由は{LONGEST_WHY}文字までです。")
    return why
