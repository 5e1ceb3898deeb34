"""The administration: Django's admin, open to administrators, where rights follow from the role alone.

The site takes the place of Django's own (`susi.apps.AdministrationConfig`); the apps build their pages from the classes
below. Initiatives, assessments and decisions are not here: they are changed by their own actions only.
"""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from susi.errors import NotAllowed
from susi.forms import ModelForm


class AdministrationSite(admin.AdminSite):
    site_title = settings.PRODUCT_NAME
    site_header = f"{settings.PRODUCT_NAME} – administration"
    index_title = "Administration"

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the person is an administrator (or a superuser, who set the system up)."""
        return request.user.is_authenticated and request.user.may_administer

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send to the one log-in of the system. Raises `NotAllowed` for a person who is logged in without the role."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise NotAllowed("Kun administratorer har adgang til administrationen.")
        return redirect_to_login(request.GET.get("next", request.path))


class GrantedByRole:
    """Whoever may enter the administration may read, add and change there. Nothing is deleted."""

    admin_site: admin.AdminSite

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.admin_site.has_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.admin_site.has_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class ModelAdmin(GrantedByRole, admin.ModelAdmin):
    form = ModelForm
    actions = None


class StackedInline(GrantedByRole, admin.StackedInline):
    form = ModelForm
    extra = 0
