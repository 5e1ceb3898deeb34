"""The addresses of the portfolio's pages: the overview, and what is in the namespace `portfolio`."""

from django.urls import include, path

from portfolio.views import bilag1, dates, exports, history, initiative, initiatives, overview, timeline

initiative_urls = [
    path("", initiatives.initiative_list, name="initiative_list"),
    path("hent/<slug:kind>/", exports.initiative_export, name="initiative_export"),
    path("nyt/", initiative.initiative_create, name="initiative_create"),
    path("<initiative:number>/", initiative.initiative_detail, name="initiative_detail"),
    path("<initiative:number>/rediger/", initiative.initiative_edit, name="initiative_edit"),
    path("<initiative:number>/ansvarlige/", initiative.initiative_people, name="initiative_people"),
    path("<initiative:number>/datoer/", dates.initiative_dates, name="initiative_dates"),
    path("<initiative:number>/status/", initiative.status_write, name="status_write"),
    path("<initiative:number>/historik/", history.initiative_history, name="initiative_history"),
]

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("tidslinje/", timeline.timeline, name="timeline"),
    path("bilag-1/", bilag1.page, name="bilag1"),
    path("bilag-1/xlsx/", bilag1.xlsx, name="bilag1_xlsx"),
    path("bilag-1/pdf/", bilag1.pdf, name="bilag1_pdf"),
    path("initiativer/", include((initiative_urls, "portfolio"))),
]
