"""Choosing the track, and weighing the ways on: when it is done, what it takes, and what follows from it.

Source: Drejebogen, To spor i fasemodellen and bilag A. The characteristics of each track are data of the edition
(`TrackDefinition`); the special requirements of bilag A are here, since a published edition is never changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import TextChoices

from phases.gates.assessment import needs_weighing
from phases.terms import Stage, Track, WayOn

SOURCE = "Drejebogen, bilag A"


class Fit(TextChoices):
    """How a characteristic of a track fits the intervention."""

    FITS = "fits", "Passer"
    PARTLY = "partly", "Passer delvist"
    NOT = "not", "Passer ikke"


@dataclass(frozen=True, slots=True)
class Said:
    """What the strategy says, in short: the heading is Drejebogen's, the sentence ours."""

    heading: str
    text: str
    source: str


REQUIREMENTS: dict[str, tuple[Said, ...]] = {
    Track.ONE: (
        Said(
            "Ensartet udførelse",
            "Senest i modningsfasen defineres indsatsen så klart, at andre kan implementere den ud fra beskrivelsen. "
            "Der udarbejdes fidelitetskriterier, og indsatsen udføres ensartet uanset den lokale kontekst.",
            "Drejebogen, bilag A, Spor 1, Særlige krav",
        ),
        Said(
            "Relativt kort implementeringstid",
            "Indsatsen kan omsættes i praksis så hurtigt, at modningsfasen kan arbejde med strukturerede "
            "udviklingsforløb og en pilotfase, og at en effektmåling kan gennemføres i afprøvningsfasen.",
            "Drejebogen, bilag A, Spor 1, Særlige krav",
        ),
        Said(
            "Gerne relativt korte tidsafgrænsede borgerforløb",
            "Korte borgerforløb med en afslutning er lettere at håndtere i spor 1 end varige indsatser.",
            "Drejebogen, bilag A, Spor 1, Særlige krav",
        ),
    ),
    Track.TWO: (
        Said(
            "Variation i udførelsen kan være et vilkår",
            "Senest i modningsfasen defineres indsatsen klart. Der kræves ikke fidelitetskriterier, men "
            "handlingsanvisninger, så det bagefter kan vurderes, om indsatsen er fulgt. Om muligt opstilles "
            "kvalitetsstandarder. De grundlæggende funktioner eller principper udføres relativt ensartet.",
            "Drejebogen, bilag A, Spor 2, Modificerede krav i spor 2",
        ),
        Said(
            "Lang implementeringstid kan være et vilkår",
            "Modningen tilrettelægges, så indsatsen kvalificeres, samtidig med at den omsættes i praksis. Der udvikles "
            "redskaber til at implementere den fælles model lokalt.",
            "Drejebogen, bilag A, Spor 2, Modificerede krav i spor 2",
        ),
        Said(
            "Klart vidensmål for den næste fase",
            "Det står klart, hvilken viden den næste fase skal give, om det er fagligt og metodisk realistisk at opnå "
            "den, og om vidensgevinsten står mål med udgifterne.",
            "Drejebogen, bilag A, Spor 2, Særlige krav",
        ),
    ),
}

CONSEQUENCES: dict[str, tuple[Said, ...]] = {
    Track.ONE: (
        Said(
            "Beskrivelse",
            "Fidelitetskriterier for udførelsen.",
            "Drejebogen, Modningsfasen, Særligt for spor 1",
        ),
        Said(
            "Evaluering",
            "Læringsloops og eventuelt pilotafprøvning i modningsfasen. Effektevaluering i afprøvningsfasen, typisk "
            "med kontrolgruppe.",
            "Drejebogen, Modningsfasen og Afprøvningsfasen, Særligt for spor 1",
        ),
        Said(
            "Økonomi",
            "Omkostningsvurdering, derefter økonomisk evaluering og beregning i SØM.",
            "Drejebogen, Økonomisk analyse og Den Socialøkonomiske Investeringsmodel (SØM)",
        ),
        Said(
            "Måleredskaber",
            "Validerede måleredskaber fra nettolisten. Afvigelser og fravalg af relevante redskaber fra bruttolisten "
            "begrundes (følg-eller-forklar).",
            "Drejebogen, bilag B",
        ),
    ),
    Track.TWO: (
        Said(
            "Beskrivelse",
            "Funktioner eller principper med handlingsanvisninger. Om muligt kvalitetsstandarder.",
            "Drejebogen, Modningsfasen, Særligt for spor 2",
        ),
        Said(
            "Evaluering",
            "Prøvehandlinger i modningsfasen. Andre designs end kontrolgruppe i afprøvningsfasen. De tre veje videre "
            "afvejes efter modning.",
            "Drejebogen, To spor i fasemodellen og Formål med modningsfasen",
        ),
        Said(
            "Økonomi",
            "Omkostningsanalyse, hvis det er muligt, ellers udgiftsanalyse. Sjældent beregning i SØM.",
            "Drejebogen, Økonomisk analyse og Den Socialøkonomiske Investeringsmodel (SØM)",
        ),
        Said(
            "Måleredskaber",
            "Validerede måleredskaber, når det er muligt og relevant. Gerne registerdata.",
            "Drejebogen, Modningsfasen, Særligt for spor 2",
        ),
    ),
}

WAY_QUESTIONS: dict[str, str] = {
    WayOn.TRIAL_TRACK_TWO: "Giver afprøvningen væsentlig ny viden, selv om den ikke giver stærk effektviden?",
    WayOn.TRIAL_TRACK_ONE: "Er der et udvalg af kerneelementer, som er en helhed i sig selv og kan effektevalueres?",
    WayOn.SPREAD: "Er hurtig og målrettet formidling mere værd end at afvente en afprøvning?",
}


def track_is_to_be_chosen(stage: str, track: str) -> bool:
    """Return whether the worksheet belongs to the phase one is in: at the end of screening, in a proposal that leaves
    it out, and where the track is not known and the next assessment must choose."""
    if stage in (Stage.PROPOSAL, Stage.SCREENING):
        return True
    return stage in (Stage.MATURATION, Stage.TRIAL) and not track


def ways_are_to_be_weighed(stage: str, track: str) -> bool:
    """Return whether the three ways on are to be weighed; the rule of the gate (`phases.gates.needs_weighing`)."""
    return needs_weighing(stage, track)


@dataclass(frozen=True, slots=True)
class ChoiceFacts:
    """The worksheet as written so far. `fits` holds the answers by track, "" for none."""

    track: str = ""
    reason: str = ""
    knowledge_goal: str = ""
    is_prepared: bool | None = None
    preparation: str = ""
    fits: Mapping[str, Sequence[str]] | None = None


def choice_missing(facts: ChoiceFacts) -> list[str]:
    """Return a sentence for each thing the worksheet still lacks; empty means the track is chosen.

    Spor 2 asks for a clear knowledge goal, and both tracks for well-prepared projects (Drejebogen, bilag A).
    """
    missing = []
    for track in Track:
        open_ones = sum(not fit for fit in (facts.fits or {}).get(track, ()))
        if open_ones:
            missing.append(f"Tag stilling til {open_ones} kendetegn ved {track.label.lower()}.")
    if facts.is_prepared is None:
        missing.append("Tag stilling til, om den næste fase er velforberedt.")
    elif not facts.is_prepared:
        missing.append("Den næste fase er ikke velforberedt endnu. Dårligt forberedte projekter hører ikke under SUSI.")
    elif not facts.preparation.strip():
        missing.append("Skriv, hvad der gør, at den næste fase er velforberedt.")
    if not facts.track:
        missing.append("Vælg spor.")
    elif not facts.reason.strip():
        missing.append("Begrund valget af spor.")
    if facts.track == Track.TWO and not facts.knowledge_goal.strip():
        missing.append("Skriv vidensmålet. Det kræves i spor 2.")
    return missing


@dataclass(frozen=True, slots=True)
class WeighedWay:
    """What is written of one of the three ways on."""

    way: str
    pros: str = ""
    cons: str = ""
    gain: str = ""


def weighing_missing(ways: Sequence[WeighedWay], chosen: str, reason: str) -> list[str]:
    """Return a sentence for each thing the weighing of the three ways still lacks; empty means they are weighed.

    All three are weighed against each other (Drejebogen, Formål med modningsfasen).
    """
    written = {one.way: one for one in ways}
    missing = []
    for way in WayOn:
        one = written.get(way, WeighedWay(way))
        if not (one.pros.strip() and one.cons.strip() and one.gain.strip()):
            missing.append(f"Skriv for, imod og udbytte: {way.label}.")
    if not chosen:
        missing.append("Vælg den vej, afvejningen peger på.")
    elif not reason.strip():
        missing.append("Begrund, hvorfor afvejningen peger på den vej.")
    return missing
