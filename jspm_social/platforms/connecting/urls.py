from django.urls import path

from . import manage, views

urlpatterns = [
    path("connect/", views.choose_platform, name="connect"),
    path("connect/attempt/<int:attempt_id>/", views.attempt, name="connect_attempt"),
    path("connect/attempt/<int:attempt_id>/again/", views.again, name="connect_again"),
    path("connect/attempt/<int:attempt_id>/choose/", views.choose, name="connect_choose"),
    path("connect/back/<slug:platform>/", views.callback, name="connect_callback"),
    path("connect/<slug:platform>/", views.connect, name="connect_form"),
    path("<int:channel_id>/connect/", views.reconnect, name="reconnect"),
    path("<int:channel_id>/connection/", manage.connection, name="connection"),
    path("<int:channel_id>/test/", manage.test, name="test"),
    path("<int:channel_id>/pause/", manage.pause, name="pause"),
    path("<int:channel_id>/resume/", manage.resume, name="resume"),
    path("<int:channel_id>/disconnect/", manage.disconnect, name="disconnect"),
]
