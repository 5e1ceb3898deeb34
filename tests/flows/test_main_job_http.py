"""The main job as people do it on the pages, with the real rulebook: from the criteria to PDF and next phase."""

import io

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from assessments.models import Assessment
from assessments.templatetags.reading import in_groups
from phases.loading import load_rulebook
from phases.models import Edition
from phases.terms import Phase, Stage
from portfolio.models import Initiative
from susi.dates import danish
from susi.models import User
from susi.roles import Role
from tests import factories
from tests.factories import AgreementFactory, initiative_in, person
from tests.visitor import Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

TODAY = danish(timezone.localdate())
EXPLAINED = "M2.3"
REASON = "Kommunernes erfaringer er endnu få."
HANDLING = "Erfaringerne samles i et læringsloop i modningsfasen."
REMARKS = "Uddyb, hvad de ni kommuner har bidraget med."


@pytest.fixture(autouse=True)
def rulebook() -> Edition:
    load_rulebook(settings.BASE_DIR / "fixtures" / "rulebook.json")
    return Edition.objects.current()


@pytest.fixture
def people() -> dict[Role, User]:
    return {
        Role.LEAD: person(Role.LEAD, first_name="Anna"),
        Role.MANAGER: person(Role.MANAGER, first_name="Lene"),
        Role.READER: person(Role.READER, first_name="Lasse"),
    }


@pytest.fixture
def lead(people) -> Visitor:
    return Visitor(people[Role.LEAD])


@pytest.fixture
def manager(people) -> Visitor:
    return Visitor(people[Role.MANAGER])


@pytest.fixture
def reader(people) -> Visitor:
    return Visitor(people[Role.READER])


def test_from_the_criteria_to_the_printed_assessment_and_the_next_phase(people, lead, manager, reader) -> None:
    initiative = initiative_in(Phase.SCREENING, lead=people[Role.LEAD], title="Eksempel: Skolestart i ro")
    agreement = AgreementFactory()
    home = reverse("portfolio:initiative_detail", args=[initiative.number])

    begins_an_assessment(lead, home, "Modning", "Spor 1")
    rates_every_criterion(lead, people[Role.LEAD], 13)
    concludes(lead, "Indsatsen er velbeskrevet.")
    assessment = Assessment.objects.get()
    document = reverse("assessments:detail", args=[initiative.number, assessment.no])
    reader.opens(document, expected=404)
    submits(lead)

    reader.opens(home).follows(assessment.document_number).reads("Indsatsen er velbeskrevet.", "Indsendt")
    returns_it(manager)
    reader.opens(document, expected=404)
    reader.opens(home).does_not_read(REMARKS, "Indsatsen er velbeskrevet.")

    amends_it(lead, "Indsatsen er velbeskrevet i ni kommuner.")
    approves_it(manager)
    opens_the_pdf(reader, document, "Indsatsen er velbeskrevet i ni kommuner.", REASON, HANDLING)
    assert initiative_now(initiative).phase == Stage.SCREENING

    registers_the_decision(manager, str(agreement))
    for visitor in (lead, manager, reader):
        visitor.opens(home).reads(f"Modning Spor 1 I gang Siden {TODAY}", f"Fravigelse fra kriterie {EXPLAINED}")

    begins_an_assessment(lead, home, "Afprøvning", "Spor 1")
    lead.reads(f"Vurdér, hvordan det er gået med fravigelsen fra kriterie {EXPLAINED}.")
    lead.follows("Tidligere fravigelser").reads(REASON, HANDLING)
    lead.chooses("Hvordan er det gået?", "Afklaret").writes("Bemærkning", "Erfaringerne er samlet.").presses("Gem")
    lead.does_not_read("Vurdér, hvordan det er gået med fravigelsen")


def test_a_proposal_enters_screening_when_it_meets_the_conditions(lead, manager, reader, rulebook) -> None:
    headings = [condition.heading for condition in rulebook.entry_conditions.all()]
    lead.opens("/").follows("Initiativer").follows("Opret forslag").writes("Titel", "Eksempel: Tryg overgang")
    lead.presses("Opret forslaget").reads("Forslaget er oprettet med nummer")
    proposal = Initiative.objects.get()
    home = reverse("portfolio:initiative_detail", args=[proposal.number])
    reader.opens(home, expected=404)

    manager.opens("/").follows("Registrér beslutning om forslaget")
    decided(manager, "Videreføres (initiativet begynder i en fase)").chooses("Fase, der overgås til", "Screening")
    for heading in headings[1:]:
        manager.chooses(heading, "Opfyldt")
    manager.chooses(headings[0], "Ikke opfyldt").presses("Registrér beslutningen", expected=422)
    manager.reads(f"Betingelsen »{headings[0]}« er ikke opfyldt.")
    assert initiative_now(proposal).phase == Stage.PROPOSAL

    manager.chooses(headings[0], "Opfyldt").presses("Registrér beslutningen").reads("Initiativet er nu i screening.")
    reader.opens(home).reads("Eksempel: Tryg overgang", f"Screening I gang Siden {TODAY}")


def test_an_initiative_is_stopped_in_mid_phase_without_an_assessment(manager, reader) -> None:
    initiative = initiative_in(Phase.TRIAL)
    home = reverse("portfolio:initiative_detail", args=[initiative.number])

    manager.opens(home).follows("Registrér beslutning om faseovergang")
    decided(manager, "Videreføres ikke").presses("Registrér beslutningen", expected=422)
    manager.reads("Skriv, hvorfor initiativet ikke videreføres.")
    manager.writes("Begrundelse", "Kommunerne trak sig.").presses("Registrér beslutningen")

    manager.reads("Beslutningen er registreret.", "Initiativet er afsluttet.")
    reader.opens(home).reads("Afsluttet, ikke videreført", "Kommunerne trak sig.")
    manager.opens(home).does_not_read("Registrér beslutning om faseovergang")


def test_one_is_carried_on_by_a_new_one_with_its_own_title_and_agreement(people, manager, reader) -> None:
    initiative = approved_for_modning(people)
    agreement = AgreementFactory()

    manager.opens("/").follows("Registrér beslutning om overgang til modningsfasen, spor 1")
    decided(manager, "Videreføres").chooses("Aftale", str(agreement))
    manager.chooses("Hvor føres arbejdet videre?", "I et nyt initiativ med egen titel")
    manager.presses("Registrér beslutningen", expected=422).reads("Skriv titlen på det nye initiativ.")
    manager.writes("Det nye initiativs titel", "Eksempel: Modning i ti kommuner").presses("Registrér beslutningen")

    reader.opens(reverse("portfolio:initiative_detail", args=[initiative.number]))
    reader.reads("Afsluttet og videreført").follows("Eksempel: Modning i ti kommuner")
    reader.reads(
        "Viderefører 1 initiativ.", initiative.title, f"Modning Spor 1 I gang Siden {TODAY}", agreement.short_name
    )


def test_two_merge_into_one_and_the_reversal_takes_it_all_back(people, manager, reader) -> None:
    first, second = approved_for_modning(people), approved_for_modning(people)
    homes = [reverse("portfolio:initiative_detail", args=[one.number]) for one in (first, second)]

    decided(manager.opens(homes[0]).follows("Registrér beslutning om faseovergang"), "Videreføres")
    manager.chooses("Føres videre sammen med", str(second))
    manager.chooses("Hvor føres arbejdet videre?", "I et nyt initiativ med egen titel")
    manager.writes("Det nye initiativs titel", "Eksempel: Begge i én").presses("Registrér beslutningen")
    manager.reads("er afsluttet og føres videre i").reads(first.assessments.get().document_number)
    manager.reads(second.assessments.get().document_number)
    decision = manager.address
    merged = Initiative.objects.get(title="Eksempel: Begge i én")
    assert initiative_now(merged).phase == Stage.MATURATION
    for home in homes:
        reader.opens(home).reads("Afsluttet og videreført", "Eksempel: Begge i én")

    manager.opens(decision).follows("Omgør beslutningen").presses("Omgør beslutningen", expected=422)
    manager.writes("Hvorfor omgøres beslutningen?", "Registreret under forkert aftale.").presses("Omgør beslutningen")
    manager.reads("Beslutningen er omgjort", "Registreret under forkert aftale.")
    for home in homes:
        reader.opens(home).reads("Screening I gang", "Omgjort i dag").does_not_read("Eksempel: Begge i én")
    assert initiative_now(merged).phase == Stage.PROPOSAL
    reader.opens(reverse("portfolio:initiative_detail", args=[merged.number]), expected=404)


def begins_an_assessment(lead: Visitor, home: str, phase: str, track: str) -> None:
    lead.opens(home).follows("Påbegynd SUSI-vurdering")
    track = next(one.text for one in lead.page.all("label") if one.text.startswith(track))
    lead.chooses("Fase, der overgås til", phase).chooses("Spor", track).presses("Påbegynd SUSI-vurdering")
    lead.reads("Vurdering af overgangskriterier", "Vurdér kriterie")


def rates_every_criterion(lead: Visitor, owner: User, count: int) -> None:
    """Rate them in the order of the page, and depart from one of them."""
    rated = []
    while "/kriterier/" in lead.address:
        code = lead.address.rstrip("/").rpartition("/")[2]
        departs = code == EXPLAINED
        lead.chooses("Vurdering", "Delvist opfyldt" if departs else "Opfyldt")
        lead.writes("Begrundelse", f"Det er vist, hvad {code} angår.")
        if departs:
            departs_from_it(lead, owner)
        lead.presses("Gem og fortsæt til").does_not_read(f"Vurdér kriterie {code}.")
        rated.append(code)
    assert (len(rated), EXPLAINED in rated) == (count, True)


def departs_from_it(lead: Visitor, owner: User) -> None:
    lead.chooses("Grundlag", "Faglig vurdering", "Praktiske forhold")
    lead.writes("Begrundelse for fravigelsen", REASON).writes("Håndtering", HANDLING)
    lead.chooses("Ansvarlig for håndteringen", str(owner)).writes("Dato for opfølgning", "01.09.2027")


def concludes(lead: Visitor, conclusion: str) -> None:
    lead.presses("Indsend til godkendelse", expected=422).reads("SUSI-vurderingen er ikke indsendt.")
    lead.follows("Skriv konklusionen.")
    lead.chooses("Er indsatsen egnet til den nye fase?", "Ja").writes("Konklusion", conclusion)
    lead.chooses("Indstilling", "Initiativet indstilles til videreførelse")
    lead.chooses("Skal den nye viden formidles nu (fast track af viden)?", "Nej")
    lead.writes("Begrundelse for svaret om fast track", "Der er endnu ikke ny viden at formidle.")
    lead.presses("Gem").reads("Der mangler ikke noget.")


def submits(lead: Visitor) -> None:
    lead.presses("Indsend til godkendelse").reads("SUSI-vurderingen er indsendt til godkendelse.")


def returns_it(manager: Visitor) -> None:
    manager.opens("/").follows("Læs SUSI-vurderingen af overgang til modningsfasen, spor 1")
    manager.reads("12 opfyldt, 1 delvist opfyldt", REASON, HANDLING)
    manager.presses("Send tilbage med bemærkninger", expected=422).reads("Skriv, hvad der skal ændres.")
    manager.writes("Bemærkninger", REMARKS).presses("Send tilbage med bemærkninger").reads("er sendt tilbage", REMARKS)


def amends_it(lead: Visitor, conclusion: str) -> None:
    lead.opens("/").reads("Sendt tilbage til dig", REMARKS).follows("Fortsæt på SUSI-vurderingen")
    lead.reads(REMARKS).follows("Konklusion og indstilling").writes("Konklusion", conclusion).presses("Gem")
    submits(lead)


def approves_it(manager: Visitor) -> None:
    manager.opens("/").follows("Læs SUSI-vurderingen").reads("1 tekst er ændret siden")
    manager.presses("Godkend SUSI-vurderingen").reads("SUSI-vurderingen er godkendt og forseglet.")


def opens_the_pdf(reader: Visitor, document: str, *texts: str) -> None:
    reader.opens(document).reads("Godkendt og forseglet")
    response = reader.client.get(f"{document}pdf/")
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    pages = PdfReader(io.BytesIO(response.content)).pages
    printed = " ".join(" ".join(page.extract_text() for page in pages).split())
    for text in (*texts, "Eksempel: Skolestart i ro", in_groups(Assessment.objects.get().sealed_sha256[:16])):
        assert text in printed
    assert "Udkast" not in printed


def registers_the_decision(manager: Visitor, agreement: str) -> None:
    decided(manager.opens("/").follows("Registrér beslutning om overgang til modningsfasen, spor 1"), "Videreføres")
    manager.chooses("Aftale", agreement).presses("Registrér beslutningen")
    manager.reads("Beslutningen er registreret. Initiativet er nu i modning, spor 1.", agreement)


def decided(manager: Visitor, outcome: str) -> Visitor:
    """Fill in what was decided, by whom and when; phase and track stand as the assessment suggests."""
    manager.chooses("Hvad er besluttet?", outcome).chooses("Hvem har besluttet det?", "Aftalepartierne")
    return manager.writes("Hvornår er det besluttet?", TODAY)


def approved_for_modning(people: dict[Role, User]) -> Initiative:
    initiative = initiative_in(Phase.SCREENING, lead=people[Role.LEAD])
    factories.approved(initiative, manager=people[Role.MANAGER], to_phase=Phase.MATURATION)
    return initiative


def initiative_now(initiative: Initiative) -> Initiative:
    return Initiative.objects.get(pk=initiative.pk)
