from django.urls import path

from . import views

app_name = "webhooks"

urlpatterns = [
    path("x/<str:token>/", views.x, name="x"),
    path("line/<str:token>/", views.line, name="line"),
    path("<slug:platform>/<str:token>/", views.meta, name="meta"),
]
