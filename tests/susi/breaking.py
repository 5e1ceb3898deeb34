"""Ways to break what always holds in the rooms of participants, work and desk, and of a phase's length."""

import datetime
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from desk.models import CaseFile, Digest, Exemption, Told
from participants.models import Call, Organisation, Participation, RecruitmentCount, RegionPeriod, Round
from portfolio.models import AgreementEntry, Initiative, OutsideStrategy, PhaseExtension, PhasePause, PhaseRun
from tests.factories import AgreementFactory
from tests.world import World
from work.models import (
    Deliverable,
    DeliverableVersion,
    FastTrackAnswer,
    InvolvementStrategy,
    KnowledgeProduct,
    TrackChoice,
    WayWeighing,
)

Breaks = dict[str, tuple[Callable[[], object], str]]
LONG_AGO = datetime.date(2020, 1, 1)


def changes(model: Any, __where: dict[str, Any] | None = None, **values: Any) -> Callable[[], object]:
    """Change rows behind the back of everything."""
    return lambda: model._base_manager.filter(**(__where or {})).update(**values)


def run_of(initiative: Initiative) -> PhaseRun:
    return PhaseRun.objects.get(pk=Initiative.objects.get(pk=initiative.pk).current_run_id)


def of_participants(world: World) -> Breaks:
    last, trial = run_of(world.last), run_of(world.reversed.initiative)
    one, municipality = world.participants["deltager"], world.participants["organisation"]
    annulled = {"annulled_at": timezone.now(), "annulled_by": world.lead, "annulment_reason": "Eksempel"}
    taking_part, number = {"pk": one.pk}, world.last.number

    def two_regions() -> None:
        region = Organisation.objects.filter(kind="region").first()
        RegionPeriod.objects.create(
            municipality=municipality, region=region, valid_from=LONG_AGO, valid_to=datetime.date(2021, 1, 1)
        )

    return {
        "participation ends before it begins": (
            changes(Participation, taking_part, ended_on=LONG_AGO, ended_on_precision="day"),
            f"{number}: Deltager »{one}« kan ikke være, som den står: Deltagelsen kan ikke slutte, før den begynder.",
        ),
        "participation in a role of others": (
            changes(Participation, taking_part, role="region"),
            "Rollen »Deltagende region« er kun for organisationer af typen Region",
        ),
        "round of another phase": (changes(Participation, taking_part, run=trial), "hører til en anden fase"),
        "annulled round": (changes(Round, **annulled), "Runden er annulleret eller"),
        "round outside udbredelse": (changes(Round, run=trial), "Runder hører til udbredelsesfasen"),
        "annulled call": (changes(Call, **annulled), f"{number}: Ansøgning"),
        "recruitment outside afprøvning": (
            changes(RecruitmentCount, run=last),
            f"{number}: Optælling",
        ),
        "two regions": (two_regions, f"{municipality.name}: Kommunen ligger i to regioner på én gang fra 01.01.2020."),
        "no region": (
            changes(Organisation, {"kind": "region"}, kind="other"),
            f"{municipality.name}: »{municipality}: Region Eksempel« er ikke en kommune i en region.",
        ),
        "name of an organisation": (
            changes(Organisation, {"pk": municipality.pk}, name="Ændret"),
            "Ændret: Organisationen findes og sorteres ikke efter sit navn.",
        ),
    }


def of_work(world: World) -> Breaks:
    last, idle, hub = run_of(world.last), run_of(world.idle), run_of(world.hub)
    deliverable = Deliverable.objects.get(run=hub, code="M-a")
    ours, title = {"pk": deliverable.pk}, deliverable.title
    return {
        "version that is gone": (
            changes(DeliverableVersion, {"deliverable": deliverable}, no=2),
            f"{world.hub.number}: Leverancen »{title}« har 2 versioner, men kun 1 er der.",
        ),
        "deliverable of another initiative": (
            changes(Deliverable, ours, initiative=world.idle),
            f"{world.idle.number}: Leverancen »{title}« hører ikke til den fase, den står i.",
        ),
        "deliverable of another phase": (changes(Deliverable, ours, run=idle), "hører ikke til den fase, den står i."),
        "deliverable by another code": (changes(Deliverable, ours, code="x"), "hører ikke til den fase, den står i."),
        "strategy of udbredelse": (
            changes(InvolvementStrategy, run=last),
            f"{world.last.number}: Strategi for brugerinddragelse hører ikke til udbredelsesfasen",
        ),
        "answer of udbredelse": (
            changes(FastTrackAnswer, run=last),
            f"{world.last.number}: Svar om fast track hører ikke til udbredelsesfasen",
        ),
        "product of udbredelse": (
            changes(KnowledgeProduct, run=last),
            f"{world.last.number}: Vidensprodukt hører ikke til udbredelsesfasen",
        ),
        "weighing of screening": (
            changes(WayWeighing, run=idle),
            f"{world.idle.number}: Afvejning af de tre veje hører ikke til screeningsfasen",
        ),
        "choice of another initiative": (
            changes(TrackChoice, {"initiative": world.idle}, run=hub),
            f"{world.idle.number}: Arket om sporvalg hører til et andet initiativs fase.",
        ),
        "choice that cannot be read": (
            changes(TrackChoice, {"initiative": world.idle}, fits=[{"track": "9", "fit": "", "wording": ""}]),
            f"{world.idle.number}: Arket om sporvalg kan ikke læses.",
        ),
        "weighing that cannot be read": (
            changes(WayWeighing, ways=["spor 1"]),
            f"{world.hub.number}: Afvejningen af de tre veje kan ikke læses.",
        ),
    }


def of_the_desk(world: World) -> Breaks:
    fetched, number = {"pk": world.case_file.pk}, world.hub.number

    def told_in_anothers_mail() -> None:
        mail = {"week": LONG_AGO, "state": Digest.State.NOTHING, "claimed_at": timezone.now()}
        digest = Digest.objects.create(person=world.lead, **mail)
        Told.objects.create(person=world.manager, key="review:1", fingerprint="x", digest=digest)

    return {
        "exempt and handed out": (
            changes(Exemption, made_at=timezone.now()),
            f"{number}: Sagens akter kan hentes, selv om et dokument er undtaget siden.",
        ),
        "case file that was changed": (
            changes(CaseFile, fetched, manifest_sha256="0" * 64),
            f"{number}: Sagens akter er ændret, siden de blev dannet.",
        ),
        "case file that was not deleted": (
            changes(CaseFile, fetched, state=CaseFile.State.EXPIRED),
            f"{number}: Sagens akter kan ikke hentes, men filen er ikke slettet.",
        ),
        "told in another's mail": (
            told_in_anothers_mail,
            f"Bruger {world.manager.pk}: »review:1« står som fortalt i en mail til en anden.",
        ),
    }


def of_the_course(world: World) -> Breaks:
    """The length of a phase, the agreements' years, and what lies outside the strategy."""
    hub, number = run_of(world.hub), world.hub.number
    extension = hub.extensions.get()
    settled = AgreementEntry.objects.get(decision__isnull=False)
    answer = OutsideStrategy.objects.get(decision__isnull=False)

    def second_pause() -> None:
        PhasePause.objects.create(
            run=hub, since=world.pause.since, until=world.pause.since + datetime.timedelta(days=1), reason="Eksempel",
            registered_by=world.lead, registered_at=timezone.now(),
        )  # fmt: skip

    return {
        "pause before its phase": (
            changes(PhasePause, since=LONG_AGO),
            f"{number}: Pausen fra 01.01.2020 ligger før fasen, som begyndte 02.03.2026.",
        ),
        "pause on a pause": (second_pause, f"{number}: Pausen fra 02.03.2026 ligger oven i den før."),
        "extension backwards": (
            changes(PhaseExtension, end_after=extension.end_before),
            f"{number}: Forlængelsen fra 02.03.2026 til 02.03.2026 går ikke længere frem.",
        ),
        "settled otherwise than decided": (
            changes(AgreementEntry, {"pk": settled.pk}, result="stopped", prioritised=None),
            f"{settled.initiative.number}: Udfaldet i {settled.agreement} er ikke det, der er besluttet.",
        ),
        "settled in another year": (
            lambda: changes(AgreementEntry, {"pk": settled.pk}, agreement=AgreementFactory(year=2040))(),
            f"{settled.initiative.number}: Udfaldet i UIP 2040",
        ),
        "settled by a decision on another": (
            changes(AgreementEntry, {"pk": settled.pk}, initiative=world.idle),
            f"{world.idle.number}: Udfaldet i {settled.agreement} er ikke det, der er besluttet.",
        ),
        "answer without conditions": (
            answer.conditions.clear,
            f"{answer.title}: Svaret siger ikke, hvilke betingelser der ikke er opfyldt.",
        ),
        "answer with another decision": (
            changes(OutsideStrategy, {"pk": answer.pk}, decision=world.merger),
            "Svaret er, at forslaget ligger uden for strategien, men beslutningen er en anden.",
        ),
    }
