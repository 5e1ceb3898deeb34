"""Every page of the system: which there are, where they are in a `World`, and who reads them."""

import datetime
from collections.abc import Iterator
from typing import NamedTuple

from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from assessments.models import Assessment
from participants.kinds import KINDS
from susi.dates import danish
from susi.days import today
from susi.roles import Role
from tests.world import World

LEAD, MANAGER, READER, ADMINISTRATOR = Role.LEAD, Role.MANAGER, Role.READER, Role.ADMINISTRATOR
EVERYONE = (LEAD, MANAGER, READER, ADMINISTRATOR)
WORKING = (LEAD, MANAGER)
YESTERDAY = f"dag={danish(today() - datetime.timedelta(days=1))}"  # a world was made the day before

# view, where, for whom, query
PAGES: list[tuple[str, str, tuple[Role, ...], str]] = [
    ("overview", "", EVERYONE, ""),
    ("overview", "", EVERYONE, f"?{YESTERDAY}"),
    ("timeline", "", EVERYONE, ""),
    ("timeline", "", (READER,), f"?{YESTERDAY}"),
    ("timeline", "", (READER,), "?gruppe=agreement&phase=screening"),
    ("timeline", "", (READER,), "?gruppe=target_group&q=findes+ikke"),
    ("password_change", "", EVERYONE, ""),
    ("portfolio:initiative_list", "", EVERYONE, ""),
    ("portfolio:initiative_list", "", (READER,), "?q=findes+ikke&phase=trial"),
    ("portfolio:initiative_list", "", (READER,), "?phase=maturation&track=2&status=running&sort=number"),
    ("portfolio:initiative_list", "", WORKING, f"?{YESTERDAY}"),
    ("portfolio:initiative_list", "", (READER,), f"?{YESTERDAY}&q=eksempel+begrundelse&deviations=yes"),
    ("changes", "", EVERYONE, ""),
    ("changes_pdf", "", EVERYONE, ""),
    ("statistics", "", EVERYONE, ""),
    ("statistics", "", (READER,), f"?{YESTERDAY}"),
    ("statistics", "", (READER,), f"?{YESTERDAY}&vis=departed"),
    ("portfolio:initiative_list", "", WORKING, "?q=eksempel+begrundelse&deviations=yes&lead=me&sort=-lead"),
    ("portfolio:initiative_list", "", (READER,), "?agreement=0&target_group=none&outcome=not_ended&sort=agreement"),
    ("portfolio:initiative_export", "csv", EVERYONE, ""),
    ("portfolio:initiative_export", "xlsx", EVERYONE, ""),
    ("portfolio:initiative_export", "pdf", EVERYONE, "?phase=maturation"),
    ("portfolio:initiative_export", "csv", (READER,), f"?{YESTERDAY}"),
    ("portfolio:initiative_export", "xlsx", (READER,), f"?{YESTERDAY}"),
    ("portfolio:initiative_export", "pdf", (READER,), f"?{YESTERDAY}"),
    ("portfolio:initiative_create", "", (LEAD,), ""),
    ("bilag1", "", EVERYONE, ""),
    ("bilag1", "", (READER,), "?programme=none"),
    ("bilag1", "", (READER,), f"?{YESTERDAY}"),
    ("bilag1_xlsx", "", EVERYONE, ""),
    ("bilag1_xlsx", "", (READER,), f"?{YESTERDAY}"),
    ("bilag1_pdf", "", EVERYONE, ""),
    ("bilag1_pdf", "", (READER,), f"?{YESTERDAY}"),
    ("portfolio:initiative_detail", "hub", EVERYONE, ""),
    ("portfolio:initiative_detail", "proposal", WORKING, ""),
    ("portfolio:initiative_detail", "idle", EVERYONE, ""),
    ("portfolio:initiative_detail", "last", EVERYONE, ""),
    ("portfolio:initiative_detail", "stopped", EVERYONE, ""),
    ("portfolio:initiative_detail", "merged", EVERYONE, ""),
    ("portfolio:initiative_detail", "of the submitted", EVERYONE, ""),
    ("portfolio:initiative_detail", "of the returned", EVERYONE, ""),
    ("portfolio:initiative_detail", "of the approved", EVERYONE, ""),
    ("portfolio:initiative_detail", "of the corrected", EVERYONE, ""),
    ("portfolio:initiative_edit", "hub", (LEAD,), ""),
    ("portfolio:initiative_people", "hub", WORKING, ""),
    ("portfolio:initiative_dates", "hub", (LEAD, MANAGER, ADMINISTRATOR), ""),
    ("portfolio:initiative_dates", "proposal", WORKING, ""),
    ("portfolio:initiative_length", "hub", EVERYONE, ""),
    ("portfolio:initiative_length", "proposal", WORKING, ""),
    ("portfolio:initiative_length", "stopped", EVERYONE, ""),
    ("portfolio:initiative_length_act", "extension of the hub", WORKING, ""),
    ("portfolio:initiative_length_act", "pause of the hub", WORKING, ""),
    ("portfolio:initiative_length_act", "resumption of the hub", WORKING, ""),
    ("portfolio:initiative_length_act", "reason of the hub", (LEAD,), ""),
    ("portfolio:initiative_length_annul", "pause row", WORKING, ""),
    ("portfolio:initiative_history", "hub", EVERYONE, ""),
    ("portfolio:initiative_history", "merged", EVERYONE, ""),
    ("portfolio:initiative_history", "of the corrected", EVERYONE, ""),
    ("portfolio:import_list", "", (ADMINISTRATOR,), ""),
    ("portfolio:import_template", "", (ADMINISTRATOR,), ""),
    ("portfolio:import_present", "", (ADMINISTRATOR,), ""),
    ("portfolio:import_detail", "checked import", (ADMINISTRATOR,), ""),
    ("portfolio:import_detail", "checked import", (ADMINISTRATOR,), "?vis=nye"),
    ("portfolio:import_detail", "confirmed import", (ADMINISTRATOR,), ""),
    ("portfolio:import_detail", "refused import", (ADMINISTRATOR,), ""),
    ("assessments:start", "idle", (LEAD,), ""),
    ("assessments:start", "hub", (LEAD,), ""),
    ("assessments:start", "stopped", (LEAD,), ""),
    ("assessments:start", "last", (LEAD,), ""),
    ("assessments:detail", "draft", WORKING, ""),
    ("assessments:detail", "hub draft", WORKING, ""),
    ("assessments:detail", "submitted", EVERYONE, ""),
    ("assessments:detail", "returned", WORKING, ""),
    ("assessments:detail", "approved", EVERYONE, ""),
    ("assessments:detail", "corrected", EVERYONE, ""),
    ("assessments:detail", "correction", WORKING, ""),
    ("assessments:detail", "annulled", WORKING, ""),
    ("assessments:gate", "draft", (LEAD,), ""),
    ("assessments:criterion", "criterion", (LEAD,), ""),
    ("assessments:criterion", "criterion of the returned", (LEAD,), ""),
    ("assessments:entry", "hub draft", (LEAD,), ""),
    ("assessments:former", "hub draft", (LEAD,), ""),
    ("assessments:conclusion", "hub draft", (LEAD,), ""),
    ("assessments:conclusion", "correction", (LEAD,), ""),
    ("assessments:target", "hub draft", (LEAD,), ""),
    ("assessments:target", "hub draft", (LEAD,), "?to_phase=trial&to_track=1"),
    ("assessments:correct", "approved", (LEAD,), ""),
    ("assessments:annul", "hub draft", WORKING, ""),
    ("assessments:pdf", "draft", WORKING, ""),
    ("assessments:pdf", "submitted", EVERYONE, ""),
    ("assessments:pdf", "approved", EVERYONE, ""),
    ("assessments:differences", "returned", WORKING, ""),
    ("assessments:differences", "corrected", EVERYONE, ""),
    ("assessments:decision_create", "proposal", (MANAGER,), ""),
    ("assessments:decision_create", "hub", (MANAGER,), ""),
    ("assessments:decision_create", "of the approved", (MANAGER,), ""),
    ("assessments:decision_create", "last", (MANAGER,), ""),
    ("assessments:decision_create", "stopped", (MANAGER,), ""),
    ("assessments:decision_detail", "merger", EVERYONE, ""),
    ("assessments:decision_detail", "reversed", EVERYONE, ""),
    ("assessments:decision_reverse", "merger", (MANAGER,), ""),
    ("work:phase", "hub", EVERYONE, ""),
    ("work:phase", "proposal", WORKING, ""),
    ("work:phase", "stopped", EVERYONE, ""),
    ("work:deliverables", "hub", EVERYONE, ""),
    ("work:deliverables", "proposal", WORKING, ""),
    ("work:deliverables", "merged", EVERYONE, ""),
    ("work:deliverables_of", "run", EVERYONE, ""),
    ("work:deliverable", "deliverable", EVERYONE, ""),
    ("work:deliverable", "own deliverable", EVERYONE, ""),
    ("work:deliverable", "deliverable left out", EVERYONE, ""),
    ("work:deliverable", "deliverable to weigh", EVERYONE, ""),
    ("work:deliverable_edit", "deliverable", (LEAD,), ""),
    ("work:deliverable_add", "run", (LEAD,), ""),
    ("work:deliverable_take_out", "deliverable", (LEAD,), ""),
    ("work:deliverable_take_out", "own deliverable", (LEAD,), ""),
    ("work:version_add", "deliverable", (LEAD,), ""),
    ("work:version_annul", "version", (LEAD,), ""),
    ("work:version_file", "version", EVERYONE, ""),
    ("participants:load", "", EVERYONE, ""),
    ("participants:load", "", (READER,), "?kind=provider&phase=dissemination&sort=now"),
    ("participants:map", "", EVERYONE, ""),
    ("participants:map", "", (READER,), "?phase=dissemination"),
    ("participants:of_initiative", "last", EVERYONE, ""),
    ("participants:of_initiative", "of the reversed", EVERYONE, ""),
    ("participants:of_initiative", "proposal", WORKING, ""),
    ("participants:of_initiative_map", "last", EVERYONE, ""),
    ("participants:organisation_list", "", EVERYONE, ""),
    ("participants:organisation_list", "", (READER,), "?kind=municipality&q=eksempel"),
    ("participants:organisation_create", "", WORKING, ""),
    ("participants:organisation", "organisation", EVERYONE, ""),
    ("participants:organisation_edit", "organisation", WORKING, ""),
    *(("participants:entry_create", f"new {slug}", (LEAD,), "") for slug in KINDS if slug != "ansoegning"),
    *(("participants:entry_edit", slug, (LEAD,), "") for slug in KINDS),
    ("participants:entry_annul", "deltager", (LEAD,), ""),
    ("work:involvement", "hub", EVERYONE, ""),
    ("work:involvement", "proposal", WORKING, ""),
    ("work:involvement_strategy", "run of the hub", (LEAD,), ""),
    ("work:involvement_log", "run of the hub", (LEAD,), ""),
    ("work:involvement_annul", "involvement", (LEAD,), ""),
    ("work:knowledge", "hub", EVERYONE, ""),
    ("work:knowledge", "stopped", EVERYONE, ""),
    ("work:knowledge", "proposal", WORKING, ""),
    ("work:fast_track", "run of the stopped", WORKING, ""),
    ("work:fast_track", "run of the hub", WORKING, ""),
    ("work:product_create", "run of the hub", WORKING, ""),
    ("work:product_edit", "product", WORKING, ""),
    ("work:product_annul", "product", WORKING, ""),
    ("work:track_choice", "idle", EVERYONE, ""),
    ("work:track_choice", "hub", EVERYONE, ""),
    ("work:track_choice", "proposal", WORKING, ""),
    ("work:track_choice_edit", "idle", (LEAD,), ""),
    ("work:track_choice_edit", "proposal", (LEAD,), ""),
    ("work:weighing", "hub", EVERYONE, ""),
    ("work:weighing", "last", EVERYONE, ""),
    ("work:weighing_edit", "hub", (LEAD,), ""),
    ("handbook", "", EVERYONE, ""),
    ("handbook_whole", "", EVERYONE, ""),
    ("handbook_topic", "help", EVERYONE, ""),
    ("registers", "", EVERYONE, ""),
    ("registers_access", "", (ADMINISTRATOR,), ""),
    ("registers_access", "", (ADMINISTRATOR,), "?kind=fetched&since=01.01.2026&until=01.01.2026"),
    ("registers_access_csv", "", (ADMINISTRATOR,), ""),
    ("registers_knowledge", "", EVERYONE, ""),
    ("registers_knowledge", "", (READER,), "?q=eksempel&channel=print&phase=maturation&state=planned"),
    ("registers_knowledge", "", (READER,), "?q=findes+ikke"),
    ("registers_knowledge_csv", "", EVERYONE, ""),
    ("registers_deviations", "", EVERYONE, ""),
    ("registers_deviations", "", (READER,), f"?{YESTERDAY}"),
    ("registers_deviations", "", (READER,), "?q=eksempel&state=due&ground=professional&owner=me&sort=newest"),
    ("registers_deviations_export", "csv", EVERYONE, ""),
    ("registers_deviations_export", "xlsx", (READER,), f"?{YESTERDAY}"),
    ("registers_deviations_export", "pdf", (READER,), "?state=open"),
    ("registers_deviation", "deviation", EVERYONE, ""),
    ("registers_outside", "", EVERYONE, ""),
    ("registers_outside", "", (READER,), "?q=findes+ikke"),
    ("registers_outside_export", "csv", EVERYONE, ""),
    ("registers_outside_export", "pdf", (READER,), ""),
    ("registers_outside_create", "", (MANAGER,), ""),
    ("registers_outside_annul", "answer", (MANAGER,), ""),
    ("assessments:outside_proposal", "proposal", (MANAGER,), ""),
    ("registers_coming", "", EVERYONE, ""),
    ("registers_coming_agreement", "coming", EVERYONE, ""),
    ("registers_coming_settle", "coming", (MANAGER,), ""),
    ("registers_coming_amount", "coming amount", WORKING, ""),
    ("registers_coming_export", "coming xlsx", EVERYONE, ""),
    ("registers_coming_export", "coming pdf", (READER,), ""),
    ("verification", "", EVERYONE, ""),
    ("verification", "", (READER,), "?kontrolsum=0123456789ab"),
    ("desk:my_work", "", EVERYONE, ""),
    ("desk:my_work", "", (LEAD,), "?kind=draft&page=2"),
    ("desk:reminders", "", EVERYONE, ""),
    ("desk:stand_ins", "", EVERYONE, ""),
    ("desk:register_left", "user", (ADMINISTRATOR,), ""),
    ("desk:register_left", "colleague", (ADMINISTRATOR,), ""),
    ("desk:case_file", "hub", (LEAD, MANAGER, ADMINISTRATOR), ""),
    ("desk:case_file_detail", "case file", (LEAD, MANAGER, ADMINISTRATOR), ""),
    ("desk:case_file_detail", "case file being made", (LEAD,), ""),
    ("desk:case_file_fetch", "case file", (LEAD,), ""),
    ("desk:exempt", "status", WORKING, ""),
    ("phases:rulebook", "", EVERYONE, ""),
    ("phases:rulebook", "", (READER,), "?forskelle=1"),
    ("phases:edition", "edition", EVERYONE, ""),
    ("phases:edition", "draft edition", (ADMINISTRATOR,), ""),
    ("admin:index", "", (ADMINISTRATOR,), ""),
    ("admin:password_change", "", (ADMINISTRATOR,), ""),
    ("admin:password_change_done", "", (ADMINISTRATOR,), ""),
    ("admin:app_list", "app", (ADMINISTRATOR,), ""),
    ("admin:auth_user_password_change", "user", (ADMINISTRATOR,), ""),
    ("admin:phases_edition_change", "draft edition row", (ADMINISTRATOR,), ""),
    ("admin:phases_edition_copy", "edition row", (ADMINISTRATOR,), ""),
    ("admin:phases_edition_publish", "draft edition row", (ADMINISTRATOR,), ""),
    *(
        (f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", where, (ADMINISTRATOR,), "")
        for model in admin.site._registry
        for page, where in [("changelist", ""), ("change", f"{model._meta.model_name} row"), ("add", "")]
        if (model._meta.model_name, page) != ("theme", "add")  # added on the page of its edition
    ),
    *(
        (f"admin:{model._meta.app_label}_{model._meta.model_name}_history", where, (ADMINISTRATOR,), "")
        for model in admin.site._registry
        for where in [f"{model._meta.model_name} row"]
    ),
]

# What only takes a form, and so has no page of its own.
ACTS = {
    "logout": "",
    "portfolio:status_write": "hub",
    "portfolio:import_confirm": "checked import",
    "portfolio:import_discard": "checked import",
    "portfolio:import_take_back": "confirmed import",
    "participants:call_take_in": "call",
    "assessments:submit": "draft",
    "assessments:withdraw": "submitted",
    "assessments:approve": "submitted",
    "assessments:send_back": "submitted",
    "work:deliverable_take_in": "deliverable left out",
    "desk:stand_in_end": "stand-in",
    "desk:case_file_step": "case file being made",
    "desk:exemption_lift": "exemption",
    "admin:logout": "",
}

# Django's own that are no pages here: nothing is deleted, and there is one log-in.
CLOSED = {
    *("login", "password_reset", "password_reset_done", "password_reset_confirm"),  # for those who are not logged in
    *("oidc_authentication_init", "oidc_authentication_callback"),
    "was",  # leads elsewhere, where the agency has an accessibility statement
    "admin:login",
    "admin:autocomplete",
    "admin:jsi18n",
    "admin:view_on_site",
    "admin:phases_theme_add",
    *(f"admin:{model._meta.app_label}_{model._meta.model_name}_delete" for model in admin.site._registry),
}

# Asked by machines, without a log-in.
PROBES = {"healthz", "readyz"}


class Place(NamedTuple):
    """A page for one person, with what the failures call it."""

    name: str
    role: Role
    address: str


def view_names() -> set[str]:
    """The names of all addresses, but Django's way back from misspelt ones."""
    return {name for name in _names(get_resolver()) if not name.endswith(":None")}


def _names(resolver: URLResolver, namespaces: tuple[str, ...] = ()) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield ":".join([*namespaces, str(pattern.name)])
        else:
            yield from _names(pattern, (*namespaces, pattern.namespace) if pattern.namespace else namespaces)


def places(world: World) -> list[Place]:
    """Return every page in `world` for everyone who reads it."""
    where = arguments(world)
    return [
        Place(f"{view} {place}{query} ({role})", role, reverse(view, args=where[place]) + query)
        for view, place, roles, query in PAGES
        for role in roles
    ]


def arguments(world: World) -> dict[str, tuple]:
    """Return the arguments of the addresses by the name of the place."""

    def at(assessment: Assessment, *more: str) -> tuple:
        return (assessment.initiative.number, assessment.no, *more)

    return {
        "": (),
        "help": ("kriterier",),
        "csv": ("csv",),
        "xlsx": ("xlsx",),
        "pdf": ("pdf",),
        "hub": (world.hub.number,),
        "proposal": (world.proposal.number,),
        "idle": (world.idle.number,),
        "last": (world.last.number,),
        "stopped": (world.stopped.number,),
        "merged": (world.merger.initiative.number,),
        "run of the hub": (world.hub.number, world.hub.current_run.sequence),
        "run of the stopped": (world.stopped.number, world.stopped.runs.get().sequence),
        "involvement": (world.hub.number, world.involvement.pk),
        "product": (world.hub.number, world.product.pk),
        "of the submitted": (world.submitted.initiative.number,),
        "of the returned": (world.returned.initiative.number,),
        "of the approved": (world.approved.initiative.number,),
        "of the corrected": (world.corrected.initiative.number,),
        "of the reversed": (world.reversed.initiative.number,),
        "call": (world.last.number, world.participants["pulje"].pk),
        "organisation": (world.participants["organisation"].pk,),
        **{slug: (world.participants[slug].initiative.number, slug, world.participants[slug].pk) for slug in KINDS},
        **{f"new {slug}": (world.participants[slug].initiative.number, slug) for slug in KINDS},
        "draft": at(world.draft),
        "hub draft": at(world.hub_draft),
        "submitted": at(world.submitted),
        "returned": at(world.returned),
        "approved": at(world.approved),
        "corrected": at(world.corrected),
        "correction": at(world.correction),
        "annulled": at(world.annulled),
        "criterion": at(world.hub_draft, "A1.1"),
        "criterion of the returned": at(world.returned, "M1.1"),
        "run": (world.hub.number, 1),
        "deliverable": (world.hub.number, 1, "M-a"),
        "own deliverable": (world.hub.number, 1, "egen-1"),
        "deliverable left out": (world.hub.number, 1, "M-b"),
        "deliverable to weigh": (world.hub.number, 1, "M-midtvejs"),
        "version": (world.hub.number, 1, "M-a", 1),
        "extension of the hub": (world.hub.number, "forlaeng"),
        "pause of the hub": (world.hub.number, "pause"),
        "resumption of the hub": (world.hub.number, "genoptag"),
        "reason of the hub": (world.hub.number, "begrundelse"),
        "pause row": (world.hub.number, world.pause.pk),
        "deviation": (world.deviation.pk,),
        "answer": (world.answer.pk,),
        "coming": (world.coming.agreement_id,),
        "coming xlsx": (world.coming.agreement_id, "xlsx"),
        "coming pdf": (world.coming.agreement_id, "pdf"),
        "coming amount": (world.coming.agreement_id, world.coming.initiative.number),
        "merger": (world.merger.initiative.number, world.merger.no),
        "reversed": (world.reversed.initiative.number, world.reversed.no),
        "checked import": (world.checked_import.pk,),
        "confirmed import": (world.confirmed_import.pk,),
        "refused import": (world.refused_import.pk,),
        "stand-in": (world.stand_in.pk,),
        "case file": (world.hub.number, world.case_file.pk),
        "case file being made": (world.hub.number, world.case_file_being_made.pk),
        "status": (world.hub.number, "status", str(world.status.pk)),
        "exemption": (world.hub.number, world.exemption.pk),
        "edition": (world.edition.number,),
        "edition row": (world.edition.pk,),
        "draft edition": (world.draft_edition.number,),
        "draft edition row": (world.draft_edition.pk,),
        "theme row": (world.draft_edition.themes.first().pk,),
        "programme row": (world.programme.pk,),
        "agreement row": (world.agreements[0].pk,),
        "targetgroup row": (world.groups[0].pk,),
        "user row": (world.lead.pk,),
        "user": (world.lead.pk,),
        "colleague": (world.reader.pk,),
        "app": ("portfolio",),
    }
