"""What initiatives are funded under and whom they are for. The initiatives themselves have their own pages and acts."""

from collections.abc import Sequence

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from portfolio.models import Agreement, Programme, TargetGroup
from susi.administration import ModelAdmin
from susi.dates import FIRST_YEAR, LAST_YEAR
from susi.forms import ModelForm


class KeyedAdmin(ModelAdmin):
    """The key is what a source's rows are recognised by: chosen once, never changed."""

    search_fields = ["name"]

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> list[str]:
        return ["key"] if obj else []

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> dict[str, Sequence[str]]:
        return {} if obj else {"key": ["name"]}


class ProgrammeForm(ModelForm):
    since = forms.IntegerField(label="Siden (år)", required=False, min_value=FIRST_YEAR, max_value=LAST_YEAR)


@admin.register(Programme)
class ProgrammeAdmin(KeyedAdmin):
    form = ProgrammeForm
    fields = ["name", "key", "full_name", "since", "source"]
    list_display = ["name", "full_name", "since"]


@admin.register(Agreement)
class AgreementAdmin(ModelAdmin):
    fields = ["programme", "year", "source"]
    list_display = ["agreement", "programme", "source"]
    list_filter = ["programme"]
    list_select_related = ["programme"]
    ordering = ["programme", "-year"]
    search_fields = ["year", "programme__name"]

    @admin.display(description="aftale", ordering="year")
    def agreement(self, agreement: Agreement) -> str:
        return agreement.short_name


@admin.register(TargetGroup)
class TargetGroupAdmin(KeyedAdmin):
    fields = ["name", "key"]
    list_display = ["name"]
