from django.urls import path

from . import views
from .connecting.urls import urlpatterns as connecting

app_name = "platforms"

urlpatterns = [
    path("", views.channels, name="channels"),
    path("<int:pk>/", views.channel, name="channel"),
    path("<int:pk>/ceiling/", views.ceiling, name="ceiling"),
    *connecting,
]
