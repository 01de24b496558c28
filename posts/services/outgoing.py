"""From a delivery to what its platform's publisher is handed. The bytes are proven here."""

import hashlib
from datetime import timedelta
from typing import BinaryIO, cast

from jspm_social.platforms.publishing import Card, Media, MediaKind, Poll, PublishRequest
from posts.models import Delivery, MediaFile
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
    files = MediaFile.objects.in_bulk([item.id for item in payload.media])
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
    if file is None or digest_of(file) != item.sha256:
        raise BytesChanged
    address = address_of(file)
    return Media(
        kind=MediaKind(item.kind),
        mime=file.mime,
        size=file.size,
        sha256=item.sha256,
        alt=item.alt,
        width=file.width,
        height=file.height,
        public_url=address,
        preview_url=address,
        open=lambda: _open(file),
    )


def digest_of(file: MediaFile) -> str:
    """Read the stored bytes and return their SHA-256; '' when they are gone."""
    try:
        with _open(file) as stream:
            found = hashlib.sha256()
            while chunk := stream.read(CHUNK):
                found.update(chunk)
            return found.hexdigest()
    except OSError:
        return ""


def _open(file: MediaFile) -> BinaryIO:
    return cast("BinaryIO", file.file.storage.open(str(file.file.name), "rb"))
