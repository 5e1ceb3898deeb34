"""The addresses of the work in a phase, each below its initiative."""

from django.urls import URLPattern, URLResolver, include, path

from work.views import deliverables, phase

deliverable_urls = [
    path("", deliverables.deliverable, name="deliverable"),
    path("ret/", deliverables.deliverable_edit, name="deliverable_edit"),
    path("udelad/", deliverables.deliverable_take_out, name="deliverable_take_out"),
    path("medtag/", deliverables.deliverable_take_in, name="deliverable_take_in"),
    path("ny-version/", deliverables.version_add, name="version_add"),
    path("version-<int:no>/fil/", deliverables.version_file, name="version_file"),
    path("version-<int:no>/annuller/", deliverables.version_annul, name="version_annul"),
]

initiative_urls: list[URLPattern | URLResolver] = [
    path("fasen/", phase.phase, name="phase"),
    path("leverancer/", deliverables.deliverables, name="deliverables"),
    path("leverancer/<int:run>/", deliverables.deliverables, name="deliverables_of"),
    path("leverancer/<int:run>/ny/", deliverables.deliverable_add, name="deliverable_add"),
    path("leverancer/<int:run>/<slug:code>/", include(deliverable_urls)),
]

work_urls = [
    path("initiativer/<initiative:number>/", include(initiative_urls)),
]

urlpatterns = [
    path("", include((work_urls, "work"))),
]
