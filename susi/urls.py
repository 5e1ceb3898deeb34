"""Every address of the system starts here; each app lists its own."""

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import include, path, register_converter

from susi import access_views, oidc_views
from susi.converters import Code, InitiativeNumber
from susi.health import healthz, readyz
from susi.views import (
    ForgottenSentView,
    ForgottenView,
    LoginView,
    PasswordChangeView,
    ResetView,
    handbook,
    handbook_topic,
    handbook_whole,
    registers,
    was,
)

register_converter(InitiativeNumber, "initiative")
register_converter(Code, "code")

handler404 = "susi.views.not_found"
urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("was", was, name="was"),
    path("log-ind/", LoginView.as_view(), name="login"),
    path("log-ind/agentur/", oidc_views.begin, name="oidc_authentication_init"),
    path("log-ind/agentur/svar/", oidc_views.callback, name="oidc_authentication_callback"),
    path("log-ud/", LogoutView.as_view(), name="logout"),
    path("adgangskode/", PasswordChangeView.as_view(), name="password_change"),
    path("glemt-adgangskode/", ForgottenView.as_view(), name="password_reset"),
    path("glemt-adgangskode/sendt/", ForgottenSentView.as_view(), name="password_reset_done"),
    path("glemt-adgangskode/<uidb64>/<token>/", ResetView.as_view(), name="password_reset_confirm"),
    path("", include("portfolio.urls")),
    path("", include("participants.urls")),
    path("", include("work.urls")),
    path("", include("assessments.urls")),
    path("", include("desk.urls")),
    path("registre/", registers, name="registers"),
    path("hjaelp/", handbook, name="handbook"),
    path("hjaelp/samlet/", handbook_whole, name="handbook_whole"),
    path("hjaelp/<slug:slug>/", handbook_topic, name="handbook_topic"),
    path("registre/adgang/", access_views.register, name="registers_access"),
    path("registre/adgang/csv/", access_views.register_csv, name="registers_access_csv"),
    path("regelsaet/", include("phases.urls")),
    path("administration/", admin.site.urls),
]
