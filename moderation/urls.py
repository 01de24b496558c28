from django.urls import path

from moderation.views import (
    attention,
    case,
    comments,
    labelling,
    performance,
    queue,
    remote,
    switch,
)

app_name = "moderation"

urlpatterns = [
    path("queue/", queue.queue, name="queue"),
    path("queue/news/", queue.news, name="queue_news"),
    path("second/", queue.second, name="second"),
    path("undo/", queue.undo_bar, name="undo_bar"),
    path("cases/<int:pk>/", case.case, name="case"),
    path("cases/<int:pk>/status/", case.status, name="case_status"),
    path("cases/<int:pk>/decide/", case.decide, name="decide"),
    path("decisions/<int:pk>/undo/", case.undo, name="undo"),
    path("decisions/<int:pk>/confirm/", case.confirm, name="confirm"),
    path("comments/", comments.comments, name="comments"),
    path("comments/<int:pk>/", comments.comment, name="comment"),
    path("comments/<int:pk>/flag/", comments.flag, name="flag"),
    path("comments/<int:pk>/reconsider/", comments.reconsider, name="reconsider"),
    path("attention/", attention.attention, name="attention"),
    path("actions/<int:pk>/<slug:verb>/", attention.action, name="action"),
    path("tasks/<int:pk>/<slug:verb>/", attention.task, name="task"),
    path("performance/", performance.performance, name="performance"),
    path("labels/<slug:purpose>/", labelling.labels, name="labels"),
    path("specimens/<int:pk>/label/", labelling.give, name="give_label"),
    path("labels/<int:pk>/withdraw/", labelling.withdraw, name="withdraw_label"),
    path("remote/", remote.remote, name="remote"),
    path("switch/", switch.switch, name="switch"),
]
