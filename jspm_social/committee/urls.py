from django.urls import path

from jspm_social.committee import views

app_name = "committee"

urlpatterns = [
    path("", views.index, name="settings"),
    path("<slug:name>/", views.setting, name="setting"),
    path("proposals/<int:pk>/", views.answer, name="answer"),
]
