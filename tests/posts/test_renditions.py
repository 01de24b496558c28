"""Each platform is sent the best picture that it takes, whole; and is not sent what it does not."""

import io
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given, settings as hypothesis_settings, strategies as st
from PIL import Image

from jspm_social.platforms.names import Platform
from posts import film, films, renditions
from posts.imaging import clean
from posts.models import MediaFile, Rendition
from posts.payload import PayloadMedia
from posts.presenters.preview import previews
from posts.public_media import address_of, file_of
from posts.queries import channels_of, files_of, payloads_of
from posts.services import library, scheduling
from posts.services.fitness import unfit
from posts.services.outgoing import BytesChanged, request_for
from tests.people import People
from tests.posts.making import approved_post, draft, make_channel, submit
from tests.posts.test_library import RIGHTS, box, jpeg, media_root, mp4, upload

assert media_root  # a fixture: files go to a folder of the test's own


def plain(width: int, height: int, colour: str = "red") -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(written, "JPEG")
    return written.getvalue()


@pytest.mark.parametrize("shape", renditions.ALL, ids=lambda shape: shape.name)
@given(width=st.integers(1, 2500), height=st.integers(1, 2500))
@hypothesis_settings(max_examples=15, deadline=None)
def test_every_picture_fits_every_shape(shape: renditions.Shape, width: int, height: int) -> None:
    made = renditions.render(plain(width, height), shape)
    assert len(made.data) <= shape.most_bytes
    assert made.width <= shape.most_wide
    assert made.height <= shape.most_high
    if shape.ratios:
        least, most = shape.ratios
        rounding = 1 / made.height
        assert least - rounding <= made.width / made.height <= most + 2 * rounding


def test_what_is_full_of_noise_is_made_smaller_until_it_fits() -> None:
    noisy = clean(jpeg(3000, 2400)).data
    made = {shape.name: renditions.render(noisy, shape) for shape in renditions.ALL}
    assert len(made["bluesky"].data) <= 1_000_000
    assert len(made["preview"].data) <= 1_000_000
    assert len(made["large"].data) > 2_000_000  # better platforms get better pictures
    assert made["large"].width > made["threads"].width > made["preview"].width


@pytest.mark.parametrize(
    ("size", "where", "whole"),
    [((700, 1000), "左右", (800, 1000)), ((2000, 500), "上下", (1440, 754)), ((800, 800), "", (800, 800))],
)  # fmt: skip
def test_nothing_is_cut_off_on_instagram(
    size: tuple[int, int], where: str, whole: tuple[int, int]
) -> None:
    made = renditions.render(plain(*size), renditions.INSTAGRAM)
    assert (made.width, made.height) == pytest.approx(whole, abs=1)
    assert renditions.edges_added(*size, Platform.INSTAGRAM) == where
    assert renditions.edges_added(*size, Platform.X) == ""
    with Image.open(io.BytesIO(made.data)) as read:
        corner, middle = read.getpixel((1, 1)), read.getpixel((made.width // 2, made.height // 2))
    assert isinstance(corner, tuple)
    assert isinstance(middle, tuple)
    assert (min(corner) > 240) == bool(where)  # a white edge
    assert middle[0] > 200  # red
    assert middle[1] < 60


def test_the_payload_names_the_bytes_of_its_own_platform(people: People, policy: None) -> None:
    file = library.take_in(actor=people.admin, upload=upload(jpeg(2000, 1600)), rights=RIGHTS)
    assert Rendition.objects.filter(media=file).count() == len(renditions.ALL)
    channels = [make_channel(p) for p in (Platform.X, Platform.BLUESKY, Platform.LINE)]
    post = draft(people.admin, *channels, media=(file.pk,))
    found = {p.platform: p.media[0] for p in payloads_of(post).values()}
    by_shape = {one.shape: one.sha256 for one in file.renditions.all()}
    assert found["x"].sha256 == by_shape["large"] != found["bluesky"].sha256
    assert found["bluesky"].sha256 == by_shape["bluesky"]
    assert (found["line"].preview, found["x"].preview) == (by_shape["preview"], "")
    assert (
        submit(people.admin, post).payloads[str(channels[0].pk)]["media"][0]["sha256"]
        == (by_shape["large"])
    )


def test_what_is_sent_is_what_was_approved_and_nothing_else(people: People, policy: None) -> None:
    file = library.take_in(actor=people.admin, upload=upload(jpeg(1200, 1200)), rights=RIGHTS)
    channel = make_channel(Platform.BLUESKY)
    post = approved_post(people, channel, media=(file.pk,))
    times = {channel.pk: timezone.now()}
    (delivery,) = scheduling.schedule(actor=people.admin, post=post, times=times)
    request = request_for(delivery)
    made = file.renditions.get(shape="bluesky")
    assert request.media[0].open
    with request.media[0].open() as opened, made.file.storage.open(str(made.file.name)) as stored:
        assert opened.read() == stored.read()
    assert (request.media[0].width, request.media[0].sha256) == (made.width, made.sha256)
    token = request.media[0].public_url.rpartition("/")[2]
    assert getattr(file_of(token), "sha256", "") == made.sha256
    with made.file.storage.open(str(made.file.name), "wb") as stored:
        stored.write(plain(10, 10))
    with pytest.raises(BytesChanged):
        request_for(delivery)


def test_the_address_of_a_file_and_of_what_was_made_of_it_differ(
    people: People, policy: None
) -> None:
    file = library.take_in(actor=people.admin, upload=upload(jpeg(900, 900)), rights=RIGHTS)
    made = file.renditions.get(shape="threads")
    assert address_of(file) != address_of(file, made)
    found = file_of(address_of(file, made).rpartition("/")[2])
    assert getattr(found, "sha256", "") == made.sha256 != file.sha256


# --- films


def long_film(seconds: int) -> bytes:
    header = bytes(12) + (1000).to_bytes(4) + (seconds * 1000).to_bytes(4) + bytes(80)
    return box(b"ftyp", b"isom\0\0\0\0") + box(b"moov", box(b"mvhd", header)) + box(b"mdat", b"x")


@pytest.mark.parametrize("seconds", [0, 1, 140, 4000])
def test_a_film_says_how_long_it_is(seconds: int) -> None:
    data = long_film(seconds)
    assert film.seconds_of(io.BytesIO(data), len(data)) == seconds


def test_a_film_without_a_length_is_not_guessed() -> None:
    data = mp4()
    assert film.seconds_of(io.BytesIO(data), len(data)) == 0


@pytest.mark.parametrize(
    ("platform", "size", "seconds", "said"),
    [
        (Platform.X, 1_000, 140, ""),
        (Platform.X, 1_000, 141, "140秒まで"),
        (Platform.X, 513_000_000, 1, "512MBまで"),
        (Platform.THREADS, 1_000, 301, "300秒まで"),
        (Platform.INSTAGRAM, 301_000_000, 1, "300MBまで"),
        (Platform.BLUESKY, 301_000_000, 1, "300MBまで"),
        (Platform.MASTODON, 100_000_000, 1, "99MBまで"),
        (Platform.LINE, 1, 1, "LINEには動画を送れません"),
        (Platform.YOUTUBE, 500_000_000, 9_000, ""),
        (Platform.FACEBOOK, 500_000_000, 9_000, ""),
    ],
)
def test_a_film_that_a_platform_does_not_take_is_refused_in_plain_words(
    platform: Platform, size: int, seconds: int, said: str
) -> None:
    told = " ".join(films.film_problems(platform, size=size, seconds=seconds))
    assert (said in told) if said else told == ""


def test_a_film_too_long_for_x_cannot_be_put_up(people: People, policy: None) -> None:
    file = library.take_in(
        actor=people.admin, upload=upload(long_film(200), "f.mp4"), rights=RIGHTS
    )
    post = draft(people.admin, make_channel(), make_channel(Platform.YOUTUBE), media=(file.pk,))
    told = " ".join(unfit(post, payloads_of(post), post.edited_at))
    assert "140秒まで" in told
    assert "（200秒）" in told


# --- what readers lose


@pytest.mark.parametrize(
    ("platform", "kind", "lost"),
    [(p, "image", p == Platform.LINE) for p in Platform]
    + [(p, "video", p not in {Platform.X, Platform.BLUESKY, Platform.MASTODON}) for p in Platform],
)
def test_it_is_said_where_the_alternative_text_is_lost(
    platform: Platform, kind: str, lost: bool
) -> None:
    item = PayloadMedia(1, kind, "", "会場の写真")
    told = list(films.losses(platform, item, width=800, height=800))
    assert any("代替テキストが伝わりません" in one for one in told) is lost


def test_the_preview_says_what_is_lost_and_how_large_it_is_sent(
    people: People, policy: None
) -> None:
    file = library.take_in(
        actor=people.admin, upload=upload(jpeg(1000, 700, exif=False)), rights=RIGHTS
    )
    MediaFile.objects.filter(pk=file.pk).update(width=700, height=1000)
    channels = [make_channel(p) for p in (Platform.LINE, Platform.INSTAGRAM)]
    post = draft(people.admin, *channels, media=(file.pk,))
    looks: list[dict[str, Any]] = previews(
        post, payloads_of(post), channels_of(post), files_of(post), post.edited_at
    )
    told = {look["platform"]: " ".join(look["losses"]) for look in looks}
    assert "代替テキストが伝わりません" in told["LINE"]
    assert "左右に余白" in told["Instagram"]
    assert all("×" in look["media"][0]["size"] for look in looks)
