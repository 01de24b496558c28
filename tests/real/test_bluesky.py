"""The Bluesky adapter against a real AT Protocol network."""

from typing import Any

import pytest

from jspm_social.platforms.adapters.bluesky import reader, records, thread
from jspm_social.platforms.adapters.bluesky.session import Session
from jspm_social.platforms.contract import Achieved, PlatformClient, Standing
from jspm_social.platforms.errors import AuthExpired, Missing, Unsupported
from jspm_social.platforms.names import Effect
from jspm_social.platforms.registry import client_for
from tests.platforms.adapters.conftest import Stored
from tests.real.atproto import Network, Person, Society, Written


def client(society: Society, **changed: str) -> PlatformClient:
    return client_for(society.access(**changed), save_secrets=society.saved.update)


@pytest.fixture
def patient(network: Network) -> Person:
    return network.join("patient")


@pytest.fixture
def root(society: Society) -> Written:
    written = society.person.post("緩和ケア講座のお知らせ")
    society.person.network.settle()
    return written


def pull(society: Society, stored: Stored | None = None) -> Stored:
    """Read as the console does, once everything that was written is seen."""
    society.person.network.settle()
    return (stored or Stored()).pull(client(society))


def shown(network: Network, root: Written) -> list[str]:
    """What stands openly under the post for somebody who has an account and is not us."""
    network.settle()
    found = network.onlooker.get(
        "app.bsky.unspecced.getPostThreadV2", anchor=root.uri, below="10", branchingFactor="100"
    )
    return [item["uri"] for item in found["thread"] if item["depth"] > 0]


# --- sessions


def test_the_app_password_signs_in_and_names_the_account(society: Society) -> None:
    report = client(society).test_connection()
    assert (report.account_id, report.account_name) == (
        society.person.did,
        society.person.handle,
    )
    assert {"access_token", "refresh_token"} <= society.saved.keys()


def test_a_wrong_app_password_asks_for_a_person(society: Society) -> None:
    with pytest.raises(AuthExpired):
        client(society, app_password="wrong-wron-gwro-ngwr").test_connection()
    assert society.saved == {}


def test_an_expired_access_token_is_renewed_without_signing_in(
    society: Society, network: Network
) -> None:
    client(society).test_connection()
    society.saved["access_token"] = expired = network.expired(society.saved["access_token"])
    refresh = society.saved["refresh_token"]
    client(society, app_password="").test_connection()
    assert society.saved["access_token"] != expired
    assert society.saved["refresh_token"] != refresh
    client(society, app_password="").test_connection()  # with what was saved


def test_a_token_of_somebody_unknown_is_renewed(society: Society) -> None:
    client(society).test_connection()
    society.saved["access_token"] = "no.token.atall"
    client(society, app_password="").test_connection()
    assert society.saved["access_token"] != "no.token.atall"


def test_an_ended_session_signs_in_again_or_asks_for_a_person(society: Society) -> None:
    client(society).test_connection()
    end_session(society)
    with pytest.raises(AuthExpired):
        client(society, app_password="").test_connection()
    assert client(society).test_connection().account_id == society.person.did


def end_session(society: Society) -> None:
    """As the account's settings do when an app password is taken back for one device."""
    access = society.access()
    session = Session(access, society.saved.update)
    renewal = {"Authorization": f"Bearer {access.secrets['refresh_token']}"}
    answer = session._http.call(
        "POST", "pds", "/xrpc/com.atproto.server.deleteSession", headers=renewal, plain=True
    )
    assert answer.ok
    network = society.person.network
    society.saved["access_token"] = network.expired(society.saved["access_token"])


def test_a_deactivated_account_asks_for_a_person(society: Society) -> None:
    society.person.call("com.atproto.server.deactivateAccount", {})
    with pytest.raises(AuthExpired):
        client(society).test_connection()


# --- reading


def test_replies_of_all_levels_arrive_with_their_parents(
    society: Society, patient: Person, root: Written
) -> None:
    """Written at once, so that many are seen before their parent and nobody is notified."""
    chain = [patient.reply("返信0", root)]
    for number in range(1, 30):
        chain.append(patient.reply(f"返信{number}", chain[-1], root))
    comments = pull(society).comments
    assert set(comments) == {written.uri for written in chain}
    assert [comments[w.uri].text for w in chain] == [f"返信{n}" for n in range(30)]
    assert [comments[w.uri].parent_id for w in chain] == ["", *(w.uri for w in chain[:-1])]
    assert {c.author.key for c in comments.values()} == {patient.did}
    assert {c.author.handle for c in comments.values()} == {patient.handle}
    assert {(c.post.remote_id, c.post.text) for c in comments.values()} == {
        (root.uri, "緩和ケア講座のお知らせ")
    }


def test_a_thread_is_read_slice_by_slice_to_its_end(
    society: Society, patient: Person, root: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "DEPTH", 3)
    monkeypatch.setattr(thread, "DEPTH", 3)
    chain = [patient.reply("返信0", root)]
    for number in range(1, 15):
        chain.append(patient.reply(f"返信{number}", chain[-1], root))
    assert set(pull(society).comments) == {written.uri for written in chain}


def test_nothing_is_told_twice_and_what_is_new_arrives(
    society: Society, patient: Person, root: Written
) -> None:
    first = patient.reply("一つ目", root)
    stored = pull(society)
    assert set(stored.comments) == {first.uri}
    second = patient.reply("二つ目", root)
    again = pull(society, Stored(cursor=stored.cursor))
    assert set(again.comments) == {first.uri, second.uri} - ({first.uri} - set(again.comments))
    assert pull(society, Stored(cursor=again.cursor)).comments == {}


def test_a_quote_arrives_and_a_mere_mention_does_not(
    society: Society, patient: Person, root: Written
) -> None:
    embed = {"$type": "app.bsky.embed.record", "record": root.ref}
    quote = patient.post("引用します", embed=embed)
    feature = {"$type": "app.bsky.richtext.facet#mention", "did": society.person.did}
    facet = {"index": {"byteStart": 0, "byteEnd": 3}, "features": [feature]}
    patient.post("@学会さん", facets=[facet])
    comments = pull(society).comments
    assert set(comments) == {quote.uri}
    assert comments[quote.uri].post.remote_id == root.uri


def test_pictures_and_links_arrive(
    society: Society, patient: Person, root: Written, picture: bytes
) -> None:
    blob = patient.upload(picture, "image/png")
    image = {"$type": "app.bsky.embed.images", "images": [{"image": blob, "alt": "会場の写真"}]}
    external = {"uri": "https://example.org/", "title": "題", "description": ""}
    link = {"$type": "app.bsky.embed.external", "external": external}
    shown_image = patient.reply("写真", root, embed=image)
    shown_link = patient.reply("リンク", root, embed=link)
    comments = pull(society).comments
    (attached,) = comments[shown_image.uri].attachments
    assert (attached.kind, attached.alt) == ("image", "会場の写真")
    assert attached.url.startswith("https://")
    (linked,) = comments[shown_link.uri].attachments
    assert (linked.kind, linked.url, linked.alt) == ("link", "https://example.org/", "題")


def test_an_edit_is_noticed(society: Society, patient: Person, root: Written) -> None:
    written = patient.reply("はじめ", root)
    stored = pull(society)
    patient.edit(written, "あとで")
    assert pull(society, stored).texts[written.uri] == ["はじめ", "あとで"]


def test_a_deletion_by_the_author_is_told_once_and_what_stands_below_is_kept(
    society: Society, patient: Person, root: Written
) -> None:
    top = patient.reply("消す", root)
    nested = patient.reply("残す", top, root)
    stored = pull(society)
    patient.delete(top)
    pull(society, stored)
    assert stored.gone == {top.uri}
    assert nested.uri in stored.comments
    assert pull(society, Stored(cursor=stored.cursor)).gone == set()


def test_an_account_that_was_deactivated_takes_its_comments_along(
    society: Society, patient: Person, root: Written
) -> None:
    written = patient.reply("さようなら", root)
    stored = pull(society)
    patient.call("com.atproto.server.deactivateAccount", {})
    pull(society, stored)
    assert stored.gone == {written.uri}


def test_what_a_blocked_person_wrote_is_out_of_sight_and_not_gone(
    society: Society, patient: Person, root: Written
) -> None:
    other = society.person.network.join("other")
    direct = patient.reply("直接", root)
    nested = patient.reply("その下", other.reply("他の人", root), root)
    stored = pull(society)
    client(society).apply(Effect.BLOCK, society.target(direct, root))
    pull(society, stored)
    assert stored.gone == set()
    assert {direct.uri, nested.uri} <= set(stored.comments)
    again = pull(society, Stored(cursor=stored.cursor))
    assert (again.comments, again.gone) == ({}, set())


def test_what_somebody_muted_writes_still_arrives(
    society: Society, patient: Person, root: Written
) -> None:
    first = patient.reply("一つ目", root)
    client(society).apply(Effect.MUTE, society.target(first, root))
    second = patient.reply("二つ目", root)
    assert set(pull(society).comments) == {first.uri, second.uri}


# --- hiding


def test_hide_and_unhide_a_reply(
    society: Society, patient: Person, root: Written, network: Network
) -> None:
    bad, good = patient.reply("宣伝", root), patient.reply("感想", root)
    stored = pull(society)
    assert {c.hidden for c in stored.comments.values()} == {False}
    assert set(shown(network, root)) == {bad.uri, good.uri}
    target = society.target(bad, root)
    for _ in range(2):  # safe to repeat
        receipt = client(society).apply(Effect.HIDE, target)
        assert receipt.achieved == Achieved.APPLIED
    assert client(society).read_standing(Effect.HIDE, target) == Standing.HIDDEN
    assert shown(network, root) == [good.uri]
    assert pull(society, stored).comments[bad.uri].hidden is True
    for _ in range(2):
        client(society).apply(Effect.UNHIDE, target)
    assert client(society).read_standing(Effect.UNHIDE, target) == Standing.VISIBLE
    assert set(shown(network, root)) == {bad.uri, good.uri}
    assert pull(society, stored).comments[bad.uri].hidden is False


def test_a_nested_reply_can_be_hidden_alone(
    society: Society, patient: Person, root: Written, network: Network
) -> None:
    top = patient.reply("上", root)
    nested = patient.reply("下", top, root)
    pull(society)
    client(society).apply(Effect.HIDE, society.target(nested, root))
    assert shown(network, root) == [top.uri]


def test_hiding_leaves_open_who_may_reply(
    society: Society, patient: Person, root: Written, network: Network
) -> None:
    first = patient.reply("一つ目", root)
    society.person.network.settle()
    client(society).apply(Effect.HIDE, society.target(first, root))
    second = patient.reply("二つ目", root)
    assert shown(network, root) == [second.uri]


def test_hiding_keeps_the_rule_of_who_may_reply(
    society: Society, patient: Person, root: Written
) -> None:
    first = patient.reply("一つ目", root)
    rule = {"$type": f"{records.GATE}#mentionRule"}
    gate = {
        "$type": records.GATE,
        "post": root.uri,
        "allow": [rule],
        "createdAt": "2026-11-01T00:00:00Z",
    }
    place = {"repo": society.person.did, "collection": records.GATE, "rkey": root.rkey}
    society.person.call("com.atproto.repo.putRecord", {**place, "record": gate})
    society.person.network.settle()
    client(society).apply(Effect.HIDE, society.target(first, root))
    kept = society.person.record(records.GATE, root.rkey)
    assert kept == {**gate, "hiddenReplies": [first.uri]}


def test_a_full_list_of_hidden_replies_is_unsupported(
    society: Society, patient: Person, root: Written
) -> None:
    written = patient.reply("三百一つ目", root)
    others = [f"at://{patient.did}/app.bsky.feed.post/3laaaaaaa{n:04d}" for n in range(300)]
    society.person.network.settle()
    place = {"repo": society.person.did, "collection": records.GATE, "rkey": root.rkey}
    gate: dict[str, Any] = {
        "$type": records.GATE,
        "post": root.uri,
        "createdAt": "2026-11-01T00:00:00Z",
        "hiddenReplies": others,
    }
    society.person.call("com.atproto.repo.putRecord", {**place, "record": gate})
    with pytest.raises(Unsupported):
        client(society).apply(Effect.HIDE, society.target(written, root))
    gate["hiddenReplies"] = [*others, written.uri]
    with pytest.raises(RuntimeError, match=r"^400 "):  # nor does the server take one more
        society.person.call("com.atproto.repo.putRecord", {**place, "record": gate})


def test_hiding_what_its_author_deleted_is_missing(
    society: Society, patient: Person, root: Written
) -> None:
    written = patient.reply("消す", root)
    pull(society)
    patient.delete(written)
    society.person.network.settle()
    target = society.target(written, root)
    with pytest.raises(Missing):
        client(society).apply(Effect.HIDE, target)
    assert client(society).read_standing(Effect.HIDE, target) == Standing.GONE


def test_a_thread_of_somebody_else_is_left_alone(society: Society, patient: Person) -> None:
    theirs = patient.post("よその投稿")
    written = society.person.network.join("other").reply("返信", theirs)
    society.person.network.settle()
    target = society.target(written, theirs)
    with pytest.raises(Unsupported):
        client(society).apply(Effect.HIDE, target)
    assert client(society).read_standing(Effect.HIDE, target) == Standing.UNREADABLE
    assert society.person.records(records.GATE) == []


# --- people


def test_block_and_unblock(
    society: Society, patient: Person, root: Written, network: Network
) -> None:
    written = patient.reply("嫌がらせ", root)
    pull(society)
    target = society.target(written, root)
    assert client(society).read_standing(Effect.BLOCK, target) == Standing.NOT_BLOCKED
    for _ in range(2):  # safe to repeat, and one record stands for it
        client(society).apply(Effect.BLOCK, target)
    assert [r["subject"] for r in society.person.records(records.BLOCK)] == [patient.did]
    assert client(society).read_standing(Effect.BLOCK, target) == Standing.BLOCKED
    assert shown(network, root) == []
    for _ in range(2):
        client(society).apply(Effect.UNBLOCK, target)
    assert client(society).read_standing(Effect.UNBLOCK, target) == Standing.NOT_BLOCKED
    assert shown(network, root) == [written.uri]


def test_unblocking_takes_back_every_block_of_a_person(
    society: Society, patient: Person, root: Written, network: Network
) -> None:
    written = patient.reply("嫌がらせ", root)
    for _ in range(2):  # two devices of ours blocked them
        society.person.create(records.BLOCK, {"subject": patient.did})
    society.person.network.settle()
    client(society).apply(Effect.UNBLOCK, society.target(written, root))
    assert society.person.records(records.BLOCK) == []
    assert shown(network, root) == [written.uri]


def test_mute(society: Society, patient: Person, root: Written) -> None:
    written = patient.reply("うるさい", root)
    pull(society)
    target = society.target(written, root)
    for _ in range(2):
        client(society).apply(Effect.MUTE, target)
    society.person.network.settle()
    profile = society.person.get("app.bsky.actor.getProfile", actor=patient.did)
    assert profile["viewer"]["muted"] is True
    assert client(society).read_standing(Effect.MUTE, target) == Standing.UNREADABLE


def test_deleting_what_others_wrote_is_unsupported(
    society: Society, patient: Person, root: Written
) -> None:
    written = patient.reply("消せない", root)
    with pytest.raises(Unsupported):
        client(society).apply(Effect.DELETE, society.target(written, root))
