"""Handing a file to the platform that was given its signed address."""

from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

from posts.public_media import file_of


@require_safe
def public_media(_: HttpRequest, token: str) -> FileResponse:
    """Nobody logs in here: the signature in the address is the key."""
    file = file_of(token)
    if file is None:
        raise Http404
    response = FileResponse(file.file.open("rb"), content_type=file.mime)
    response["X-Content-Type-Options"] = "nosniff"
    return response
