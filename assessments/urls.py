"""The addresses of SUSI-vurderinger and decisions, below those of the initiative; and what is asked across them."""

from django.urls import include, path

from assessments.views import (
    coming,
    decisions,
    deviations,
    documents,
    gate,
    outside,
    review,
    statistics,
    target,
    verification,
)

_ASSESSMENT = "<initiative:number>/vurderinger/<int:no>"
assessment_urls = [
    path("<initiative:number>/vurderinger/ny/", target.start, name="start"),
    path(f"{_ASSESSMENT}/", review.detail, name="detail"),
    path(f"{_ASSESSMENT}/kriterier/", gate.gate, name="gate"),
    path(f"{_ASSESSMENT}/kriterier/<code:code>/", gate.criterion, name="criterion"),
    path(f"{_ASSESSMENT}/betingelser/", gate.entry, name="entry"),
    path(f"{_ASSESSMENT}/tidligere-fravigelser/", gate.former, name="former"),
    path(f"{_ASSESSMENT}/konklusion/", gate.conclusion, name="conclusion"),
    path(f"{_ASSESSMENT}/faseovergang/", target.target, name="target"),
    path(f"{_ASSESSMENT}/indsend/", review.submit, name="submit"),
    path(f"{_ASSESSMENT}/traek-tilbage/", review.withdraw, name="withdraw"),
    path(f"{_ASSESSMENT}/godkend/", review.approve, name="approve"),
    path(f"{_ASSESSMENT}/send-tilbage/", review.send_back, name="send_back"),
    path(f"{_ASSESSMENT}/ret/", review.correct, name="correct"),
    path(f"{_ASSESSMENT}/annuller/", review.annul, name="annul"),
    path(f"{_ASSESSMENT}/pdf/", documents.pdf, name="pdf"),
    path(f"{_ASSESSMENT}/forskelle/", documents.differences, name="differences"),
    path("<initiative:number>/beslutninger/ny/", decisions.decision_create, name="decision_create"),
    path("<initiative:number>/uden-for-strategien/", outside.outside_proposal, name="outside_proposal"),
    path("<initiative:number>/beslutninger/<int:no>/", decisions.decision_detail, name="decision_detail"),
    path("<initiative:number>/beslutninger/<int:no>/omgoer/", decisions.decision_reverse, name="decision_reverse"),
]

outside_urls = [
    path("", outside.outside_register, name="registers_outside"),
    path("hent/<slug:kind>/", outside.outside_export, name="registers_outside_export"),
    path("nyt/", outside.outside_create, name="registers_outside_create"),
    path("<int:pk>/annuller/", outside.outside_annul, name="registers_outside_annul"),
]

coming_urls = [
    path("", coming.coming_agreements, name="registers_coming"),
    path("<int:pk>/", coming.coming_agreement, name="registers_coming_agreement"),
    path("<int:pk>/afgoer/", coming.coming_settle, name="registers_coming_settle"),
    path("<int:pk>/hent/<slug:kind>/", coming.coming_export, name="registers_coming_export"),
    path("<int:pk>/<initiative:number>/", coming.coming_amount, name="registers_coming_amount"),
]

urlpatterns = [
    path("uden-for-strategien/", include(outside_urls)),
    path("kommende-aftale/", include(coming_urls)),
    path("fravigelser/", deviations.deviation_register, name="registers_deviations"),
    path("fravigelser/hent/<slug:kind>/", deviations.deviation_export, name="registers_deviations_export"),
    path("fravigelser/<int:pk>/", deviations.deviation_detail, name="registers_deviation"),
    path("statistik/", statistics.statistics, name="statistics"),
    path("kontrol/", verification.verify, name="verification"),
    path("initiativer/", include((assessment_urls, "assessments"))),
]
