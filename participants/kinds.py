"""What can be registered of who takes part, and how the pages speak of each kind."""

from dataclasses import dataclass

from participants import entry_forms
from participants.models import (
    Application,
    Call,
    DataCollection,
    Entry,
    Participation,
    RecruitmentCount,
    RecruitmentPlan,
    Round,
)


@dataclass(frozen=True)
class Kind:
    """A kind of entry: `slug` stands in the address, `name` in the headings with its article, as in "Ret runden"."""

    slug: str
    model: type[Entry]
    form: type[entry_forms.EntryForm]
    new: str
    name: str
    saved: str
    anchor: str

    @property
    def edit(self) -> str:
        return f"Ret {self.name}"

    @property
    def annul(self) -> str:
        return f"Annullér {self.name}"


KINDS = {
    kind.slug: kind
    for kind in (
        Kind(
            "deltager", Participation, entry_forms.ParticipationForm,
            "Registrér deltager", "deltageren", "Deltageren er gemt.", "deltagere",
        ),
        Kind("pulje", Call, entry_forms.CallForm, "Registrér pulje", "puljen", "Puljen er gemt.", "puljer"),
        Kind(
            "ansoegning", Application, entry_forms.ApplicationForm,
            "Registrér ansøgning", "ansøgningen", "Ansøgningen er gemt.", "puljer",
        ),
        Kind("runde", Round, entry_forms.RoundForm, "Registrér runde", "runden", "Runden er gemt.", "runder"),
        Kind(
            "rekrutteringsmaal", RecruitmentPlan, entry_forms.RecruitmentPlanForm,
            "Registrér rekrutteringsmål", "rekrutteringsmålet", "Rekrutteringsmålet er gemt.", "rekruttering",
        ),
        Kind(
            "optaelling", RecruitmentCount, entry_forms.RecruitmentCountForm,
            "Registrér optælling", "optællingen", "Optællingen er gemt.", "rekruttering",
        ),
        Kind(
            "personoplysninger", DataCollection, entry_forms.DataCollectionForm,
            "Registrér indsamling af personoplysninger", "indsamlingen", "Indsamlingen er gemt.", "personoplysninger",
        ),
    )
}  # fmt: skip
SLUG_OF = {kind.model: kind.slug for kind in KINDS.values()}
