"""The addresses of the policy's versions, for the committee."""

from django.urls import path

from policy.views import approval, editing, versions

app_name = "versions"

urlpatterns = [
    path("", versions.index, name="index"),
    path("new/", versions.begin, name="begin"),
    path("<int:pk>/", versions.show, name="version"),
    path("<int:pk>/comparison/", versions.compare, name="comparison"),
    path("<int:pk>/text.docx", versions.text_file, name="text_file"),
    path("<int:pk>/comparison.docx", versions.comparison_file, name="comparison_file"),
    path("<int:pk>/about/", editing.describe, name="describe"),
    path("<int:pk>/clauses/<slug:anchor>/", editing.clause, name="clause"),
    path("<int:pk>/clauses/<slug:anchor>/autosave/", editing.autosave, name="autosave"),
    path("<int:pk>/clauses/<slug:anchor>/add/", editing.add, name="add"),
    path("<int:pk>/clauses/<slug:anchor>/move/", editing.move, name="move"),
    path("<int:pk>/clauses/<slug:anchor>/remove/", editing.remove, name="remove"),
    path("<int:pk>/submit/", approval.submit, name="submit"),
    path("<int:pk>/answer/", approval.answer, name="answer"),
    path("<int:pk>/take-back/", approval.take_back, name="take_back"),
    path("<int:pk>/drop/", versions.drop, name="drop"),
]
