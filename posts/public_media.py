"""The address at which a platform can fetch a file by itself (Instagram, Threads, LINE ask so).

Signed and short-lived: nobody finds a file that was not handed out, and an address that leaked
stops working.
"""

from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.urls import reverse

from posts.models import MediaFile, Rendition

VALID = timedelta(days=2)  # longer than any platform takes to fetch
_signer = TimestampSigner(salt="posts.public_media")


def address_of(file: MediaFile, stored: MediaFile | Rendition | None = None) -> str:
    """Return a public https address, good for two days, of a file's bytes or of those that were
    made of it (`stored`).
    """
    token = _signer.sign(f"{file.pk}-{(stored or file).sha256}")
    return f"{settings.SITE_URL}{reverse('posts:public_media', args=[token])}"


def file_of(token: str) -> MediaFile | Rendition | None:
    """Return the bytes that a token names; None for a forged or an old one."""
    try:
        named, _, digest = _signer.unsign(token, max_age=VALID).partition("-")
    except BadSignature:
        return None
    file = MediaFile.objects.filter(pk=named).prefetch_related("renditions").first()
    return file.stored_as(digest) if file else None
