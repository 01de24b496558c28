from django.urls import path

from . import views
from .connecting.urls import urlpatterns as connecting

app_name = "platforms"

urlpatterns = [path("", views.channels, name="channels"), *connecting]
