"""The addresses of the portfolio's pages: the overview, and what is in the namespace `portfolio`."""

from django.urls import include, path

from portfolio.views import (
    bilag1,
    changes,
    dates,
    exports,
    history,
    imports,
    initiative,
    initiatives,
    lengths,
    overview,
    timeline,
)

initiative_urls = [
    path("", initiatives.initiative_list, name="initiative_list"),
    path("hent/<slug:kind>/", exports.initiative_export, name="initiative_export"),
    path("nyt/", initiative.initiative_create, name="initiative_create"),
    path("<initiative:number>/", initiative.initiative_detail, name="initiative_detail"),
    path("<initiative:number>/rediger/", initiative.initiative_edit, name="initiative_edit"),
    path("<initiative:number>/ansvarlige/", initiative.initiative_people, name="initiative_people"),
    path("<initiative:number>/datoer/", dates.initiative_dates, name="initiative_dates"),
    path("<initiative:number>/laengde/", lengths.initiative_length, name="initiative_length"),
    path(
        "<initiative:number>/laengde/pause/<int:pk>/annuller/",
        lengths.initiative_length_annul,
        name="initiative_length_annul",
    ),
    path("<initiative:number>/laengde/<slug:act>/", lengths.initiative_length_act, name="initiative_length_act"),
    path("<initiative:number>/status/", initiative.status_write, name="status_write"),
    path("<initiative:number>/historik/", history.initiative_history, name="initiative_history"),
]

import_urls = [
    path("", imports.import_list, name="import_list"),
    path("skabelon/", imports.import_template, name="import_template"),
    path("initiativer/", imports.import_present, name="import_present"),
    path("<int:pk>/", imports.import_detail, name="import_detail"),
    path("<int:pk>/bekraeft/", imports.import_confirm, name="import_confirm"),
    path("<int:pk>/kasser/", imports.import_discard, name="import_discard"),
    path("<int:pk>/tag-tilbage/", imports.import_take_back, name="import_take_back"),
]

portfolio_urls = [
    path("initiativer/", include(initiative_urls)),
    path("indlaesning/", include(import_urls)),
]

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("tidslinje/", timeline.timeline, name="timeline"),
    path("bilag-1/", bilag1.page, name="bilag1"),
    path("bilag-1/xlsx/", bilag1.xlsx, name="bilag1_xlsx"),
    path("bilag-1/pdf/", bilag1.pdf, name="bilag1_pdf"),
    path("aendringer/", changes.changes, name="changes"),
    path("aendringer/pdf/", changes.changes_pdf, name="changes_pdf"),
    path("", include((portfolio_urls, "portfolio"))),
]
