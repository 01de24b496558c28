from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.roles import Capability


@require_safe
@require(Capability.READ_POSTS)
def index(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Say that posts are not written here yet."""
    return render(request, "posts/index.html")
