"""The SUSI-vurdering: the agency's professional assessment of the criteria, with its recommendation."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django_fsm import FSMField, transition
from simple_history.models import HistoricalRecords

from phases.models import Criterion, Edition
from phases.terms import Phase, Recommendation, Stage, Track, Verdict, WayOn
from portfolio.models import Initiative, PhaseRun
from portfolio.models.initiative import shown_to, written_on_by
from susi import past
from susi.danish import search_words
from susi.models import User
from susi.roles import Role


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def visible_to(self, user: User) -> "AssessmentQuerySet":
        """Return what `user` may read: what is submitted or approved; drafts for their writers and for managers.

        Of the past, what could be read then and can be read today: rights are those of today, and a text that was
        withdrawn since stays withdrawn.
        """
        visible = self.readable_by(user)
        if not past.is_asked():
            return visible
        with past.in_the_present():
            readable_today = list(Assessment.objects.readable_by(user).values_list("pk", flat=True))
        return visible.filter(pk__in=readable_today)

    def readable_by(self, user: User) -> "AssessmentQuerySet":
        """Return what `user` may read in the time that is asked about; ask `visible_to`, which knows the past."""
        visible = self.filter(shown_to(user.roles, "initiative__"))
        if user.has_role(Role.MANAGER):
            return visible
        return visible.filter(Q(state__in=Assessment.READABLE) | written_on_by(user, "initiative__"))

    def open(self) -> "AssessmentQuerySet":
        return self.filter(state__in=Assessment.OPEN)

    def approved(self) -> "AssessmentQuerySet":
        return self.filter(state=Assessment.State.APPROVED)

    def ahead(self) -> "AssessmentQuerySet":
        """Return the transitions on their way: what is under way, but for corrections, and what awaits a decision."""
        under_way = Q(state__in=Assessment.OPEN, corrects__isnull=True)
        return self.filter(under_way | awaiting_decision())

    def latest_approved(self) -> "AssessmentQuerySet":
        """Return the approved ones that no later approved version corrects."""
        corrected = Assessment.objects.approved().filter(corrects__isnull=False).values("corrects")
        return self.approved().exclude(pk__in=corrected)


class AlreadySealed(Exception):
    """Something tried to change an approved assessment: a record of the case (journaliseret dokument)."""


class Assessment(models.Model):
    """One version of one assessment. Approval seals it; a correction is a new row that names what it corrects."""

    class State(models.TextChoices):
        DRAFT = "draft", "Kladde"
        SUBMITTED = "submitted", "Indsendt"
        RETURNED = "returned", "Sendt tilbage"
        APPROVED = "approved", "Godkendt"
        ANNULLED = "annulled", "Annulleret"

    OPEN = (State.DRAFT, State.SUBMITTED, State.RETURNED)
    EDITABLE = (State.DRAFT, State.RETURNED)
    READABLE = (State.SUBMITTED, State.APPROVED)
    KEPT_AFTER_SEAL = frozenset({"pdf", "pdf_sha256"})

    initiative = models.ForeignKey(
        Initiative, verbose_name="initiativ", on_delete=models.PROTECT, related_name="assessments"
    )
    run = models.ForeignKey(
        "portfolio.PhaseRun",
        verbose_name="fase, der vurderes ved afslutningen af",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="assessments",
    )
    no = models.PositiveSmallIntegerField("nr.")
    document_no = models.PositiveSmallIntegerField("dokument")
    doc_version = models.PositiveSmallIntegerField("version", default=1)
    corrects = models.ForeignKey(
        "self", verbose_name="retter", null=True, blank=True, on_delete=models.PROTECT, related_name="corrections"
    )
    state = FSMField("tilstand", choices=State.choices, default=State.DRAFT, protected=True, editable=False)
    edition = models.ForeignKey(Edition, verbose_name="regelsæt", on_delete=models.PROTECT, related_name="assessments")
    from_stage = models.CharField(max_length=20, choices=Stage.choices)
    from_track = models.CharField(max_length=1, choices=Track.choices, blank=True)
    to_phase = models.CharField(
        "fase, der overgås til",
        max_length=20,
        choices=[choice for choice in Phase.choices if choice[0] != Phase.SCREENING],
    )
    to_track = models.CharField("spor", max_length=1, choices=Track.choices, blank=True)
    verdict = models.CharField("egnet til ny fase", max_length=6, choices=Verdict.choices, blank=True)
    conclusion = models.TextField("konklusion", blank=True, max_length=8000)
    recommendation = models.CharField("indstilling", max_length=10, choices=Recommendation.choices, blank=True)
    recommendation_text = models.TextField("uddybning af indstillingen", blank=True, max_length=4000)
    weighing_way = models.CharField("vej videre", max_length=10, choices=WayOn.choices, blank=True)
    weighing_text = models.TextField("afvejning", blank=True, max_length=4000)
    fast_track = models.BooleanField("skal den nye viden formidles nu?", null=True, blank=True)
    fast_track_text = models.TextField("begrundelse for fast track", blank=True, max_length=4000)
    change_note = models.TextField("hvad der er rettet", blank=True, max_length=4000)
    conclusion_version = models.PositiveIntegerField(default=0, editable=False)
    entry_version = models.PositiveIntegerField(default=0, editable=False)
    former_version = models.PositiveIntegerField(default=0, editable=False)
    writers = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name="har skrevet på versionen", blank=True, related_name="+"
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("påbegyndt")
    saved_at = models.DateTimeField("sidst gemt", null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    submitted_at = models.DateTimeField("indsendt", null=True, blank=True)
    returned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    returned_at = models.DateTimeField("sendt tilbage", null=True, blank=True)
    return_remarks = models.TextField("bemærkninger", blank=True, max_length=4000)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField("godkendt", null=True, blank=True)
    annulled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    annulled_at = models.DateTimeField("annulleret", null=True, blank=True)
    annulment_reason = models.TextField("begrundelse for annullering", blank=True, max_length=4000)
    sealed_data = models.TextField("forseglede data", blank=True, editable=False)
    sealed_sha256 = models.CharField("kontrolsum", max_length=64, blank=True, editable=False)
    pdf = models.FileField("PDF", upload_to="susi-vurderinger/", blank=True, editable=False)
    pdf_sha256 = models.CharField("PDF'ens kontrolsum", max_length=64, blank=True, editable=False)
    search_text = models.TextField(editable=False, blank=True, default="")  # what a hit is shown in
    search_words = models.TextField(
        editable=False, blank=True, default=""
    )  # the same, each word once: what is searched
    history = HistoricalRecords(excluded_fields=["sealed_data"])

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = "SUSI-vurdering"
        verbose_name_plural = "SUSI-vurderinger"
        ordering = ["-no"]
        indexes = [
            # Of which phases there are approved ones, without reading them.
            models.Index(fields=["run"], include=["id"], condition=Q(state="approved"), name="assessment_approved")
        ]
        constraints = [
            models.UniqueConstraint(fields=["initiative", "no"], name="assessment_no_unique"),
            models.UniqueConstraint(
                fields=["initiative", "document_no", "doc_version"], name="document_version_unique"
            ),
            models.UniqueConstraint(
                fields=["initiative"],
                condition=Q(state__in=["draft", "submitted", "returned"]),
                name="one_open_assessment",
            ),
            models.CheckConstraint(
                name="approved_with_approver_and_seal",
                condition=(
                    Q(state="approved", approved_by__isnull=False, approved_at__isnull=False)
                    & ~Q(sealed_data="")
                    & ~Q(sealed_sha256="")
                )
                | (~Q(state="approved") & Q(approved_by__isnull=True, approved_at__isnull=True, sealed_sha256="")),
            ),
            models.CheckConstraint(
                name="submitted_with_submitter",
                condition=~Q(state__in=["submitted", "approved"])
                | Q(submitted_by__isnull=False, submitted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="returned_with_remarks",
                condition=~Q(state="returned") | (Q(returned_by__isnull=False) & ~Q(return_remarks="")),
            ),
            models.CheckConstraint(
                name="annulled_with_reason",
                condition=~Q(state="annulled") | (Q(annulled_by__isnull=False) & ~Q(annulment_reason="")),
            ),
            models.CheckConstraint(
                name="correction_is_a_later_version",
                condition=Q(doc_version=1, corrects__isnull=True) | Q(doc_version__gt=1, corrects__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"SUSI-vurdering {self.document_number}, version {self.doc_version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        fields = kwargs.get("update_fields")
        if not set(fields or ["everything"]) <= self.KEPT_AFTER_SEAL:
            self._refuse_if_sealed()
        if fields is None or "search_text" in fields:
            self.search_words = search_words(self.search_text)
            kwargs |= {"update_fields": [*fields, "search_words"]} if fields else {}
        super().save(*args, **kwargs)

    def _refuse_if_sealed(self) -> None:
        if self.pk and Assessment.objects.approved().filter(pk=self.pk).exists():
            raise AlreadySealed(f"{self} er godkendt og forseglet. Den rettes ved en ny version.")

    @property
    def document_number(self) -> str:
        """The number printed on the document, the same for all its versions."""
        return f"{self.initiative.number}-{self.document_no}"

    @property
    def state_phrase(self) -> str:
        """The state in running text, after "er": "allerede godkendt", "en kladde"."""
        label = str(self.get_state_display()).lower()
        return "en kladde" if self.state == self.State.DRAFT else f"allerede {label}"

    @property
    def is_editable(self) -> bool:
        return self.state in self.EDITABLE

    @property
    def is_approved(self) -> bool:
        return self.state == self.State.APPROVED

    @property
    def is_correction(self) -> bool:
        return self.corrects_id is not None

    @property
    def file_name(self) -> str:
        phase = Stage(self.from_stage).label.lower()
        return f"SUSI-vurdering_{self.initiative.number}_{phase}_v{self.doc_version}.pdf"

    def criteria(self) -> models.QuerySet[Criterion]:
        """Return the criteria of the gate it is about: of its own edition, on the track one goes to."""
        return Criterion.objects.for_gate(self.edition, self.to_phase, self.to_track)

    @transition(field=state, source=[State.DRAFT, State.RETURNED], target=State.SUBMITTED)
    def mark_submitted(self) -> None:
        """Hand it over to the managers."""

    @transition(field=state, source=State.SUBMITTED, target=State.DRAFT)
    def mark_withdrawn(self) -> None:
        """Take it back to go on writing."""

    @transition(field=state, source=State.SUBMITTED, target=State.RETURNED)
    def mark_returned(self) -> None:
        """Send it back with remarks."""

    @transition(field=state, source=State.SUBMITTED, target=State.APPROVED)
    def mark_approved(self) -> None:
        """Approve and seal it."""

    @transition(field=state, source=[State.DRAFT, State.RETURNED], target=State.ANNULLED)
    def mark_annulled(self) -> None:
        """Give it up, with a reason."""


def of_open_phase() -> Q:
    """Return the condition on an assessment that it is about the phase its initiative is in."""
    return Q(run__state=PhaseRun.State.OPEN)


def of_proposal() -> Q:
    """Return the condition on an assessment that its initiative is still a proposal, which is in no phase."""
    return Q(run__isnull=True, initiative__phase=Stage.PROPOSAL)


def newest_approved() -> Q:
    """Return the condition that it is approved and not corrected since."""
    corrected = Assessment.objects.approved().filter(corrects__isnull=False).order_by().values("corrects")
    return Q(state=Assessment.State.APPROVED) & ~Q(pk__in=corrected)


def of_present_phase() -> Q:
    """Return the condition on an assessment that it is the newest approved version about the phase its initiative is
    in now.
    """
    return newest_approved() & (of_open_phase() | of_proposal())


def undecided() -> Q:
    """Return the condition that it is the newest approved version and nothing has been decided on it yet."""
    grounds: Any = Assessment._meta.get_field("decision_grounds").related_model
    decided = grounds.objects.filter(assessment=OuterRef("pk"), decision__reversed_at__isnull=True)
    return newest_approved() & Q(~Exists(decided))


def awaiting_decision() -> Q:
    """Return the condition that it is of the present phase and nothing has been decided on it yet."""
    return undecided() & (of_open_phase() | of_proposal())
