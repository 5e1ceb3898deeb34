"""The addresses of the rulebook."""

from django.urls import path

from phases import views

app_name = "phases"
urlpatterns = [
    path("", views.rulebook, name="rulebook"),
    path("<code:number>/", views.edition, name="edition"),
]
