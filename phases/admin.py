"""The rulebook in the administration: an edition is drafted, also as a copy, published and from then on only read."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminForm
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html_join

from phases.editions import copy_edition, missing_before_publication, publish
from phases.forms import CopyForm, DeliverableForm, EditionForm, PhaseForm, TrackForm
from phases.models import (
    Criterion,
    DeliverableType,
    Edition,
    EntryCondition,
    PhaseDefinition,
    PublishedEditionError,
    Theme,
    TrackDefinition,
)
from susi.administration import GrantedByRole, ModelAdmin, StackedInline
from susi.dates import danish_moment
from susi.errors import NotAllowed, Refused


class WhileDrafted(GrantedByRole):
    """An edition and its parts can be changed until the edition is published."""

    read_instead: ClassVar[dict[str, str]] = {}

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return super().has_add_permission(request) and not _is_published(obj)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return super().has_change_permission(request) and not _is_published(obj)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.has_change_permission(request, obj)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields; for reading, `read_instead` names what shows a column as people write it."""
        fields = super().get_fields(request, obj)  # type: ignore[misc]
        return [self.read_instead.get(name, name) for name in fields] if _is_published(obj) else list(fields)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Hold the edition while a part of it is changed, so that nobody publishes it meanwhile.

        Raises `NotAllowed` where it is published.
        """
        found = super().get_object(request, object_id, from_field)  # type: ignore[misc]
        if found and request.method == "POST" and transaction.get_connection().in_atomic_block:
            edition = Edition.objects.select_for_update().get(pk=_edition_of(found).pk)
            if edition.is_published:
                raise NotAllowed(PublishedEditionError(edition).message)
        return found


class PhaseInline(WhileDrafted, StackedInline):
    model = PhaseDefinition
    form = PhaseForm
    max_num = 4
    fields = ["phase", "purpose", "typical_length", ("min_years", "max_years"), "source"]


class TrackInline(WhileDrafted, StackedInline):
    model = TrackDefinition
    form = TrackForm
    max_num = 2
    fields = ["track", "name", "definition", "characteristics", "source"]
    read_instead = {"characteristics": "sentences"}
    readonly_fields = ["sentences"]

    @admin.display(description="Kendetegn")
    def sentences(self, track: TrackDefinition) -> str:
        return format_html_join("", "<p>{}</p>", ((sentence,) for sentence in track.characteristics))


class EntryConditionInline(WhileDrafted, StackedInline):
    model = EntryCondition
    fields = [("no", "code"), "heading", "text", "source"]


class DeliverableInline(WhileDrafted, StackedInline):
    model = DeliverableType
    form = DeliverableForm
    fields = [
        ("phase", "no", "letter", "code"),
        "name",
        "heading",
        "description",
        ("track", "is_weighed"),
        "track1_note",
        "track2_note",
        "documents",
        "source",
    ]
    read_instead = {"documents": "codes"}
    readonly_fields = ["codes"]

    @admin.display(description="Dokumenterer typisk kriterierne")
    def codes(self, deliverable: DeliverableType) -> str:
        return ", ".join(deliverable.documents)


class ThemeInline(WhileDrafted, StackedInline):
    model = Theme
    verbose_name_plural = "Temaer (kriterierne rettes under hvert tema)"
    fields = [("phase", "no"), "heading", "source"]
    show_change_link = True


@admin.register(Edition)
class EditionAdmin(WhileDrafted, ModelAdmin):
    form = EditionForm
    fields = ["number", "name", "valid_from", "has_tracks", "source"]
    read_instead = {"valid_from": "starts"}
    readonly_fields = ["starts", "published"]
    inlines = [PhaseInline, TrackInline, EntryConditionInline, DeliverableInline, ThemeInline]
    list_display = ["name", "number", "starts", "published"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*super().get_fields(request, obj), *(["published"] if _is_published(obj) else [])]

    def view_on_site(self, edition: Edition) -> str:
        return reverse("phases:edition", args=[edition.number])

    @admin.display(description="Gælder fra", ordering="valid_from")
    def starts(self, edition: Edition) -> str:
        return str(edition.valid_from_date)

    @admin.display(description="Offentliggjort", ordering="published_at")
    def published(self, edition: Edition) -> str:
        return danish_moment(edition.published_at) if edition.published_at else "Kladde"

    def get_urls(self) -> list[Any]:
        act = self.admin_site.admin_view
        return [
            path("<int:pk>/kopier/", act(self.copy_view), name="phases_edition_copy"),
            path("<int:pk>/offentliggoer/", act(self.publish_view), name="phases_edition_publish"),
            *super().get_urls(),
        ]

    def copy_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask what the new edition is called, and make it a draft with everything this one has."""
        edition = get_object_or_404(Edition, pk=pk)
        form = CopyForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            with transaction.atomic():
                draft = copy_edition(edition, **form.cleaned_data)
                self.log_addition(request, draft, f"Kopieret fra {edition}.")
            self.message_user(
                request,
                f"{draft} er oprettet som kladde. Ret den, og offentliggør den, når den er klar.",
                messages.SUCCESS,
            )
            return redirect("admin:phases_edition_change", draft.pk)
        adminform = AdminForm(form, [(None, {"fields": list(form.fields)})], {}, model_admin=self)
        context = {"title": "Kopiér som ny udgave", "adminform": adminform, "errors": form.errors}
        return self._page(request, "copy", edition, **context)

    def publish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say what publishing means and what is missing for it; on POST publish."""
        edition = get_object_or_404(Edition, pk=pk)
        missing = missing_before_publication(edition)
        if request.method == "POST":
            try:
                with transaction.atomic():
                    publish(edition)
                    self.log_change(request, edition, "Offentliggjort.")
            except Refused as refusal:
                missing = list(refusal.sentences)
            else:
                self.message_user(request, f"{edition} er offentliggjort og kan ikke længere ændres.", messages.SUCCESS)
                return redirect("admin:phases_edition_change", edition.pk)
        return self._page(request, "publish", edition, title=f"Offentliggør {edition}", missing=missing)

    def _page(self, request: HttpRequest, name: str, edition: Edition, **context: Any) -> HttpResponse:
        everywhere = self.admin_site.each_context(request)
        return TemplateResponse(
            request,
            f"admin/phases/edition/{name}.html",
            {**everywhere, "opts": self.opts, "original": edition, **context},
        )


class CriterionInline(WhileDrafted, StackedInline):
    model = Criterion
    fields = [("no", "code"), "wording", "track2", "wording_track2", "presumes", "source"]
    without_tracks = [("no", "code"), "wording", "presumes", "source"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj is None or obj.edition.has_tracks else self.without_tracks


@admin.register(Theme)
class ThemeAdmin(WhileDrafted, ModelAdmin):
    """A theme with its criteria. It is added, removed and found on the page of its edition."""

    fields = ["phase", "no", "heading", "source"]
    inlines = [CriterionInline]
    list_display = ["__str__", "phase", "edition"]
    list_filter = ["edition", "phase"]
    list_select_related = ["edition"]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "show_delete": False})

    def response_post_save_change(self, request: HttpRequest, obj: Theme) -> HttpResponseRedirect:
        return redirect("admin:phases_edition_change", obj.edition_id)


def _edition_of(obj: models.Model) -> Edition:
    return obj if isinstance(obj, Edition) else obj.owning_edition()  # type: ignore[attr-defined]


def _is_published(obj: models.Model | None) -> bool:
    return obj is not None and _edition_of(obj).is_published
