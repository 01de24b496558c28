"""Hostile text through the whole way: it is stored, judged, decided on, and shown as text."""

import csv
import io
from html.parser import HTMLParser
from urllib.parse import urlencode

from django.test import Client
from django.urls import reverse

from moderation.models import Case, Comment, EvidenceRecord
from moderation.services import evidence, second_look
from tests.flows.harness import UNDONE_BY_NOW, House, chain_is_whole
from tests.people import client_of

ZALGO = "Z̷̡̢͈̬̲͎͙̺̰̿̽͌͊̄̀͝A̶̢͔̖͙̱̮͐̈́L̵̨̘̮̺̯̙̈́̀̏G̶̡͚̣̲͎̼̋̆̈O̸̧̟̭̫͗̎͘"
HOSTILE = {
    "nul": "前\0後ろ",
    "right to left": "\u202e逆さま\u202c \u2066中\u2069 \u200f\u061c",
    "zalgo": ZALGO,
    "lone surrogates": "高\ud83d低\udc00 逆\udfff\ud800順",
    "very long": "長い" * 50_000,
    "one long word": "w" * 100_000,
    "script": "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "attributes": '" onmouseover="alert(3)" x=\'&quot;&lt;b&gt;&amp;amp;',
    "end of template": "{{ 7*7 }} {% debug %} </textarea></style><!-- --> ]]>",
    "formula": '=HYPERLINK("http://example.com","x")',
    "controls": "\x01\x08\x0b\x0c\x1b[31m\x7f\x85\u2028\u2029\ufeff\ufffe\uffff",
    "only blanks": " \u3000\u200b\u2060 ",
    "address": "javascript:alert(4) data:text/html,<script>alert(5)</script>",
}
PERSON = {
    "id": "a<blink>\"'&",
    "name": "<marquee>名\0前</marquee>\u202e",
    "handle": "<blink>\ud83d\"handle'",
}


class Elements(HTMLParser):
    """The tags of a page with their attributes, and its text, as a browser would find them."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def page_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    page = answer.content.decode()
    harmless(page)
    return page


def harmless(page: str) -> None:
    """No element, handler or address on the page came out of a comment."""
    for tag, attributes in Elements(page).found:
        assert tag not in {"marquee", "blink", "iframe", "object", "embed"}
        assert not [name for name in attributes if name.startswith("on")]
        assert tag != "script" or (attributes.get("src") or "").startswith("/static/")
        assert tag != "img" or (attributes.get("src") or "").startswith("/static/")
        for name in ("href", "src", "action", "hx-get", "hx-post"):
            address = (attributes.get(name) or "").strip().lower()
            assert not address.startswith(("javascript:", "data:", "vbscript:"))


def test_hostile_text_is_shown_as_text(home: House) -> None:
    """On every platform: pull, judge, flag, every page, a refused and an accepted decision."""
    people = home.people
    said = {
        home.say(
            f"始{text}終", author=PERSON, post={"id": "p<1>", "text": f"投稿{text[:500]}"}
        ): text
        for text in HOSTILE.values()
    }
    home.pull()
    moderator = client_of(people.moderator)
    for remote_id, text in said.items():
        comment = Comment.objects.get(remote_id=remote_id)
        assert len(comment.text) == len(f"始{text}終")
        assert not set(comment.text) & {"\0", *map(chr, range(0xD800, 0xE000))}
        assert comment.judged_at is not None
        second_look.flag(actor=people.member, comment=comment, note=comment.text[:500])
        goes_all_the_way(home, moderator, comment)
    home.sweep(UNDONE_BY_NOW)
    assert home.calls() == {f"hide {remote_id}": 1 for remote_id in said}
    assert all(evidence.verify(frozen) for frozen in EvidenceRecord.objects.all())
    page_of(moderator, reverse("moderation:case", args=[home.case(next(iter(said))).pk]))
    page_of(moderator, reverse("moderation:attention"))
    auditor = client_of(people.auditor)
    page_of(auditor, reverse("audit:events"))
    export_is_safe(auditor)
    assert chain_is_whole()


def goes_all_the_way(home: House, moderator: Client, comment: Comment) -> None:
    """Show one comment on every page and decide on it, with a note as hostile as itself."""
    case, revision = home.case(comment.remote_id), comment.revisions.get()
    assert bytes(revision.raw)  # the platform's own bytes, whatever they are
    page_of(moderator, reverse("moderation:queue"))
    for name, pk in (("case", case.pk), ("comment", comment.pk)):
        page = page_of(moderator, reverse(f"moderation:{name}", args=[pk]))
        assert comment.text in Elements(page).text
    page_of(moderator, f"{reverse('moderation:comments')}?{urlencode({'q': comment.text[:40]})}")
    decision = {"outcome": "hide", "revision": revision.pk, "note": comment.text[:2000]}
    address = reverse("moderation:decide", args=[case.pk])
    refused = moderator.post(address, decision)  # no criterion: what was typed comes back
    assert refused.status_code == 409
    harmless(refused.content.decode())
    assert moderator.post(address, decision | {"criteria": ["ソ"]}).status_code == 302


def export_is_safe(auditor: Client) -> None:
    """Every cell can be opened in a spreadsheet; rows are whole."""
    answer = auditor.post(reverse("audit:export"))
    assert answer.status_code == 200
    body = b"".join(answer).decode("utf-8-sig")
    heading, *lines = csv.reader(io.StringIO(body, newline=""))
    assert lines
    for line in lines:
        assert len(line) == len(heading)
        assert not [cell for cell in line if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_a_search_for_hostile_words_finds_and_escapes(facebook_home: House) -> None:
    home = facebook_home
    home.say(HOSTILE["script"])
    home.say("ふつうのコメントです")
    home.pull()
    page = page_of(
        client_of(home.people.member),
        f"{reverse('moderation:comments')}?{urlencode({'q': '<script>'})}",
    )
    assert "&lt;script&gt;" in page
    assert "ふつうのコメントです" not in page


def test_an_edit_to_something_hostile_is_a_revision_like_any_other(home: House) -> None:
    remote_id = home.say("ふつうのコメントです")
    home.pull()
    home.sandbox.store.edit(home.channel.platform, remote_id, HOSTILE["lone surrogates"] + "\0")
    home.pull()
    home.pull()
    comment = Comment.objects.get()
    assert comment.revision_number == 2
    assert comment.text == "高\ufffd低\ufffd 逆\ufffd\ufffd順\ufffd"
    assert Case.objects.count() <= 1
    page_of(client_of(home.people.member), reverse("moderation:comment", args=[comment.pk]))
