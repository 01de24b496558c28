"""Media, events and sources: nothing hidden goes out with a picture, and changed facts are found."""

import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings as hypothesis_settings, strategies as st
from PIL import Image
from pytest_django.fixtures import Settings

from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from posts import film, imaging
from posts.errors import Refused
from posts.models import Event, MediaFile, Post, SourceCard
from posts.public_media import address_of, file_of
from posts.queries import quoting_old_facts
from posts.quoting import says
from posts.services import drafting, facts, library
from posts.states import PostState
from tests.people import People, client_of
from tests.posts.making import approved_post, draft, make_channel, submit

RIGHTS = {
    "name": "会場",
    "alt": "満席の会場で拍手する参加者の後ろ姿",
    "holder": "日本緩和医療学会",
    "licence": "学会所有",
    "consent": MediaFile.Consent.NOT_NEEDED,
}


@pytest.fixture(autouse=True)
def media_root(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def jpeg(width: int = 800, height: int = 600, *, exif: bool = True) -> bytes:
    picture = Image.effect_noise((width, height), 90).convert("RGB")
    written = io.BytesIO()
    told = Image.Exif()
    told[0x010F] = "SECRET CAMERA"
    told[0x0112] = 6  # lies on its side
    told.get_ifd(0x8825)[2] = (35.0, 40.0, 0.0)  # where it was taken
    picture.save(written, "JPEG", quality=97, exif=told if exif else b"")
    return written.getvalue()


def upload(data: bytes, name: str = "x.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def box(name: bytes, body: bytes) -> bytes:
    return (len(body) + 8).to_bytes(4) + name + body


def mp4(notes: bytes = b"GPS +35.68+139.76/ SECRET") -> bytes:
    track = box(b"trak", box(b"tkhd", bytes(20)) + box(b"udta", notes))
    movie = box(b"moov", box(b"mvhd", bytes(100)) + track + box(b"udta", notes))
    return box(b"ftyp", b"isom\0\0\0\0") + movie + box(b"mdat", b"pictures" * 100)


def test_a_picture_keeps_nothing_that_nobody_meant_to_publish() -> None:
    found = imaging.clean(jpeg(3000, 2000))
    with Image.open(io.BytesIO(found.data)) as read:
        assert (read.format, read.size) == ("JPEG", (found.width, found.height))
        assert not read.getexif()
        assert read.height > read.width  # turned upright
    assert b"SECRET" not in found.data
    assert len(found.data) <= imaging.MOST_BYTES
    assert found.width <= imaging.MOST_WIDE


def test_what_shows_through_becomes_white() -> None:
    written = io.BytesIO()
    Image.new("RGBA", (10, 10), (255, 0, 0, 0)).save(written, "PNG")
    with Image.open(io.BytesIO(imaging.clean(written.getvalue()).data)) as read:
        assert min(read.convert("L").tobytes()) > 250


@pytest.mark.parametrize(
    "data",
    [b"", b"GIF89a", b"<svg onload=alert(1)>", b"\xff\xd8\xff\xe0broken", b"%PDF-1.4", jpeg()[:900]],
    ids=["empty", "cut gif", "svg", "cut jpeg", "pdf", "half"],
)  # fmt: skip
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(imaging.NotAPicture, match="読めませんでした"):
        imaging.clean(data)


def test_a_bomb_is_not_opened() -> None:
    written = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(written, "PNG")
    with pytest.raises(imaging.NotAPicture, match="大きすぎます"):
        imaging.clean(written.getvalue())


@given(st.binary(max_size=300))
@hypothesis_settings(max_examples=200)
def test_no_bytes_make_the_readers_fail(data: bytes) -> None:
    for read in (
        lambda: imaging.clean(data),
        lambda: film.strip_notes(io.BytesIO(mp4(data)[: len(data) * 2]), len(data) * 2),
    ):
        try:
            read()
        except (imaging.NotAPicture, film.NotAFilm):
            continue


def test_a_film_loses_its_notes_and_no_picture() -> None:
    data = mp4()
    stream = io.BytesIO(data)
    film.check(stream, len(data))
    assert film.strip_notes(stream, len(data)) == 2
    clean = stream.getvalue()
    assert len(clean) == len(data)
    assert b"SECRET" not in clean
    assert b"GPS" not in clean
    assert clean[clean.index(b"mdat") :] == data[data.index(b"mdat") :]
    assert film.strip_notes(io.BytesIO(clean), len(clean)) == 0


def test_what_is_stored_is_what_it_is_not_what_it_is_called(people: People) -> None:
    picture = library.take_in(actor=people.member, upload=upload(jpeg(), "a.mp4"), rights=RIGHTS)
    movie = library.take_in(actor=people.member, upload=upload(mp4(), "a.jpg"), rights=RIGHTS)
    assert (picture.kind, picture.mime) == ("image", "image/jpeg")
    assert (movie.kind, movie.mime) == ("video", "video/mp4")
    assert b"SECRET" not in Path(movie.file.path).read_bytes()
    with pytest.raises(Refused, match="読めませんでした"):
        library.take_in(actor=people.member, upload=upload(b"MZ\x90", "a.jpg"), rights=RIGHTS)


def test_without_rights_nothing_is_put_up(people: People, channel: Channel) -> None:
    file = library.take_in(actor=people.member, upload=upload(jpeg()), rights={"name": "会場"})
    post = draft(people.admin, channel, media=(file.pk,))
    for missing, change in (
        ("代替テキスト", {"alt": "満席の会場で拍手する参加者の後ろ姿"}),
        ("権利者と利用条件", {"holder": "学会", "licence": "学会所有"}),
        ("同意が確認されていません", {"consent": "not_needed"}),
        ("ここでは使えません", {"platforms": []}),
        ("利用期限が切れています", {"expires_on": None}),
    ):
        if missing == "ここでは使えません":
            library.change_rights(
                actor=people.member, file=file, rights={"platforms": [Platform.LINE]}
            )
        if missing.startswith("利用期限"):
            yesterday = timezone.localdate() - timedelta(days=1)
            library.change_rights(actor=people.member, file=file, rights={"expires_on": yesterday})
        with pytest.raises(Refused, match=missing):
            submit(people.admin, post)
        library.change_rights(actor=people.member, file=file, rights=change)
    submit(people.admin, post)


def test_a_platform_fetches_only_what_it_was_given(people: People) -> None:
    file = library.take_in(actor=people.member, upload=upload(jpeg()), rights=RIGHTS)
    path = address_of(file).partition("8000")[2]
    answer = client_of(None).get(path)
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content) == Path(file.file.path).read_bytes()  # type: ignore[attr-defined]
    assert client_of(None).get(path + "x").status_code == 404
    assert client_of(None).get(reverse("posts:file", args=[file.pk])).status_code == 302
    token = path.rpartition("/")[2]
    assert file_of(token) == file
    assert file_of(token.replace(str(file.pk), str(file.pk + 1), 1)) is None


def make_event(people: People) -> Event:
    return facts.add_event(
        actor=people.member,
        facts={"name": "第32回学術大会", "starts_on": date(2027, 6, 18), "venue": "横浜"},
    )


@pytest.mark.parametrize(
    ("text", "field", "value", "expected"),
    [
        ("会期は6月18日（金）です", "starts_on", "2027-06-18", True),
        ("会期は６月１８日です", "starts_on", "2027-06-18", True),
        ("会期：6/18～", "starts_on", "2027-06-18", True),
        ("会期は6月19日です", "starts_on", "2027-06-18", False),
        ("開始は13時です", "start_time", "13:00:00", True),
        ("開始は13時半です", "end_time", "13:30:00", False),
        ("会場：横浜", "venue", "横浜", True),
        ("会場：横浜", "venue", "", False),
    ],
)
def test_the_ways_to_say_a_fact(text: str, field: str, value: str, expected: bool) -> None:
    assert says(text, field, value) is expected


def test_a_changed_event_flags_what_still_says_the_old(people: People, channel: Channel) -> None:
    event = make_event(people)
    old = approved_post(people, channel, body="6月18日（金）に横浜で開きます。")
    other = draft(people.admin, channel, body="参加登録を始めました。")
    Post.objects.update(event=event)
    changes = facts.change_event(
        actor=people.member,
        event=event,
        facts={"name": event.name, "starts_on": date(2027, 6, 19), "venue": "横浜"},
    )
    assert [(c.field, c.old, c.new) for c in changes] == [("starts_on", "2027-06-18", "2027-06-19")]
    event.refresh_from_db()
    assert event.version == 2
    flagged = quoting_old_facts(event)
    assert [(row["post"], row["old"]) for row in flagged] == [(old, ["2027-06-18"])]
    page = client_of(people.member).get(reverse("posts:post", args=[old.pk])).content.decode()
    assert "イベントの情報が変わっています" in page
    assert "イベントの情報が" not in (
        client_of(people.member).get(reverse("posts:post", args=[other.pk])).content.decode()
    )
    back = {"starts_on": date(2027, 6, 18)}
    facts.change_event(actor=people.member, event=event, facts=back)
    event.refresh_from_db()
    assert quoting_old_facts(event) == []


def test_related_facts_are_approved_with_the_post(people: People, channel: Channel) -> None:
    post = approved_post(people, channel)
    source = facts.add_source(
        actor=people.member,
        facts={"title": "調査", "doi": "10.1/x", "read_on": date(2026, 11, 1)},
    )
    told: dict[str, Any] = {
        "event": None,
        "sources": [],
        "sponsor": "",
        "embargo_until": None,
        "expires_at": None,
    }
    same = drafting.relate(actor=people.member, post=post, facts=told, base_version=post.version)
    assert same.state == PostState.APPROVED
    changed = told | {"sources": [source]}
    post = drafting.relate(actor=people.member, post=post, facts=changed, base_version=post.version)
    assert post.state == PostState.DRAFT
    assert list(post.sources.all()) == [source]
    assert post.contributions.get().person == people.member


def test_the_pages_take_in_and_show(people: People, channel: Channel) -> None:
    client = client_of(people.member)
    sent = {**RIGHTS, "upload": upload(jpeg())}
    assert client.post(reverse("posts:library"), sent).status_code == 302
    bad = {**RIGHTS, "upload": upload(b"nothing")}
    answer = client.post(reverse("posts:library"), bad)
    assert "画像として読めませんでした" in answer.content.decode()
    assert 'value="日本緩和医療学会"' in answer.content.decode()
    file = MediaFile.objects.get()
    client.post(reverse("posts:rights", args=[file.pk]), {**RIGHTS, "platforms": ["x"]})
    file.refresh_from_db()
    assert file.platforms == ["x"]
    event = {"name": "大会", "starts_on": "2027-06-18", "ends_on": "2027-06-01"}
    answer = client.post(reverse("posts:events"), event)
    assert "最終日は、開催日より後" in answer.content.decode()
    client.post(reverse("posts:events"), event | {"ends_on": "2027-06-19"})
    found = Event.objects.get()
    client.post(reverse("posts:event", args=[found.pk]), event | {"ends_on": "2027-06-20"})
    assert "2027-06-19" in client.get(reverse("posts:event", args=[found.pk])).content.decode()
    client.post(reverse("posts:sources"), {"title": "調査", "read_on": "2026-11-01"})
    assert not SourceCard.objects.exists()
    client.post(
        reverse("posts:sources"), {"title": "調査", "read_on": "2026-11-01", "doi": "10.1/x"}
    )
    assert SourceCard.objects.get().read_by == people.member


def test_the_credit_is_added_and_the_alternative_text_goes_out(
    people: People, policy: None
) -> None:
    file = library.take_in(
        actor=people.member, upload=upload(jpeg()), rights={**RIGHTS, "credit": "写真：広報委員会"}
    )
    post = draft(people.admin, make_channel(Platform.BLUESKY), media=(file.pk,))
    payload = next(iter(submit(people.admin, post).payloads.values()))
    assert payload["text"].endswith("\n\n写真：広報委員会")
    assert payload["media"][0]["alt"] == "満席の会場で拍手する参加者の後ろ姿"
    assert payload["media"][0]["sha256"] == file.renditions.get(shape="bluesky").sha256
