"""The work in a phase, written through the actions: for the tests of every page, and for those of the work."""

from typing import Any

from phases.fast_track import Channel
from phases.models import Edition, TrackDefinition
from phases.terms import Track, WayOn
from phases.track_choice import Fit
from portfolio.models import Initiative, PhaseRun
from susi.dates import parse
from susi.models import User
from work.actions import fast_track, involvement, track_choice
from work.models import InvolvementEvent, KnowledgeProduct, TrackChoice, WayWeighing

STRATEGY = ("whom", "how", "design", "interpretation", "reason", "premise", "ethics", "representation")


def strategy_texts(text: str = "Eksempel") -> dict[str, str]:
    return dict.fromkeys(STRATEGY, text)


def logged(run: PhaseRun, by: User, **values: Any) -> InvolvementEvent:
    """Log something that took place."""
    written = {"happened_on": parse("02.03.2026"), "what": "Workshop", "groups": "Otte unge", "changed": "Opstarten"}
    return involvement.log_involvement(run=run, by=by, **{**written, **values})


def product(run: PhaseRun, by: User, **values: Any) -> KnowledgeProduct:
    """Add a planned product."""
    written = {"title": "Eksempel: vejledning", "audience": "Kommuner", "channel": Channel.PRINT}
    return fast_track.add_product(run=run, by=by, **{**written, **values})


def fits_of(track: str, *fits: str, note: str = "") -> list[dict[str, str]]:
    return [{"track": track, "wording": f"Kendetegn {no}", "fit": fit, "note": note} for no, fit in enumerate(fits)]


def chosen(initiative: Initiative, by: User, **values: Any) -> TrackChoice:
    """Fill in the whole worksheet, choosing spor 2."""
    written = {
        "version": 0,
        "fits": [*fits_of(Track.ONE, Fit.NOT, Fit.PARTLY), *fits_of(Track.TWO, Fit.FITS, Fit.FITS)],
        "knowledge_goal": "Viden om, hvad der bærer indsatsen.",
        "is_prepared": True,
        "preparation": "Prototypen er drøftet med fire kommuner.",
        "track": Track.TWO,
        "reason": "Udførelsen afhænger af kommunens organisering.",
    }
    return track_choice.save_track_choice(initiative=initiative, by=by, **{**written, **values})


def weighed(run: PhaseRun, by: User, text: str = "Eksempel", **values: Any) -> WayWeighing:
    """Fill in the whole weighing, pointing to spor 2."""
    ways = [{"way": way, "pros": text, "cons": text, "gain": text} for way in WayOn.values]
    written = {"version": 0, "ways": ways, "way": WayOn.TRIAL_TRACK_TWO, "reason": text}
    return track_choice.save_weighing(run=run, by=by, **{**written, **values})


def define_tracks(edition: Edition) -> None:
    """Let both tracks of a small published edition have two characteristics."""
    TrackDefinition.objects.bulk_create(
        TrackDefinition(
            edition=edition,
            track=track,
            name=f"Eksempel {track}",
            definition="Definition",
            characteristics=["Kendetegn 0", "Kendetegn 1"],
            source="Eksempel",
        )
        for track in Track
        if not edition.track_definitions.filter(track=track).exists()
    )


def work_on(world: Any) -> tuple[InvolvementEvent, KnowledgeProduct]:
    """Do `size` of everything in the hub of a world, and choose the track of its idle initiative and its proposal.

    Returns the first that was logged and the first product.
    """
    text, lead = world.text, world.lead
    define_tracks(world.edition)
    run = Initiative.objects.get(pk=world.hub.pk).current_run
    involvement.save_strategy(run=run, by=lead, version=0, **strategy_texts(text))
    events = [logged(run, lead, what=f"{text} {no}", groups=text, changed=text) for no in range(world.size)]
    logged_by_mistake = [logged(run, lead, what=f"{text} forkert {no}", groups=text) for no in range(world.size)]
    for event in logged_by_mistake:
        involvement.annul_involvement(event=event, by=lead, reason=text)
    products = [product(run, lead, title=f"{text} {no}", audience=text) for no in range(world.size)]
    published = product(run, lead, title=f"{text} formidlet", published_on=parse("2026"), link="https://eksempel.dk/")
    fast_track.annul_product(product=published, by=lead, reason=text)
    stopped = Initiative.objects.get(pk=world.stopped.pk).current_run
    fast_track.answer_fast_track(run=stopped, by=lead, version=0, answer=True, reason=text)
    for initiative in (world.idle, world.proposal):
        chosen(Initiative.objects.get(pk=initiative.pk), lead, reason=text, knowledge_goal=text, preparation=text)
    weighed(run, lead, text)
    return events[0], products[0]
