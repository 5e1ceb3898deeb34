"""The addresses of the portfolio's pages: the overview, and what is in the namespace `portfolio`."""

from django.urls import include, path

from portfolio.views import history, initiative, initiatives, overview, timeline

initiative_urls = [
    path("", initiatives.initiative_list, name="initiative_list"),
    path("nyt/", initiative.initiative_create, name="initiative_create"),
    path("<initiative:number>/", initiative.initiative_detail, name="initiative_detail"),
    path("<initiative:number>/rediger/", initiative.initiative_edit, name="initiative_edit"),
    path("<initiative:number>/ansvarlige/", initiative.initiative_people, name="initiative_people"),
    path("<initiative:number>/status/", initiative.status_write, name="status_write"),
    path("<initiative:number>/historik/", history.initiative_history, name="initiative_history"),
]

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("tidslinje/", timeline.timeline, name="timeline"),
    path("initiativer/", include((initiative_urls, "portfolio"))),
]
