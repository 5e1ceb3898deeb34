"""The addresses of SUSI-vurderinger and decisions, below those of the initiative; and what is asked across them."""

from django.urls import include, path

from assessments.views import decisions, documents, gate, review, statistics, target, verification

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
    path("<initiative:number>/beslutninger/<int:no>/", decisions.decision_detail, name="decision_detail"),
    path("<initiative:number>/beslutninger/<int:no>/omgoer/", decisions.decision_reverse, name="decision_reverse"),
]

urlpatterns = [
    path("statistik/", statistics.statistics, name="statistics"),
    path("kontrol/", verification.verify, name="verification"),
    path("initiativer/", include((assessment_urls, "assessments"))),
]
