"""Where in the gate room each finding is settled."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.text import Truncator

from assessments.contents import Contents
from assessments.models import Assessment
from phases.gates import Finding

TARGET, ENTRY, FORMER, CONCLUSION = "faseovergang", "betingelser", "tidligere-fravigelser", "konklusion"
TITLE = "stamoplysninger"
_WORDS_OF_A_WORDING = 6
_PAGES = {
    TARGET: "assessments:target",
    ENTRY: "assessments:entry",
    FORMER: "assessments:former",
    CONCLUSION: "assessments:conclusion",
}
_OF_A_CRITERION = {
    "unrated": "id_value_0",
    "reasoning": "id_reasoning",
    "equivalent_knowledge": "henvisninger",
    "deviation": "fravigelse",
}
_OF_A_SECTION = {
    "to_phase": (TARGET, "id_to_phase_0"),
    "to_track": (TARGET, "id_to_track_0"),
    "screening_left_out": (ENTRY, "fravigelse"),
    "former_deviation": (FORMER, ""),
    "weighing": (CONCLUSION, "id_weighing_way_0"),
    "weighing_against_track": (CONCLUSION, "id_weighing_way_0"),
    "verdict": (CONCLUSION, "id_verdict_0"),
    "verdict_against_recommendation": (CONCLUSION, "id_verdict_0"),
    "conclusion": (CONCLUSION, "id_conclusion"),
    "recommendation": (CONCLUSION, "id_recommendation_0"),
    "fast_track": (CONCLUSION, "id_fast_track_0"),
    "fast_track_text": (CONCLUSION, "id_fast_track_text"),
    "change_note": (CONCLUSION, "id_change_note"),
}


@dataclass(frozen=True, slots=True)
class Missing:
    """A finding with the address of the field that settles it ("" where no single field does).

    `about` is the beginning of the criterion's wording: few know the criteria by their codes.
    """

    sentence: str
    url: str
    about: str = ""


def with_addresses(contents: Contents, findings: Iterable[Finding]) -> list[Missing]:
    """Return the findings as the list "Det mangler" shows them."""
    wordings = {row.code: Truncator(row.wording).words(_WORDS_OF_A_WORDING) for row in contents.criteria}
    return [
        Missing(finding.sentence, address_of(finding, contents.assessment), wordings.get(finding.criterion, ""))
        for finding in findings
    ]


def address_of(finding: Finding, assessment: Assessment) -> str:
    """Return the address of the page and field that settle the finding; "" where no single one does."""
    place, field = place_of(finding)
    if not place:
        return ""
    return address(assessment, place) + (f"#{field}" if field else "")


def place_of(finding: Finding) -> tuple[str, str]:
    """Return (section or code of the criterion, id of the field); both empty where no single one settles it."""
    if finding.code in _OF_A_CRITERION:
        return finding.criterion, _OF_A_CRITERION[finding.code]
    if finding.code == "unprintable":
        return finding.criterion, ""
    if finding.code == "entry_note":
        return ENTRY, f"id_{finding.criterion}-note"
    if finding.code.startswith("entry_"):
        return ENTRY, f"id_{finding.criterion}-met_0"
    return _OF_A_SECTION.get(finding.code, ("", ""))


def address(assessment: Assessment, place: str) -> str:
    """Return the address of a section of the gate room, or of the criterion with the code `place`."""
    if place == TITLE:
        return reverse("portfolio:initiative_edit", args=[assessment.initiative.number])
    number = [assessment.initiative.number, assessment.no]
    if place in _PAGES:
        return reverse(_PAGES[place], args=number)
    return reverse("assessments:criterion", args=[*number, place])
