"""The addresses of the work in a phase, each below its initiative."""

from django.urls import include, path

from work.views import phase

initiative_urls = [
    path("fasen/", phase.phase, name="phase"),
]

work_urls = [
    path("initiativer/<initiative:number>/", include(initiative_urls)),
]

urlpatterns = [
    path("", include((work_urls, "work"))),
]
