"""Every address of the console."""

from django.urls import include, path
from django.views.generic import RedirectView

home = RedirectView.as_view(
    pattern_name="moderation:queue", http_method_names=["get", "head", "options"]
)

urlpatterns = [
    path("", home, name="home"),
    path("", include("moderation.urls")),
    path("posts/", include("posts.urls")),
    path("policy/versions/", include("policy.urls.versions")),
    path("policy/", include("policy.urls.public")),
    path("channels/", include("jspm_social.platforms.urls")),
    path("hooks/", include("jspm_social.platforms.webhooks.urls")),
    path("accounts/", include("jspm_social.accounts.urls")),
    path("settings/", include("jspm_social.committee.urls")),
    path("rules/", include("policy.urls.rules")),
    path("audit/", include("jspm_social.audit.urls")),
    path("help/", include("jspm_social.help.urls")),
]
