"""The addresses of one's own work, and of the case file below its initiative."""

from django.urls import URLPattern, URLResolver, include, path

from desk.views import case_file, leaving, my_work, reminders, stand_ins

case_file_urls = [
    path("", case_file.case_file, name="case_file"),
    path("<int:pk>/", case_file.case_file_detail, name="case_file_detail"),
    path("<int:pk>/videre/", case_file.case_file_step, name="case_file_step"),
    path("<int:pk>/hent/", case_file.case_file_fetch, name="case_file_fetch"),
    path("undtag/<slug:kind>/<code:key>/", case_file.exempt, name="exempt"),
    path("undtagelser/<int:pk>/ophaev/", case_file.exemption_lift, name="exemption_lift"),
]

desk_urls: list[URLPattern | URLResolver] = [
    path("mit-arbejde/", my_work.my_work, name="my_work"),
    path("mit-arbejde/paamindelser/", reminders.reminders, name="reminders"),
    path("mit-arbejde/stedfortraedere/", stand_ins.stand_ins, name="stand_ins"),
    path("mit-arbejde/stedfortraedere/<int:pk>/ophaev/", stand_ins.stand_in_end, name="stand_in_end"),
    path("brugere/<int:pk>/fratraadt/", leaving.register_left, name="register_left"),
    path("initiativer/<initiative:number>/akter/", include(case_file_urls)),
]

urlpatterns = [
    path("", include((desk_urls, "desk"))),
]
