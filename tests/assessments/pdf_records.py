"""Records to print, made by hand: the sealed data of an assessment as plain values. And what came out, as text."""

import io
import json
from pathlib import Path
from typing import Any

from pypdf import PdfReader

from assessments.record import PDF_TEMPLATE, SCHEMA

RULEBOOK = Path(__file__).resolve().parents[2] / "fixtures" / "rulebook.json"
LABELS = {"met": "Opfyldt", "partly": "Delvist opfyldt", "not_met": "Ikke opfyldt", "": ""}
PARAGRAPH = (
    "Indsatsbeskrivelsen er prøvet af i tre kommuner, og medarbejderne bruger den ens. "
    "Læringsloopene har vist, hvilke kerneelementer der bærer indsatsen. "
)


def pages(document: bytes) -> list[str]:
    """Return the text of each page, on one line."""
    return [" ".join(sheet.extract_text().split()) for sheet in PdfReader(io.BytesIO(document)).pages]


def text(document: bytes) -> str:
    return " ".join(pages(document))


def choice(value: str, label: str) -> dict[str, str]:
    return {"value": value, "label": label}


def person(name: str) -> dict[str, str]:
    return {"username": name.split()[0].lower(), "name": name}


def criterion(code: str, wording: str, value: str = "met", **changes: Any) -> dict[str, Any]:
    return {
        "code": code,
        "no": 1,
        "wording": wording,
        "rating": choice(value, LABELS[value]),
        "reasoning": PARAGRAPH if value else "",
        "references": [],
        "departed_from": value in ("partly", "not_met"),
    } | changes


def deviation(code: str, wording: str, **changes: Any) -> dict[str, Any]:
    return {
        "criterion": code,
        "subject": f"kriterie {code}",
        "wording": wording,
        "grounds": ["Faglig vurdering"],
        "reason": f"Begrundelse for {code}: Grundlaget er ikke fuldt belyst.",
        "handling": f"Håndtering af {code}: Evaluator følger op efter et halvt år.",
        "owner": "Karen Holm",
        "review_on": "01.05.2027",
    } | changes


def minimal(**changes: Any) -> dict[str, Any]:
    """Return the record of an assessment as short as one can be approved."""
    return {
        "schema": SCHEMA,
        "document": {"number": "2026-001-1", "version": 1, "corrects_version": None, "change_note": ""},
        "initiative": {
            "number": "2026-001",
            "title": "Eksempel: Støtte i egen bolig",
            "programme": "",
            "agreements": [],
            "funding": "",
            "target_groups": [],
            "case_number": "",
            "lead": "",
            "problem": "",
        },
        "transition": {
            "from_stage": choice("screening", "Screening"),
            "from_track": choice("", ""),
            "to_phase": choice("maturation", "Modning"),
            "to_track": choice("1", "Spor 1"),
        },
        "edition": {"number": "2.0", "name": "SUSI 2.0", "valid_from": "2021"},
        "verdict": choice("yes", "Ja"),
        "conclusion": "Indsatsen er klar.",
        "recommendation": choice("continue", "Initiativet indstilles til videreførelse"),
        "recommendation_text": "",
        "weighing": {"way": choice("", ""), "text": ""},
        "fast_track": {"answer": False, "text": ""},
        "entry_conditions": [],
        "themes": [{"no": 1, "heading": "Problem og målgruppe", "criteria": [criterion("M1", "Problemet er kendt.")]}],
        "deviations": [],
        "former_deviations": [],
        "authors": [person("Karen Holm")],
        "submitted": {"by": person("Karen Holm"), "at": "01.11.2026 kl. 09.15"},
        "approved": {"by": person("Mette Lund"), "at": "02.11.2026 kl. 14.03"},
        "letterhead": {"name": "Socialstyrelsen", "address": []},
        "pdf_template": PDF_TEMPLATE,
    } | changes


def full(*, paragraphs: int = 1, departed_from: int = 13, **changes: Any) -> dict[str, Any]:
    """Return a record with every part: the thirteen criteria for modning in spor 1, the first ones departed from."""
    themes, deviations = [], []
    values = [("partly", "not_met")[no % 2] if no < departed_from else "met" for no in range(13)]
    for theme in _themes():
        criteria = []
        for row in theme["criteria"]:
            value = values.pop(0)
            references = [
                {
                    "title": "Evaluering af modningen",
                    "link": "https://example.org/evaluering",
                    "case_document": "2026-1234-7",
                    "page": "12-14",
                },
                {"title": "Interview med borgere og medarbejdere", "link": "", "case_document": "", "page": ""},
            ]
            criteria.append(
                criterion(
                    row["code"],
                    row["track1"],
                    value,
                    reasoning=PARAGRAPH * paragraphs + "\n\nSlut.",
                    references=references,
                )
            )
            if value != "met":
                deviations.append(deviation(row["code"], row["track1"]))
        themes.append({"no": theme["no"], "heading": theme["heading"], "criteria": criteria})
    record = minimal(
        initiative={
            "number": "2026-014",
            "title": "Eksempel: Helhedsorienteret støtte til unge med misbrug og psykiske lidelser på vej mod bolig",
            "programme": "UIP voksne",
            "agreements": ["UIP 2024", "UIP 2025"],
            "funding": "SSA-reserven",
            "target_groups": ["Udsatte voksne", "Mennesker med handicap"],
            "case_number": "2026-004711",
            "lead": "Karen Holm",
            "problem": "Unge falder mellem to stole.",
        },
        document={
            "number": "2026-014-1",
            "version": 2,
            "corrects_version": 1,
            "change_note": "Konklusionen er præciseret.",
        },
        verdict=choice("partly", "Delvist"),
        conclusion=PARAGRAPH * 4 + "\n\n" + PARAGRAPH * 2,
        recommendation_text=PARAGRAPH * 2,
        weighing={"way": choice("trial_1", "Afprøvning af udvalgte kerneelementer i spor 1"), "text": PARAGRAPH},
        fast_track={"answer": True, "text": "Kommunerne efterspørger indsatsbeskrivelsen nu."},
        entry_conditions=[
            {"code": f"B{no}", "heading": heading, "text": "", "met": met, "note": "Bemærkning."}
            for no, (heading, met) in enumerate(
                [("Rettet mod et konkret socialt problem", True), ("Defineret og afgrænset", False)], start=1
            )
        ],
        themes=themes,
        deviations=deviations,
        former_deviations=[
            deviation("M4", "Målgruppen er afgrænset.")
            | {"outcome": choice("continued", "Fortsætter"), "text": PARAGRAPH},
        ],
        authors=[person("Karen Holm"), person("Søren Ærø")],
        letterhead={"name": "Socialstyrelsen", "address": ["Eksempelvej 1", "5000 Odense C"]},
    )
    return record | changes


def _themes() -> list[dict[str, Any]]:
    rulebook = json.loads(RULEBOOK.read_text(encoding="utf-8"))
    edition = next(edition for edition in rulebook["editions"] if edition["number"] == "2.0")
    return next(gate for gate in edition["gates"] if gate["phase"] == "maturation")["themes"]
