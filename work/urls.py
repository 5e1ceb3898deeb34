"""The addresses of the work in a phase, each below its initiative, and of the registers across them."""

from django.urls import URLPattern, URLResolver, include, path

from work.views import involvement, knowledge, phase, register, track_choice

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
