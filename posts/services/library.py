"""The media library: taking files in, cleaned, and keeping book of whose they are (§6)."""

import hashlib
import tempfile
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, BinaryIO

from django.core.files.base import ContentFile, File
from django.core.files.uploadedfile import UploadedFile
from django.utils.crypto import get_random_string

from jspm_social.accounts.models import User
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from posts import film, imaging, renditions
from posts.errors import Refused
from posts.models import MediaFile, Rendition

MOST_IMAGE_BYTES = 30_000_000
RIGHTS = (
    "name",
    "alt",
    "holder",
    "licence",
    "credit",
    "consent",
    "no_reprint",
    "platforms",
    "expires_on",
)
CHUNK = 1024 * 1024


def take_in(*, actor: User, upload: "UploadedFile[Any]", rights: Mapping[str, Any]) -> MediaFile:
    """Clean an uploaded picture or film and store it with its rights.

    What it is decides its content, not its name. Raises Refused with the reason.
    """
    if film_like(upload):
        return _take_film(actor, upload, rights)
    if (upload.size or 0) > MOST_IMAGE_BYTES:
        raise Refused("画像は30MBまでです。")
    try:
        picture = imaging.clean(upload.read())
    except imaging.NotAPicture as error:
        raise Refused(str(error)) from error
    made = {shape.name: renditions.render(picture.data, shape) for shape in renditions.ALL}
    facts = {"kind": MediaFile.Kind.IMAGE, **_facts(picture), **rights}
    return _store(actor, _as_file(picture), facts, made)


@one_write()
def change_rights(*, actor: User, file: MediaFile, rights: Mapping[str, Any]) -> None:
    """Change what is known about a file. A changed credit or alternative text is not what was
    approved: posts that use it and are not yet scheduled show the new one and are voted on anew.
    """
    for name in RIGHTS:
        if name in rights:
            setattr(file, name, rights[name])
    file.save(update_fields=[name for name in RIGHTS if name in rights])
    record(actor=actor, verb=Verb.MEDIA_CHANGED, target=file, details={"consent": file.consent})


def film_like(upload: "UploadedFile[Any]") -> bool:
    upload.seek(0)
    head = upload.read(8)
    upload.seek(0)
    return bool(head[4:8] == b"ftyp")


def _take_film(actor: User, upload: "UploadedFile[Any]", rights: Mapping[str, Any]) -> MediaFile:
    with tempfile.TemporaryFile() as copy:
        for chunk in upload.chunks():
            copy.write(chunk)
        size = copy.tell()
        try:
            film.check(copy, size)
            film.strip_notes(copy, size)
        except film.NotAFilm as error:
            raise Refused(str(error)) from error
        facts = {
            "kind": MediaFile.Kind.VIDEO,
            "mime": "video/mp4",
            "size": size,
            "sha256": _digest(copy),
            "seconds": film.seconds_of(copy, size),
            **rights,
        }
        copy.seek(0)
        return _store(actor, File(copy, name=f"{get_random_string(24)}.mp4"), facts)


def _facts(picture: imaging.Picture) -> dict[str, Any]:
    return {
        "mime": "image/jpeg",
        "size": len(picture.data),
        "sha256": picture.sha256,
        "width": picture.width,
        "height": picture.height,
    }


def _as_file(picture: imaging.Picture) -> "File[Any]":
    return ContentFile(picture.data, name=f"{get_random_string(24)}.jpg")


@one_write()
def _store(
    actor: User,
    stored: "File[Any]",
    facts: Mapping[str, Any],
    made: Mapping[str, imaging.Picture] = MappingProxyType({}),
) -> MediaFile:
    file = MediaFile(uploaded_by=actor, file=stored, **facts)
    file.save(force_insert=True)
    for shape, picture in made.items():
        Rendition.objects.create(media=file, shape=shape, file=_as_file(picture), **_facts(picture))
    record(
        actor=actor,
        verb=Verb.MEDIA_ADDED,
        target=file,
        details={"kind": file.kind, "sha256": file.sha256, "size": file.size},
    )
    return file


def _digest(stream: BinaryIO) -> str:
    stream.seek(0)
    found = hashlib.sha256()
    while chunk := stream.read(CHUNK):
        found.update(chunk)
    return found.hexdigest()
