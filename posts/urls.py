from django.urls import path

from posts import views

app_name = "posts"

urlpatterns = [
    path("", views.index, name="index"),
    path("media/<str:token>", views.public_media, name="public_media"),
]
