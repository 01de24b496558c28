from django.contrib.auth.views import LogoutView
from django.urls import path
from django.views.decorators.http import require_http_methods

from jspm_social.accounts.views import invitations, people, reviews, session

app_name = "accounts"

form_methods = require_http_methods(["GET", "HEAD", "POST"])

urlpatterns = [
    path("login/", form_methods(session.LoginView.as_view()), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("password/", form_methods(session.PasswordView.as_view()), name="password_change"),
    path("me/", session.me, name="me"),
    path("me/leave/", people.my_leave, name="my_leave"),
    path("leaves/<int:pk>/end/", people.end_leave, name="end_leave"),
    path("invitation/", invitations.accept, name="accept"),
    path("invitation/<str:key>/", invitations.link, name="invitation_link"),
    path("people/", people.people, name="people"),
    path("people/invite/", invitations.invite, name="invite"),
    path("people/invitations/<int:pk>/", invitations.invitation, name="invitation"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/roles/", people.roles, name="roles"),
    path("people/<int:pk>/details/", people.details, name="details"),
    path("people/<int:pk>/leave/", people.leave, name="leave"),
    path("people/<int:pk>/deactivate/", people.deactivate, name="deactivate"),
    path("people/<int:pk>/reactivate/", people.reactivate, name="reactivate"),
    path("reviews/", reviews.reviews, name="reviews"),
    path("reviews/<int:pk>/", reviews.review, name="review"),
]
