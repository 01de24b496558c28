"""The addresses of the rule sets, for admins."""

from django.urls import path

from policy.views import criteria, lab, rules, trials

app_name = "rules"

urlpatterns = [
    path("", rules.index, name="index"),
    path("draft/", rules.draft, name="draft"),
    path("<int:number>/", rules.compare, name="compare"),
    path("<int:number>/shadow/", rules.shadow, name="shadow"),
    path("<int:number>/ask/", rules.ask, name="ask"),
    path("<int:number>/answer/", rules.answer, name="answer"),
    path("<int:number>/withdraw/", rules.withdraw, name="withdraw"),
    path("<int:number>/roll-back/", rules.roll_back, name="roll_back"),
    path("<int:number>/backtest/", trials.start, name="backtest"),
    path("alarms/<int:pk>/seen/", rules.alarm_seen, name="alarm_seen"),
    path("criteria/", criteria.index, name="criteria"),
    path("criteria/<str:criterion>/", criteria.edit, name="criterion"),
    path("lab/", lab.index, name="lab"),
    path("lab/add/", lab.add, name="add"),
    path("lab/<int:pk>/", lab.edit, name="rule"),
    path("lab/<int:pk>/remove/", lab.remove, name="remove"),
    path("lab/import/", lab.take_file, name="import"),
    path("lab/export/", lab.export, name="export"),
    path("lab/try/", lab.try_text, name="try"),
    path("trials/<int:pk>/", trials.show, name="trial"),
    path("trials/<int:pk>/cancel/", trials.cancel, name="cancel"),
]
