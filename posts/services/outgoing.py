"""From a delivery to what its platform's publisher is handed. The bytes are proven here."""

import hashlib
from datetime import timedelta
from typing import BinaryIO, cast

from jspm_social.platforms.publishing import Card, Media, MediaKind, Poll, PublishRequest
from posts.models import Delivery, MediaFile, Rendition
from posts.payload import Payload, PayloadMedia
from posts.public_media import address_of

CHUNK = 1024 * 1024


class BytesChanged(Exception):
    """A file does not hold the bytes that were approved."""


def request_for(delivery: Delivery) -> PublishRequest:
    """Return exactly what was approved, as the publishers take it.

    Raises BytesChanged when a media file is not what its approved digest says.
    """
    payload = Payload.from_json(delivery.payload)
    wanted = [item.id for item in payload.media]
    files = MediaFile.objects.prefetch_related("renditions").in_bulk(wanted)
    return PublishRequest(
        key=str(delivery.key),
        text=payload.text,
        title=payload.title,
        card=Card(payload.card) if payload.card else None,
        media=tuple(_media(item, files.get(item.id)) for item in payload.media),
        poll=Poll(tuple(payload.poll["options"]), timedelta(minutes=payload.poll["minutes"]))
        if payload.poll
        else None,
    )


def _media(item: PayloadMedia, file: MediaFile | None) -> Media:
    if file is None:
        raise BytesChanged
    stored = _proven(file, item.sha256)
    preview = _proven(file, item.preview) if item.preview else stored
    return Media(
        kind=MediaKind(item.kind),
        mime=stored.mime,
        size=stored.size,
        sha256=item.sha256,
        alt=item.alt,
        width=stored.width,
        height=stored.height,
        public_url=address_of(file, stored),
        preview_url=address_of(file, preview),
        open=lambda: _open(stored),
    )


def _proven(file: MediaFile, sha256: str) -> MediaFile | Rendition:
    stored = file.stored_as(sha256)
    if stored is None or digest_of(stored) != sha256:
        raise BytesChanged
    return stored


def digest_of(file: MediaFile | Rendition) -> str:
    """Read the stored bytes and return their SHA-256; '' when they are gone."""
    try:
        with _open(file) as stream:
            found = hashlib.sha256()
            while chunk := stream.read(CHUNK):
                found.update(chunk)
            return found.hexdigest()
    except OSError:
        return ""


def _open(file: MediaFile | Rendition) -> BinaryIO:
    return cast("BinaryIO", file.file.storage.open(str(file.file.name), "rb"))
