"""The Mastodon adapter against servers with the Mastodon API that others wrote.

snac delivers in the background, within seconds, so what is awaited is asked for again and again.
"""

import time
from collections.abc import Callable

import pytest

from jspm_social.platforms.contract import Achieved, PlatformClient, Standing, Target
from jspm_social.platforms.errors import AuthExpired, Missing, Unsupported
from jspm_social.platforms.names import Effect
from jspm_social.platforms.registry import client_for
from tests.platforms.adapters.conftest import Stored
from tests.real.mastodon import (
    Person,
    Server,
    Snac,
    Society,
    Written,
)

PATIENCE = 30.0


@pytest.fixture
def society(member: Society) -> Society:
    return member


@pytest.fixture
def patient(server: Server) -> Person:
    return server.guest("patient")


@pytest.fixture
def root(society: Society) -> Written:
    return society.person.post("緩和ケア講座のお知らせ")


def client(society: Society, token: str | None = None) -> PlatformClient:
    return client_for(society.access(token), save_secrets=lambda _: None)


def pull(society: Society, stored: Stored | None = None) -> Stored:
    return (stored or Stored()).pull(client(society))


def pull_until(
    society: Society, done: Callable[[Stored], bool], stored: Stored | None = None
) -> Stored:
    """Pull again and again, as the console does, until what is awaited has come."""
    stored = stored or Stored()
    end = time.monotonic() + PATIENCE
    while not done(pull(society, stored)):
        assert time.monotonic() < end, (stored.texts, stored.gone)
        time.sleep(0.3)
    return stored


def has(*written: Written) -> Callable[[Stored], bool]:
    return lambda stored: {w.uri for w in written} <= set(stored.comments)


# --- the account


def test_the_token_names_the_account(society: Society) -> None:
    report = client(society).test_connection()
    assert report.account_id == society.person.id
    assert report.account_name.startswith(society.person.name)


def test_another_token_asks_for_a_person(society: Society) -> None:
    with pytest.raises(AuthExpired):
        client(society, token="nonsense").test_connection()
    with pytest.raises(AuthExpired):
        Stored().pull(client(society, token="nonsense"))


# --- reading


def test_replies_of_all_levels_arrive_with_their_parents(
    society: Society, patient: Person, root: Written
) -> None:
    first, second, third = chain(society, patient, root)
    comments = pull_until(society, has(first, second, third)).comments
    assert set(comments) == {first.uri, second.uri, third.uri}
    told = [comments[w.uri] for w in (first, second, third)]
    assert [c.text for c in told] == ["返信", "その下", "もう一つ下"]
    assert [c.parent_id for c in told] == ["", first.uri, second.uri]
    assert len({c.author.key for c in told}) == 1
    assert {c.author.handle.partition("@")[0] for c in told} == {patient.name}
    assert {(c.post.remote_id, c.post.text) for c in told} == {(root.uri, "緩和ケア講座のお知らせ")}
    assert {c.permalink.startswith(patient.server.url) for c in told} == {True}


def chain(society: Society, patient: Person, root: Written) -> list[Written]:
    """Three replies, each under the one before; our server is told of all that patient writes."""
    society.person.server.follow(society.person, patient)
    time.sleep(5)  # until the other server knows that we follow
    chain = [patient.reply("返信", root)]
    for text in ("その下", "もう一つ下"):
        chain.append(patient.reply(text, chain[-1]))
    return chain


def test_an_edit_of_a_nested_reply_is_an_edit(
    society: Society, patient: Person, root: Written
) -> None:
    written = chain(society, patient, root)
    stored = pull_until(society, has(*written))
    patient.edit(written[1], "あとで")
    pull_until(society, lambda s: s.texts[written[1].uri] == ["その下", "あとで"], stored)
    pull(society, stored)
    assert (set(stored.comments), stored.gone) == ({w.uri for w in written}, set())


def test_several_lines_links_and_signs_arrive_as_they_were_written(
    society: Society, patient: Person, root: Written
) -> None:
    text = "一行目 a < b & c\n二行目 https://example.org/?a=1&b=2"
    written = patient.reply(text, root)
    comments = pull_until(society, has(written)).comments
    assert comments[written.uri].text == text


def test_a_picture_arrives_with_its_description(
    society: Society, patient: Person, root: Written, picture: bytes
) -> None:
    image = patient.upload(picture, "会場の写真")
    written = patient.reply("写真", root, **{"media_ids[]": image})
    (attached,) = pull_until(society, has(written)).comments[written.uri].attachments
    assert (attached.kind, attached.alt) == ("image", "会場の写真")
    assert attached.url.startswith("http")


def test_private_messages_are_left_out(society: Society, patient: Person, root: Written) -> None:
    host = society.person.server.url.removeprefix("http://")
    text = f"@{society.person.name}@{host} 内緒です"
    private = patient.reply(text, root, visibility="direct")
    after = patient.reply("公開の返信", root)
    stored = pull_until(society, has(after))
    time.sleep(4)  # the other one may be delivered later
    assert private.uri not in pull(society, stored).comments


def test_nothing_is_told_twice(society: Society, patient: Person, root: Written) -> None:
    first = patient.reply("一つ目", root)
    stored = pull_until(society, has(first))
    assert pull(society, Stored(cursor=stored.cursor)).comments == {}
    second = patient.reply("二つ目", root)
    again = pull_until(society, has(second), Stored(cursor=stored.cursor))
    assert set(again.comments) <= {first.uri, second.uri}


def test_an_edit_is_noticed(society: Society, patient: Person, root: Written) -> None:
    written = patient.reply("はじめ", root)
    stored = pull_until(society, has(written))
    patient.edit(written, "あとで")
    pull_until(society, lambda s: s.texts[written.uri] == ["はじめ", "あとで"], stored)
    assert set(stored.comments) == {written.uri}


def test_a_deletion_by_the_author_is_told_once(society: Society, root: Written) -> None:
    """By somebody on our own server: snac tells other servers nothing of it."""
    neighbour = society.person.server.join("neighbour")
    written = neighbour.reply("消す", root)
    stored = pull_until(society, has(written))
    neighbour.delete(written)
    pull_until(society, lambda s: s.gone == {written.uri}, stored)
    assert pull(society, Stored(cursor=stored.cursor)).gone == set()


def test_what_a_blocked_person_wrote_is_not_gone(
    society: Society, patient: Person, root: Written
) -> None:
    written = patient.reply("嫌がらせ", root)
    stored = pull_until(society, has(written))
    client(society).apply(Effect.BLOCK, aim(stored, written))
    assert pull(society, stored).gone == set()
    assert pull(society, stored).gone == set()


# --- effects


def aim(stored: Stored, written: Written) -> Target:
    comment = stored.comments[written.uri]
    return Target(comment.remote_id, comment.post.remote_id, comment.author.key)


@pytest.fixture
def target(society: Society, patient: Person, root: Written) -> Target:
    written = patient.reply("嫌がらせ", root)
    return aim(pull_until(society, has(written)), written)


def test_block_and_unblock(society: Society, target: Target) -> None:
    assert client(society).read_standing(Effect.BLOCK, target) == Standing.NOT_BLOCKED
    for _ in range(2):  # safe to repeat
        assert client(society).apply(Effect.BLOCK, target).achieved == Achieved.APPLIED
    assert client(society).read_standing(Effect.BLOCK, target) == Standing.BLOCKED
    for _ in range(2):
        client(society).apply(Effect.UNBLOCK, target)
    assert client(society).read_standing(Effect.UNBLOCK, target) == Standing.NOT_BLOCKED


def test_mute(society: Society, target: Target) -> None:
    if isinstance(society.person.server, Snac):  # which has no such call
        with pytest.raises(Unsupported):
            client(society).apply(Effect.MUTE, target)
        return
    for _ in range(2):
        assert client(society).apply(Effect.MUTE, target).achieved == Achieved.APPLIED
    assert client(society).read_standing(Effect.MUTE, target) == Standing.UNREADABLE


def test_blocking_nobody_is_missing(society: Society, root: Written) -> None:
    with pytest.raises(Missing):
        client(society).apply(Effect.BLOCK, Target("x", root.uri, "999999999999999999"))


@pytest.mark.parametrize("effect", [Effect.HIDE, Effect.DELETE])
def test_what_others_wrote_cannot_be_taken_away(
    society: Society, root: Written, effect: Effect
) -> None:
    with pytest.raises(Unsupported):
        client(society).apply(effect, Target("x", root.uri, society.person.id))
