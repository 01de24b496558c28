"""The addresses about the policy that everybody may open."""

from django.urls import path

from policy.views import public

app_name = "public"

urlpatterns = [
    path("", public.policy, name="policy"),
    path("v<int:number>/", public.version, name="version"),
    path("v<int:number>/changes/", public.changes, name="changes"),
    path("grounds/", public.grounds, name="grounds"),
    path("transparency/", public.numbers, name="transparency"),
    path("feed/", public.feed, name="feed"),
]
