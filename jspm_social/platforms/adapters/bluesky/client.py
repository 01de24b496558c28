"""Bluesky (AT Protocol). Reads replies and quotes; hides, blocks, mutes.

Hiding lists a reply in our threadgate of its root post, so it works in threads that we began,
for at most 300 replies each. Blocks are public records of ours. Nobody else's post can be
deleted: Unsupported.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from jspm_social.platforms.adapters.oauth import SaveSecrets
from jspm_social.platforms.adapters.reading import obj, objs, text, texts
from jspm_social.platforms.contract import (
    Achieved,
    ChannelAccess,
    ConnectionReport,
    Page,
    Receipt,
    Standing,
    Target,
)
from jspm_social.platforms.errors import Missing, OutcomeUnknown, Transient, Unsupported
from jspm_social.platforms.http import Answer
from jspm_social.platforms.names import Effect

from . import normalise, records
from .errors import error_name, is_gone, problem_of
from .reader import Reader
from .session import Session

SWAPS = 5  # how often a threadgate is read again because somebody else changed it
BLOCK_PAGES = 100  # of a hundred block records each


class BlueskyClient:
    """One account. Implements PlatformClient."""

    def __init__(self, access: ChannelAccess, save_secrets: SaveSecrets) -> None:
        self._session = Session(access, save_secrets)
        self._me = access.account_id

    # --- reading

    def pull(self, cursor: Mapping[str, Any]) -> Iterator[Page]:
        """See PlatformClient and Reader."""
        yield from Reader(self._session, self._own_did(), cursor).pages()

    def test_connection(self) -> ConnectionReport:
        """See PlatformClient. The token itself says what kind of password made it."""
        me = self._get("com.atproto.server.getSession", {})
        unproven = me.get("emailConfirmed") is False
        return ConnectionReport(
            account_id=text(me, "did"),
            account_name=text(me, "handle"),
            notes=("メールアドレスが未確認のため、動画は投稿できません。",) if unproven else (),
            granted=self._session.scope(),
        )

    # --- effects

    def apply(self, effect: Effect, target: Target) -> Receipt:
        """See PlatformClient. Hiding works only in threads that we began."""
        if effect in {Effect.HIDE, Effect.UNHIDE}:
            self._set_hidden(target, hidden=effect == Effect.HIDE)
        elif effect in {Effect.BLOCK, Effect.UNBLOCK, Effect.MUTE}:
            self._change_person(effect, target.author_key)
        else:
            raise Unsupported(f"Bluesky offers no {effect.value}")
        return Receipt(effect, Achieved.APPLIED)

    def _set_hidden(self, target: Target, *, hidden: bool) -> None:
        """Read the threadgate, change its list, write it if nobody did so in between.

        Read back afterwards: a threadgate that is not taken notice of is accepted all the same.
        """
        root = self._root_of(target)
        for _ in range(SWAPS):
            cid, gate = self._gate(root)
            changed = records.with_reply(gate, root=root, reply=target.comment_id, hidden=hidden)
            if changed is None:
                return
            record = {"record": changed, "swapRecord": cid or None}
            answer = self._write("putRecord", records.GATE, root, record)
            if error_name(answer) == "InvalidSwap":
                continue
            _raise(answer)
            if self._is_hidden(root, target.comment_id) is not hidden:
                raise OutcomeUnknown("Bluesky: the threadgate does not read as it was written")
            return
        raise Transient("Bluesky: the threadgate keeps changing")

    def _root_of(self, target: Target) -> str:
        """Return the root post of the comment's thread, which must be ours.

        Raises Missing when the comment is gone, Unsupported for another's thread.
        """
        view = self._view(target.comment_id)
        if view is None:
            raise Missing("Bluesky: the reply is gone")
        root = normalise.root_of(view) or target.post_id
        if not normalise.is_post_of(root, self._own_did()):
            raise Unsupported("Bluesky hides replies only in threads that we began")
        return root

    def _view(self, uri: str) -> dict[str, Any] | None:
        """Return a post's view, {} when it is there but blocked, None when proven gone."""
        params = {"uri": uri, "depth": "0", "parentHeight": "0"}
        answer = self._session.call("GET", "app.bsky.feed.getPostThread", params=params)
        if not is_gone(answer):
            _raise(answer)
        node = obj(obj(answer.body).get("thread"))
        if answer.ok and node.get("notFound") is not True:
            return obj(node.get("post"))
        found = objs(self._get("app.bsky.feed.getPosts", {"uris": [uri]}).get("posts"))
        return found[0] if found else None

    def _gate(self, root: str) -> tuple[str, dict[str, Any] | None]:
        """Return the cid and the value of the root's threadgate; '' and None for none."""
        params = self._place(records.GATE, normalise.parse_uri(root).rkey)
        answer = self._session.call("GET", "com.atproto.repo.getRecord", params=params)
        if is_gone(answer):
            return "", None
        _raise(answer)
        body = obj(answer.body)
        return text(body, "cid"), obj(body.get("value"))

    def _is_hidden(self, root: str, uri: str) -> bool:
        _, gate = self._gate(root)
        return uri in texts((gate or {}).get("hiddenReplies"))

    def _change_person(self, effect: Effect, did: str) -> None:
        if not did:
            raise Unsupported("Bluesky: it is not known who wrote the reply")
        if effect == Effect.MUTE:
            _raise(self._session.call("POST", "app.bsky.graph.muteActor", json={"actor": did}))
            return
        known = self._blocks_of(did)
        if effect == Effect.BLOCK and not known:
            place = {"repo": self._own_did(), "collection": records.BLOCK}
            body = {**place, "record": records.new_block(did)}
            _raise(self._session.call("POST", "com.atproto.repo.createRecord", json=body))
        if effect == Effect.UNBLOCK:
            for uri in known:  # one person may be blocked by several records
                _raise(self._write("deleteRecord", records.BLOCK, uri, {}))

    def _blocks_of(self, did: str) -> list[str]:
        """Return the uris of our block records for a person."""
        params = {"repo": self._own_did(), "collection": records.BLOCK, "limit": "100"}
        found: list[str] = []
        for _ in range(BLOCK_PAGES):
            body = self._get("com.atproto.repo.listRecords", params)
            found += [
                text(record, "uri")
                for record in objs(body.get("records"))
                if text(obj(record.get("value")), "subject") == did
            ]
            cursor = text(body, "cursor")
            if not cursor or cursor == params.get("cursor"):
                return found
            params["cursor"] = cursor
        raise Transient("Bluesky: the list of blocks does not end")

    def read_standing(self, effect: Effect, target: Target) -> Standing:
        """Read our own records, which are true at once, whatever the rest of the network shows."""
        if effect == Effect.MUTE:
            return Standing.UNREADABLE
        if effect in {Effect.BLOCK, Effect.UNBLOCK}:
            blocked = self._blocks_of(target.author_key)
            return Standing.BLOCKED if blocked else Standing.NOT_BLOCKED
        try:
            root = self._root_of(target)
        except Missing:
            return Standing.GONE
        except Unsupported:
            return Standing.UNREADABLE
        hidden = self._is_hidden(root, target.comment_id)
        return Standing.HIDDEN if hidden else Standing.VISIBLE

    # --- the wire

    def _own_did(self) -> str:
        if not self._me:
            self._me = self.test_connection().account_id
        return self._me

    def _place(self, collection: str, rkey: str) -> dict[str, str | list[str]]:
        return {"repo": self._own_did(), "collection": collection, "rkey": rkey}

    def _write(self, verb: str, collection: str, uri: str, more: Mapping[str, Any]) -> Answer:
        """Write the record of ours whose key is that of `uri`."""
        place = self._place(collection, normalise.parse_uri(uri).rkey)
        return self._session.call("POST", f"com.atproto.repo.{verb}", json={**place, **more})

    def _get(self, name: str, params: Mapping[str, str | list[str]]) -> dict[str, Any]:
        answer = self._session.call("GET", name, params=params)
        _raise(answer)
        return obj(answer.body)


def _raise(answer: Answer) -> None:
    problem = problem_of(answer)
    if problem:
        raise problem
