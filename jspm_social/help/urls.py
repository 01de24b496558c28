"""The addresses of the help."""

from django.urls import path

from . import views

app_name = "help"

urlpatterns = [
    path("", views.index, name="index"),
    path("all/", views.book, name="book"),
    path("contacts/", views.contacts, name="contacts"),
    path("tour/", views.tour, name="tour"),
    path("<slug:slug>/", views.topic, name="topic"),
]
