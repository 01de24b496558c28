"""Who may open a page."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeAlias, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Capability

P = ParamSpec("P")


class AuthenticatedHttpRequest(HttpRequest):
    """The request inside a view behind `require` or `signed_in`: there is a person."""

    user: User
    htmx: HtmxDetails


View: TypeAlias = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
PersonalView: TypeAlias = Callable[Concatenate[AuthenticatedHttpRequest, P], HttpResponseBase]


def signed_in(view: PersonalView[P]) -> View[P]:
    """Anybody who is logged in; others go to the log-in page and come back afterwards."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _to_login(request)
        return view(cast("AuthenticatedHttpRequest", request), *args, **kwargs)

    return guarded


def require(capability: Capability) -> Callable[[PersonalView[P]], View[P]]:
    """Only people whose roles allow `capability`; other people who are logged in get a 403."""

    def decorate(view: PersonalView[P]) -> View[P]:
        @signed_in
        @wraps(view)
        def guarded(
            request: AuthenticatedHttpRequest, /, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            if not request.user.can(capability):
                raise PermissionDenied(capability)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def _to_login(request: HttpRequest) -> HttpResponseBase:
    """Only a page that was being read is worth coming back to. After a session's end a fragment
    must not be replaced by the log-in page: the browser as a whole goes there.
    """
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]  # set by HtmxMiddleware
    if htmx:
        login = redirect_to_login(htmx.current_url_abs_path or "/")
        return HttpResponseClientRedirect(login.url)
    return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
