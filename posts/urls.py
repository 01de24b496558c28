"""The addresses of our own posts."""

from django.urls import path

from posts.views import (
    calendar,
    corrections,
    discussion,
    editor,
    library,
    listing,
    media,
    post,
    schedule,
    stop,
)

app_name = "posts"

urlpatterns = [
    path("", listing.index, name="index"),
    path("new/", listing.begin, name="begin"),
    path("stop/", stop.stop, name="stop"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/feed/", calendar.renew_feed, name="renew_feed"),
    path("calendar/<str:key>.ics", calendar.feed, name="feed"),
    path("<int:pk>/", post.show, name="post"),
    path("<int:pk>/edit/", editor.edit, name="edit"),
    path("<int:pk>/autosave/", editor.autosave, name="autosave"),
    path("<int:pk>/duplicate/", listing.duplicate, name="duplicate"),
    path("<int:pk>/revisions/<int:number>/", post.revision, name="revision"),
    path("<int:pk>/submit/", post.submit, name="submit"),
    path("<int:pk>/answer/", post.answer, name="answer"),
    path("<int:pk>/take-back/", post.take_back, name="take_back"),
    path("<int:pk>/take-up/", post.take_up, name="take_up"),
    path("<int:pk>/drop/", post.drop, name="drop"),
    path("<int:pk>/schedule/", schedule.schedule, name="schedule"),
    path("<int:pk>/unschedule/", schedule.unschedule, name="unschedule"),
    path("<int:pk>/remark/", discussion.remark, name="remark"),
    path("<int:pk>/suggest/", discussion.suggest, name="suggest"),
    path("remarks/<int:pk>/resolve/", discussion.resolve, name="resolve"),
    path("suggestions/<int:pk>/settle/", discussion.settle, name="settle"),
    path("deliveries/<int:pk>/", schedule.delivery, name="delivery"),
    path("corrections/", corrections.index, name="corrections"),
    path("corrections/<int:pk>/", corrections.show, name="correction"),
    path("corrections/<int:pk>/check/", corrections.check, name="correction_check"),
    path("corrections/<int:pk>/decide/", corrections.decide, name="correction_decide"),
    path("corrections/<int:pk>/answer/", corrections.answer, name="correction_answer"),
    path("corrections/public/", corrections.public, name="public_corrections"),
    path("<int:pk>/report/", corrections.report, name="report"),
    path("library/", library.media, name="library"),
    path("library/<int:pk>/", library.rights, name="rights"),
    path("library/<int:pk>/file", library.show_file, name="file"),
    path("events/", library.events, name="events"),
    path("events/<int:pk>/", library.event, name="event"),
    path("sources/", library.sources, name="sources"),
    path("<int:pk>/facts/", post.relate, name="relate"),
    path("media/<str:token>", media.public_media, name="public_media"),
]
