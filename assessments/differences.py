"""What has changed between two records of an assessment, text by text. Pure functions over the records' plain data."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from assessments.record import Record

_WORDS = re.compile(r"\s*\S+")


class Kind(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of running text: in both ("equal"), only in the later ("insert") or only in the earlier ("delete")."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """A text that is not the same in both records. `key` names its place in the record."""

    key: str
    label: str
    before: str
    after: str

    @property
    def kind(self) -> Kind:
        if not self.before:
            return Kind.NEW
        return Kind.CHANGED if self.after else Kind.REMOVED

    @property
    def pieces(self) -> list[Piece]:
        """The later text with what was taken out and put in, word by word; a text written anew stands whole."""
        before, after = _WORDS.findall(self.before), _WORDS.findall(self.after)
        matcher = SequenceMatcher(None, before, after, autojunk=False)
        kept = sum(block.size for block in matcher.get_matching_blocks())
        if kept < min(len(before), len(after)) / 2:
            return [Piece("delete", f"{self.before}\n"), Piece("insert", self.after)]
        pieces = []
        for what, from_1, to_1, from_2, to_2 in matcher.get_opcodes():
            if what in ("equal", "replace", "delete"):
                kind = "equal" if what == "equal" else "delete"
                pieces.append(Piece(kind, "".join(before[from_1:to_1])))
            if what in ("replace", "insert"):
                pieces.append(Piece("insert", "".join(after[from_2:to_2])))
        return pieces


def differences(before: Record, after: Record) -> list[Change]:
    """Return every text that differs, in the order of the later record; what is gone from it comes last."""
    earlier, later = dict(_texts(before)), dict(_texts(after))
    changes = []
    for key in [*later, *(key for key in earlier if key not in later)]:
        label, text = later.get(key, ("", ""))
        label_before, text_before = earlier.get(key, ("", ""))
        if text != text_before:
            changes.append(Change(key, label or label_before, text_before, text))
    return changes


def _texts(record: Record) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield (key, (label, text)) of everything a person wrote or chose."""
    yield "transition", ("Faseovergang", _transition(record))
    yield "change_note", ("Hvad der er rettet", record["document"]["change_note"])
    yield "recommendation", ("Indstilling", record["recommendation"]["label"])
    yield "recommendation_text", ("Uddybning af indstillingen", record["recommendation_text"])
    yield "verdict", ("Egnet til ny fase", record["verdict"]["label"])
    yield "conclusion", ("Konklusion", record["conclusion"])
    yield "weighing", ("Vej videre efter modning i spor 2", record["weighing"]["way"]["label"])
    yield "weighing_text", ("Afvejning", record["weighing"]["text"])
    yield from _work(record)
    yield "fast_track", ("Fast track af viden", _yes_or_no(record["fast_track"]["answer"]))
    yield "fast_track_text", ("Begrundelse for fast track", record["fast_track"]["text"])
    yield from _deviations(record)
    for row in record["entry_conditions"]:
        yield f"entry.{row['code']}", (f"Betingelsen »{row['heading']}«", _met_or_not(row["met"]))
        yield f"entry.{row['code']}.note", (f"Bemærkning til »{row['heading']}«", row["note"])
    yield from _former_deviations(record)
    for theme in record["themes"]:
        for row in theme["criteria"]:
            yield from _criterion(row)


def _work(record: Record) -> Iterator[tuple[str, tuple[str, str]]]:
    """What the work of the phase carries along; a record made before that has none of it."""
    for way in record["weighing"].get("ways", []):
        key, name = f"way.{way['way']['value']}", way["way"]["label"]
        texts = {"pros": "for", "cons": "imod", "gain": "ressourcer og viden"}
        yield from ((f"{key}.{part}", (f"{name}, {word}", way[part])) for part, word in texts.items())
    if choice := record.get("track_choice"):
        yield "track_choice", ("Sporvalg", choice["track"]["label"])
        yield "track_choice.reason", ("Begrundelse for sporvalg", choice["reason"])
        yield "track_choice.knowledge_goal", ("Vidensmål for den næste fase", choice["knowledge_goal"])
        yield "track_choice.preparation", ("Er den næste fase velforberedt?", _prepared(choice))
    if involvement := record.get("involvement"):
        for no, row in enumerate(involvement["strategy"]):
            yield f"involvement.{no}", (f"Brugerinddragelse – {row['label']}", row["text"])
        told = (f"{row['day']}, {row['groups']}: {row['what']}\n{row['changed']}" for row in involvement["events"])
        yield "involvement.events", ("Brugerinddragelse, der har fundet sted", "\n".join(told))


def _prepared(choice: Record) -> str:
    return " ".join(filter(None, [_yes_or_no(choice["is_prepared"]), choice["preparation"]]))


def _criterion(row: Record) -> Iterator[tuple[str, tuple[str, str]]]:
    key, name = f"criterion.{row['code']}", f"Kriterie {row['code']}"
    yield f"{key}.wording", (f"{name}, ordlyd", row["wording"])
    yield f"{key}.rating", (f"{name}, vurdering", row["rating"]["label"])
    yield f"{key}.reasoning", (f"{name}, begrundelse", row["reasoning"])
    references = (
        ", ".join(filter(None, [one["title"], one["link"], one["case_document"], one["page"]]))
        for one in row["references"]
    )
    yield f"{key}.references", (f"{name}, henvisninger", "\n".join(references))
    documentation = (  # which records of before had none of
        f"{one['name']}, version {one['version']}, {one['state']['label'].lower()}"
        for one in row.get("documentation", [])
    )
    yield f"{key}.documentation", (f"{name}, dokumentation", "\n".join(documentation))


def _deviations(record: Record) -> Iterator[tuple[str, tuple[str, str]]]:
    for row in record["deviations"]:
        key, name = f"deviation.{row['criterion']}", f"Fravigelse fra {row['subject']}"
        yield f"{key}.grounds", (f"{name}, grundlag", ", ".join(row["grounds"]))
        yield f"{key}.reason", (f"{name}, begrundelse", row["reason"])
        yield f"{key}.handling", (f"{name}, håndtering", row["handling"])
        yield f"{key}.owner", (f"{name}, ansvarlig", row["owner"])
        yield f"{key}.review_on", (f"{name}, dato for opfølgning", row["review_on"])


def _former_deviations(record: Record) -> Iterator[tuple[str, tuple[str, str]]]:
    """The same criterion may have been departed from more than once: they are told apart by their order."""
    met: Counter[str] = Counter()
    for row in record["former_deviations"]:
        place = f"former.{row.get('initiative', '')}.{row['criterion']}"
        met[place] += 1
        key, name = f"{place}.{met[place]}", f"Tidligere fravigelse fra {row['subject']}"
        yield key, (name, row["outcome"]["label"])
        yield f"{key}.text", (f"{name}, bemærkning", row["text"])


def _transition(record: Record) -> str:
    transition = record["transition"]
    return ", ".join(filter(None, [transition["to_phase"]["label"], transition["to_track"]["label"]]))


def _yes_or_no(answer: bool | None) -> str:
    return {True: "Ja", False: "Nej"}.get(answer, "") if answer is not None else ""


def _met_or_not(met: bool | None) -> str:
    return {True: "Opfyldt", False: "Ikke opfyldt"}.get(met, "") if met is not None else ""
