"""The handbook: the help of every page, in the order in which it is read as a whole.

A text depends on nothing but itself, and so is drawn once per process (ADR 12). It lies in `templates/handbook/texts`.
"""

from dataclasses import dataclass
from functools import cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe


@dataclass(frozen=True)
class Topic:
    """A text of the handbook: its `slug` is that of its address and its template.

    It helps with the pages of `views`; a name that ends with ":" is all pages of that room. The words of the strategy
    belong to every page and to none.
    """

    slug: str
    title: str
    views: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chapter:
    title: str
    topics: tuple[Topic, ...]


CHAPTERS = (
    Chapter(
        "Kom i gang",
        (
            Topic("adgang", "Adgang, roller og adgangskode", ("password_change",)),
            Topic("overblik", "Overblik", ("overview",)),
            Topic("mit-arbejde", "Mit arbejde", ("desk:my_work",)),
            Topic("paamindelser", "Påmindelser på mail", ("desk:reminders",)),
            Topic("stedfortraedere", "Stedfortrædere", ("desk:stand_ins",)),
        ),
    ),
    Chapter(
        "Porteføljen",
        (
            Topic("initiativer", "Initiativlisten", ("portfolio:initiative_list",)),
            Topic("tidslinje", "Tidslinje", ("timeline",)),
            Topic("bilag-1", "Bilag 1", ("bilag1",)),
            Topic("aendringer", "Ændringer mellem to dage", ("changes",)),
            Topic("regelsaet", "Regelsæt", ("phases:rulebook", "phases:edition")),
        ),
    ),
    Chapter(
        "Et initiativ",
        (
            Topic("opret-forslag", "Opret et forslag", ("portfolio:initiative_create",)),
            Topic("initiativ", "Initiativets side", ("portfolio:initiative_detail",)),
            Topic("stamoplysninger", "Ret stamoplysninger", ("portfolio:initiative_edit",)),
            Topic("ansvarlig", "Ansvarlig og medarbejdere", ("portfolio:initiative_people",)),
            Topic("datoer", "Ret datoer", ("portfolio:initiative_dates",)),
            Topic(
                "laengde",
                "Fasernes længde",
                (
                    "portfolio:initiative_length",
                    "portfolio:initiative_length_act",
                    "portfolio:initiative_length_annul",
                ),
            ),
            Topic("historik", "Historik", ("portfolio:initiative_history",)),
            Topic("akter", "Sagens akter", ("desk:case_file", "desk:case_file_detail")),
            Topic("undtag", "Undtag fra aktindsigt", ("desk:exempt",)),
        ),
    ),
    Chapter(
        "Arbejdet i fasen",
        (
            Topic("fasen", "Arbejdet i fasen", ("work:phase",)),
            Topic(
                "leverancer",
                "Fasens leverancer",
                ("work:deliverables", "work:deliverables_of", "work:deliverable_add"),
            ),
            Topic(
                "leverance",
                "Én leverance og dens versioner",
                (
                    "work:deliverable",
                    "work:deliverable_edit",
                    "work:deliverable_take_out",
                    "work:version_add",
                    "work:version_annul",
                ),
            ),
            Topic(
                "brugerinddragelse",
                "Brugerinddragelse",
                (
                    "work:involvement",
                    "work:involvement_strategy",
                    "work:involvement_log",
                    "work:involvement_annul",
                ),
            ),
            Topic(
                "fast-track",
                "Fast track af viden",
                (
                    "work:knowledge",
                    "work:fast_track",
                    "work:product_create",
                    "work:product_edit",
                    "work:product_annul",
                ),
            ),
            Topic("sporvalg", "Sporvalg", ("work:track_choice", "work:track_choice_edit")),
            Topic("veje-videre", "De tre veje videre", ("work:weighing", "work:weighing_edit")),
            Topic(
                "initiativets-deltagere",
                "Initiativets deltagere",
                ("participants:of_initiative", "participants:of_initiative_map"),
            ),
            Topic(
                "registrer-deltagere",
                "Registrér deltagere, puljer og tal",
                ("participants:entry_create", "participants:entry_edit", "participants:entry_annul"),
            ),
        ),
    ),
    Chapter(
        "SUSI-vurderingen",
        (
            Topic("paabegynd", "Påbegynd SUSI-vurdering", ("assessments:start",)),
            Topic("kriterier", "Vurdér overgangskriterierne", ("assessments:gate", "assessments:criterion")),
            Topic("betingelser", "Betingelser for at indgå i strategien", ("assessments:entry",)),
            Topic("tidligere-fravigelser", "Tidligere fravigelser", ("assessments:former",)),
            Topic("konklusion", "Konklusion og indstilling", ("assessments:conclusion",)),
            Topic("skift-faseovergang", "Skift fase eller spor", ("assessments:target",)),
            Topic("susi-vurdering", "Læs, indsend og godkend", ("assessments:detail",)),
            Topic("forskelle", "Forskelle mellem to versioner", ("assessments:differences",)),
            Topic("ret-susi-vurdering", "Ret en godkendt SUSI-vurdering", ("assessments:correct",)),
            Topic("annuller-kladde", "Annullér en kladde", ("assessments:annul",)),
        ),
    ),
    Chapter(
        "Beslutningen",
        (
            Topic("registrer-beslutning", "Registrér beslutning om faseovergang", ("assessments:decision_create",)),
            Topic("beslutning", "En beslutning", ("assessments:decision_detail",)),
            Topic("omgoer-beslutning", "Omgør en beslutning", ("assessments:decision_reverse",)),
            Topic(
                "svar-uden-for-strategien",
                "Svar, at et forslag ligger uden for strategien",
                ("assessments:outside_proposal", "registers_outside_create", "registers_outside_annul"),
            ),
        ),
    ),
    Chapter(
        "Registre og deltagere",
        (
            Topic("registre", "Registre", ("registers",)),
            Topic("formidling", "Formidling af viden", ("registers_knowledge",)),
            Topic("fravigelser", "Fravigelser", ("registers_deviations",)),
            Topic("fravigelse", "Følg op på en fravigelse", ("registers_deviation",)),
            Topic(
                "kommende-aftaler",
                "Kommende aftaler",
                ("registers_coming", "registers_coming_agreement", "registers_coming_amount"),
            ),
            Topic("afgoer-aftale", "Afgør en aftale", ("registers_coming_settle",)),
            Topic("uden-for-strategien", "Uden for strategien", ("registers_outside",)),
            Topic("statistik", "Statistik over faseovergange", ("statistics",)),
            Topic("kontrol", "Kontrollér et dokument", ("verification",)),
            Topic("belastning", "Deltagere på tværs", ("participants:load", "participants:map")),
            Topic(
                "organisationer",
                "Organisationer",
                (
                    "participants:organisation_list",
                    "participants:organisation",
                    "participants:organisation_create",
                    "participants:organisation_edit",
                ),
            ),
        ),
    ),
    Chapter(
        "For administratorer",
        (
            Topic("administration", "Administration", ("admin:",)),
            Topic("fratraadt", "Registrér en medarbejder som fratrådt", ("desk:register_left",)),
            Topic("adgang-og-filer", "Hvem har set hvad", ("registers_access",)),
            Topic("indlaesning", "Indlæsning fra regneark", ("portfolio:import_list", "portfolio:import_detail")),
        ),
    ),
    Chapter("Opslag", (Topic("ord", "Ord og begreber"),)),
)
TOPICS = {topic.slug: topic for chapter in CHAPTERS for topic in chapter.topics}
_BY_VIEW = {view: topic for topic in TOPICS.values() for view in topic.views}


def topic_of(view: str) -> Topic | None:
    """Return the text that helps with the page of `view`, None where there is none."""
    room = view[: view.find(":") + 1]
    return _BY_VIEW.get(view) or _BY_VIEW.get(room)


@cache
def text_of(topic: Topic) -> SafeString:
    """Return the text as it stands below the heading of its own page; its own headings are of the second level."""
    return render_to_string(f"handbook/texts/{topic.slug}.html")


@cache
def text_in_the_whole(topic: Topic) -> SafeString:
    """Return the text as it stands in the whole handbook, below chapter and title."""
    text = text_of(topic).replace("<h2>", "<h4>").replace("</h2>", "</h4>")
    return mark_safe(text)  # noqa: S308 a template of ours  # nosec B308 B703
