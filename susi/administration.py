"""The administration: Django's admin, open to administrators, where rights follow from the role alone.

The site takes the place of Django's own (`susi.apps.AdministrationConfig`); the apps build their pages from the classes
below. Initiatives, assessments and decisions are not here: they are changed by their own actions only.
"""

import hashlib
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from susi.danish import said
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


class NotOverwriting(forms.BaseModelForm):
    """A form that does not save over what somebody else has saved since the page was opened, without saying so.

    It sends back how each field was shown. Whoever is told of a change and saves again has seen it.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._now = {name: _checksum(self.initial.get(name)) for name in self.fields if name != "password"}
        self.fields["shown"] = forms.CharField(widget=forms.HiddenInput, required=False)
        self.initial["shown"] = urlencode(self._now)

    def clean(self) -> Any:
        shown = dict(parse_qsl(self.data.get("shown", "")))
        changed = [name for name in self._now if shown.get(name, self._now[name]) != self._now[name]]
        if changed:
            self.data: Any = self.data.copy()
            self.data["shown"] = self.initial["shown"]
            told = ", ".join(f"{self.fields[name].label} (nu: {self._told(name)})" for name in changed)
            self.add_error(
                None, f"Imens har nogen ændret {told}. Gem igen, hvis det skal være, som du har skrevet her nedenfor."
            )
        return super().clean()

    def _told(self, name: str) -> str:
        field, value = self.fields[name], self.initial.get(name)
        if isinstance(field, forms.ChoiceField) and not isinstance(value, list):
            value = dict(field.choices).get(value, value)  # type: ignore[arg-type]
        return said(value) or "tomt"


def _checksum(value: Any) -> str:
    """Return what tells a value of a field from another. Related rows have no order."""
    told = sorted(str(getattr(one, "pk", one)) for one in value) if isinstance(value, list) else value
    return hashlib.sha256(str(told).encode()).hexdigest()[:12]


class GrantedByRole:
    """Whoever may enter the administration may read, add and change there. Nothing is deleted."""

    admin_site: admin.AdminSite

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)  # type: ignore[misc]
        return type(form)(form.__name__, (NotOverwriting, form), {}) if obj else form

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
