from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.roles import Capability
from posts.public_media import file_of


@require_safe
@require(Capability.READ_POSTS)
def index(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Say that posts are not written here yet."""
    return render(request, "posts/index.html")


@require_safe
def public_media(_: HttpRequest, token: str) -> FileResponse:
    """Hand a file to the platform that was given its signed address. Nobody logs in here."""
    file = file_of(token)
    if file is None:
        raise Http404
    response = FileResponse(file.file.open("rb"), content_type=file.mime)
    response["X-Content-Type-Options"] = "nosniff"
    return response
