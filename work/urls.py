"""The addresses of the work in a phase, each below its initiative, and of the registers across them."""

from django.urls import URLPattern, URLResolver, include, path

from work.views import deliverables, involvement, knowledge, phase, register, track_choice

deliverable_urls = [
    path("", deliverables.deliverable, name="deliverable"),
    path("ret/", deliverables.deliverable_edit, name="deliverable_edit"),
    path("udelad/", deliverables.deliverable_take_out, name="deliverable_take_out"),
    path("medtag/", deliverables.deliverable_take_in, name="deliverable_take_in"),
    path("ny-version/", deliverables.version_add, name="version_add"),
    path("version-<int:no>/fil/", deliverables.version_file, name="version_file"),
    path("version-<int:no>/annuller/", deliverables.version_annul, name="version_annul"),
]

involvement_urls = [
    path("", involvement.involvement, name="involvement"),
    path("<int:sequence>/strategi/", involvement.strategy, name="involvement_strategy"),
    path("<int:sequence>/log/", involvement.log, name="involvement_log"),
    path("log/<int:pk>/annuller/", involvement.annul, name="involvement_annul"),
]

knowledge_urls = [
    path("", knowledge.knowledge, name="knowledge"),
    path("<int:sequence>/svar/", knowledge.fast_track, name="fast_track"),
    path("<int:sequence>/nyt/", knowledge.product_create, name="product_create"),
    path("produkter/<int:pk>/", knowledge.product_edit, name="product_edit"),
    path("produkter/<int:pk>/annuller/", knowledge.product_annul, name="product_annul"),
]

initiative_urls: list[URLPattern | URLResolver] = [
    path("fasen/", phase.phase, name="phase"),
    path("leverancer/", deliverables.deliverables, name="deliverables"),
    path("leverancer/<int:run>/", deliverables.deliverables, name="deliverables_of"),
    path("leverancer/<int:run>/ny/", deliverables.deliverable_add, name="deliverable_add"),
    path("leverancer/<int:run>/<slug:code>/", include(deliverable_urls)),
    path("brugerinddragelse/", include(involvement_urls)),
    path("formidling/", include(knowledge_urls)),
    path("sporvalg/", track_choice.track_choice, name="track_choice"),
    path("sporvalg/ret/", track_choice.track_choice_edit, name="track_choice_edit"),
    path("veje-videre/", track_choice.weighing, name="weighing"),
    path("veje-videre/ret/", track_choice.weighing_edit, name="weighing_edit"),
]

work_urls: list[URLPattern | URLResolver] = [
    path("initiativer/<initiative:number>/", include(initiative_urls)),
]

urlpatterns = [
    path("", include((work_urls, "work"))),
    path("formidling/", register.knowledge_register, name="registers_knowledge"),
    path("formidling/csv/", register.knowledge_csv, name="registers_knowledge_csv"),
]
