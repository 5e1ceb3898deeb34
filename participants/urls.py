"""The addresses of those who take part: below each initiative, and across the portfolio."""

from django.urls import URLPattern, URLResolver, include, path

from participants.views import entries, initiative, organisations, portfolio

initiative_urls = [
    path("", initiative.of_initiative, name="of_initiative"),
    path("kort/", initiative.map_of_initiative, name="of_initiative_map"),
    path("pulje/<int:pk>/udvalgte/", initiative.call_take_in, name="call_take_in"),
    path("<slug:slug>/ny/", entries.entry_create, name="entry_create"),
    path("<slug:slug>/<int:pk>/", entries.entry_edit, name="entry_edit"),
    path("<slug:slug>/<int:pk>/annuller/", entries.entry_annul, name="entry_annul"),
]

organisation_urls = [
    path("", organisations.organisation_list, name="organisation_list"),
    path("ny/", organisations.organisation_create, name="organisation_create"),
    path("<int:pk>/", organisations.organisation, name="organisation"),
    path("<int:pk>/ret/", organisations.organisation_edit, name="organisation_edit"),
]

participants_urls: list[URLPattern | URLResolver] = [
    path("initiativer/<initiative:number>/deltagere/", include(initiative_urls)),
    path("deltagere/", portfolio.load_table, name="load"),
    path("deltagere/kort/", portfolio.load_map, name="map"),
    path("deltagere/organisationer/", include(organisation_urls)),
]

urlpatterns = [
    path("", include((participants_urls, "participants"))),
]
