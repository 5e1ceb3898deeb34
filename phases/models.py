"""The rulebook as dated data: what the strategy says, edition by edition.

A published edition is immutable as a whole, so that an assessment can always be read under the edition it was made in.
"""

import datetime
from functools import lru_cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from phases.terms import Phase, Track
from susi.dates import PartialDate, Precision
from susi.models import User
from susi.prepared import Prepared


class EditionQuerySet(models.QuerySet["Edition"]):
    def visible_to(self, user: User) -> "EditionQuerySet":
        """Return what `user` may see: what is published, and for administrators also the drafts."""
        return self if user.may_administer else self.published()

    def published(self) -> "EditionQuerySet":
        return self.filter(published_at__isnull=False)

    def in_force(self, on: datetime.date) -> "EditionQuerySet":
        """Return what is published and valid from the day `on` or before, the one in force on it first."""
        return self.published().filter(valid_from__lte=on).order_by("-valid_from", "-pk")

    def current(self, on: datetime.date | None = None) -> "Edition":
        """Return the edition in force on the day `on` (today). Raises `Edition.DoesNotExist` where none is."""
        day = on or timezone.localdate()
        edition = self.in_force(day).first()
        if edition is None:
            raise self.model.DoesNotExist("Der er ikke offentliggjort et regelsæt, som gælder på datoen.")
        return edition


class PublishedEditionError(ValidationError):
    """Somebody tried to change an edition that is published."""

    def __init__(self, edition: "Edition") -> None:
        super().__init__(
            f"{edition} er offentliggjort og kan ikke ændres. Lav en kopi som ny udgave, og ret i den.",
            code="published",
        )


class Edition(models.Model):
    """One edition of the strategy's rules, e.g. SUSI 2.0."""

    number = models.CharField("nummer", max_length=20, unique=True)
    name = models.CharField("navn", max_length=100)
    valid_from = models.DateField("gælder fra")
    valid_from_precision = models.CharField(
        "nøjagtighed", max_length=5, choices=Precision.choices, default=Precision.DAY
    )
    has_tracks = models.BooleanField("har to spor", default=True)
    source = models.TextField("kilde")
    published_at = models.DateTimeField("offentliggjort", null=True, blank=True, editable=False)
    history = HistoricalRecords()

    objects = EditionQuerySet.as_manager()

    class Meta:
        verbose_name = "udgave af regelsættet"
        verbose_name_plural = "udgaver af regelsættet"
        ordering = ["-valid_from", "-pk"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.refuse_if_published()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self.refuse_if_published()
        return super().delete(*args, **kwargs)

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    @property
    def valid_from_date(self) -> PartialDate:
        return PartialDate(self.valid_from, Precision(self.valid_from_precision))

    def refuse_if_published(self) -> None:
        """Raise `PublishedEditionError` where the edition is published in the database."""
        if self.pk and Edition.objects.published().filter(pk=self.pk).exists():
            raise PublishedEditionError(self)


class EditionPart(models.Model):
    """Whatever belongs to an edition and is fixed with it."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.refuse_if_published()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self.refuse_if_published()
        return super().delete(*args, **kwargs)

    def owning_edition(self) -> Edition:
        return self.edition  # type: ignore[attr-defined]

    def refuse_if_published(self) -> None:
        """Raise `PublishedEditionError` where the edition is published; so too the one it would be taken from."""
        self.owning_edition().refuse_if_published()
        stored = type(self)._default_manager.filter(pk=self.pk).first()
        if stored:
            stored.owning_edition().refuse_if_published()


class PhaseDefinitionQuerySet(models.QuerySet["PhaseDefinition"]):
    def in_force(self, on: datetime.date) -> list["PhaseDefinition"]:
        """Return what the edition in force on the day `on` says of the phases, in order; nothing where none is.

        One query.
        """
        return _definitions_in_force(on).rows()

    def of_edition_in_force(self, on: datetime.date) -> "PhaseDefinitionQuerySet":
        """Return the query of them."""
        edition = Edition.objects.in_force(on).values("pk")[:1]
        return self.filter(edition=models.Subquery(edition)).order_by("pk")


@lru_cache(maxsize=100)
def _definitions_in_force(day: datetime.date) -> Prepared:
    return Prepared(PhaseDefinition.objects.of_edition_in_force(day))


class PhaseDefinition(EditionPart):
    """What an edition says of a phase."""

    edition = models.ForeignKey(
        Edition, verbose_name="udgave", on_delete=models.CASCADE, related_name="phase_definitions"
    )
    phase = models.CharField("fase", max_length=20, choices=Phase.choices)
    purpose = models.TextField("formål")
    typical_length = models.CharField("typisk længde", max_length=100)
    min_years = models.PositiveSmallIntegerField("mindst (år)", null=True, blank=True)
    max_years = models.PositiveSmallIntegerField("højst (år)", null=True, blank=True)
    source = models.CharField("kilde", max_length=200)

    objects = PhaseDefinitionQuerySet.as_manager()

    class Meta:
        verbose_name = "fase"
        verbose_name_plural = "faser"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "phase"], name="one_definition_per_phase"),
        ]

    def __str__(self) -> str:
        return self.get_phase_display()

    @property
    def longest_years(self) -> int | None:
        """How many years the phase takes at most, typically; longer needs a special reason. None where none is said."""
        return self.max_years or self.min_years


class TrackDefinition(EditionPart):
    """What defines a track."""

    edition = models.ForeignKey(
        Edition, verbose_name="udgave", on_delete=models.CASCADE, related_name="track_definitions"
    )
    track = models.CharField("spor", max_length=1, choices=Track.choices)
    name = models.CharField("navn", max_length=100)
    definition = models.TextField("definition")
    characteristics = models.JSONField("kendetegn", default=list, help_text="Liste af sætninger.")
    source = models.CharField("kilde", max_length=200)

    class Meta:
        verbose_name = "spor"
        verbose_name_plural = "spor"
        ordering = ["track"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "track"], name="one_definition_per_track"),
        ]

    def __str__(self) -> str:
        return self.get_track_display()


class EntryCondition(EditionPart):
    """A condition for entering the model at all (Drejebogen, Afgrænsning af den sociale indsats i strategien)."""

    edition = models.ForeignKey(
        Edition, verbose_name="udgave", on_delete=models.CASCADE, related_name="entry_conditions"
    )
    no = models.PositiveSmallIntegerField("nr.")
    code = models.CharField("kode", max_length=20)
    heading = models.CharField("overskrift", max_length=200)
    text = models.TextField("ordlyd")
    source = models.CharField("kilde", max_length=200)

    class Meta:
        verbose_name = "betingelse for at indgå"
        verbose_name_plural = "betingelser for at indgå"
        ordering = ["no"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "no"], name="entry_condition_no_unique"),
        ]

    def __str__(self) -> str:
        return self.heading


class Theme(EditionPart):
    """A group of criteria for entering a phase. SUSI 1.0 has one unnamed theme per phase."""

    edition = models.ForeignKey(Edition, verbose_name="udgave", on_delete=models.CASCADE, related_name="themes")
    phase = models.CharField(
        "fase, der overgås til", max_length=20, choices=[choice for choice in Phase.choices if choice[0] != "screening"]
    )
    no = models.PositiveSmallIntegerField("nr.")
    heading = models.CharField("tema", max_length=200, blank=True)
    source = models.CharField("kilde", max_length=200)

    class Meta:
        verbose_name = "tema"
        verbose_name_plural = "temaer"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "phase", "no"], name="theme_no_unique"),
        ]

    def __str__(self) -> str:
        return self.heading or f"Kriterier for {Phase(self.phase).definite}"


class CriterionQuerySet(models.QuerySet["Criterion"]):
    def for_gate(self, edition: Edition | int, phase: str, track: str) -> "CriterionQuerySet":
        """Return the criteria of `edition` (or of the one with that key) that must hold to enter `phase` on `track` (""
        where tracks are unknown)."""
        criteria = self.filter(theme__edition=edition, theme__phase=phase).select_related("theme")
        if track == Track.TWO:
            criteria = criteria.exclude(track2=Criterion.TrackTwo.NONE)
        return criteria.order_by("theme__no", "no")


class Criterion(EditionPart):
    """What must hold before a phase starts (overgangskriterie). Worded per track, often the same."""

    class TrackTwo(models.TextChoices):
        SAME = "same", "Samme kriterie som i spor 1"
        OWN = "own", "Egen ordlyd i spor 2"
        NONE = "none", "Gælder ikke i spor 2"

    theme = models.ForeignKey(Theme, verbose_name="tema", on_delete=models.CASCADE, related_name="criteria")
    no = models.PositiveSmallIntegerField("nr.")
    code = models.CharField("kode", max_length=20)
    wording = models.TextField("ordlyd (spor 1)")
    track2 = models.CharField("spor 2", max_length=4, choices=TrackTwo.choices, default=TrackTwo.SAME)
    wording_track2 = models.TextField("egen ordlyd i spor 2", blank=True)
    presumes = models.CharField(
        "forudsætter fase",
        max_length=20,
        blank=True,
        choices=Phase.choices,
        help_text="Fasen, som kriteriets ordlyd taler om. Er den ikke gennemført, skal kilden til viden angives.",
    )
    source = models.CharField("kilde", max_length=200)

    objects = CriterionQuerySet.as_manager()

    class Meta:
        verbose_name = "overgangskriterie"
        verbose_name_plural = "overgangskriterier"
        ordering = ["theme", "no"]
        constraints = [
            models.UniqueConstraint(fields=["theme", "no"], name="criterion_no_unique"),
            models.CheckConstraint(
                name="own_wording_where_track2_has_its_own",
                condition=(Q(track2="own") & ~Q(wording_track2="")) | (~Q(track2="own") & Q(wording_track2="")),
                violation_error_message="Skriv ordlyden for spor 2, når og kun når spor 2 har sin egen.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.wording}"

    def owning_edition(self) -> Edition:
        return self.theme.edition

    def applies_to(self, track: str) -> bool:
        return track != Track.TWO or self.track2 != self.TrackTwo.NONE

    def wording_for(self, track: str) -> str:
        """Return the official wording on `track`; spor 1's also where the track is unknown or the edition has none."""
        if track == Track.TWO and self.track2 == self.TrackTwo.OWN:
            return self.wording_track2
        return self.wording


class DeliverableTypeQuerySet(models.QuerySet["DeliverableType"]):
    def of_phase(self, phase: str, track: str, on: datetime.date) -> list["DeliverableType"]:
        """Return what `phase` typically produces on `track` ("" where it is unknown: on either), by the edition in
        force on the day `on`, in order; nothing where none is. One query.
        """
        edition = Edition.objects.in_force(on).values("pk")[:1]
        types = self.filter(edition=models.Subquery(edition), phase=phase)
        return list(types.filter(track__in=["", track]) if track else types)


class DeliverableType(EditionPart):
    """What a phase typically produces (Drejebogen, Typiske leverancer): in both tracks, but for what the notes say.

    `code` stays the same from edition to edition: what is registered of it in an initiative is found by it. Without a
    letter it is no item of the list, but spoken of elsewhere in the chapter. `documents` is our reading.
    """

    edition = models.ForeignKey(
        Edition, verbose_name="udgave", on_delete=models.CASCADE, related_name="deliverable_types"
    )
    phase = models.CharField("fase", max_length=20, choices=Phase.choices)
    no = models.PositiveSmallIntegerField("nr.")
    code = models.SlugField("kode", max_length=30)
    letter = models.CharField("bogstav", max_length=1, blank=True)
    name = models.CharField("leverance", max_length=200)
    heading = models.CharField("kort navn", max_length=100)
    description = models.TextField("beskrivelse")
    track = models.CharField(
        "kun i spor", max_length=1, choices=Track.choices, blank=True, help_text="Tomt, når den hører til i begge spor."
    )
    track1_note = models.TextField("særligt i spor 1", blank=True)
    track2_note = models.TextField("særligt i spor 2", blank=True)
    is_weighed = models.BooleanField(
        "afvejes konkret", default=False, help_text="Hører kun til, når det er besluttet for det enkelte initiativ."
    )
    documents = models.JSONField("dokumenterer typisk kriterierne", default=list, blank=True)
    source = models.CharField("kilde", max_length=200)

    objects = DeliverableTypeQuerySet.as_manager()

    class Meta:
        verbose_name = "typisk leverance"
        verbose_name_plural = "typiske leverancer"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "code"], name="deliverable_code_unique"),
            models.UniqueConstraint(fields=["edition", "phase", "no"], name="deliverable_no_unique"),
            models.UniqueConstraint(
                fields=["edition", "phase", "letter"], condition=~Q(letter=""), name="deliverable_letter_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.letter}. {self.name}" if self.letter else self.name

    def note_for(self, track: str) -> str:
        """Return what is special on `track`; "" where nothing is, or the track is unknown."""
        return {Track.ONE.value: self.track1_note, Track.TWO.value: self.track2_note}.get(track, "")
