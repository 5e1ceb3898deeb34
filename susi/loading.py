"""Taking in fixtures. A broken one is refused whole; else what is missing is created and what is there is kept."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Model

from susi.danish import said
from susi.forms import Form
from susi.text import clean_text


class FixtureRefused(Exception):
    """The fixture is broken, and nothing was written. Says file, row and reason in Danish."""

    def __init__(self, path: Path, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join([f"{path} er afvist, og intet er indlæst:", *(f"- {p}" for p in self.problems)]))


class Row(dict[str, Any]):
    """The checked values of one row. `place` says where it stands, `lists` holds what is within it, unchecked."""

    def __init__(self, values: dict[str, Any], place: str, lists: dict[str, Any]) -> None:
        super().__init__(values)
        self.place = place
        self.lists = lists


class RowForm(Form):
    """What a row must hold. `named_by` names it to people, `within` are lists of further rows inside it."""

    named_by: ClassVar[str]
    within: ClassVar[tuple[str, ...]] = ()
    may_lack: ClassVar[tuple[str, ...]] = ()


class Flag(forms.Field):
    """true or false."""

    def clean(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("Skal være true eller false.")
        return value


class ListOf(forms.Field):
    """A list of values that `item` takes, none of them twice."""

    def __init__(self, item: forms.Field, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.item = item

    def clean(self, value: Any) -> list[Any]:
        if not isinstance(value, list) or (self.required and not value):
            raise ValidationError("Skal være en liste, som ikke er tom.")
        values = []
        for each in value:
            refuse_other_type(self.item, each)
            values.append(self.item.clean(clean_text(each) if isinstance(each, str) else each))
        if len(set(values)) < len(values):
            raise ValidationError("Det samme står flere gange.")
        return values


def field_of(model: type[Model], name: str) -> forms.Field:
    """Return a form field that takes exactly what the column `name` of `model` takes."""
    column: Any = model._meta.get_field(name)
    field: forms.Field = column.formfield()
    return field


def refuse_other_type(field: forms.Field, value: Any) -> None:
    """Raise `ValidationError` where JSON holds another type than `field` is for; forms would take 7 for "7"."""
    if isinstance(field, forms.IntegerField):
        if value is not None and type(value) is not int:
            raise ValidationError("Skal være et helt tal.")
    elif isinstance(field, (forms.CharField, forms.ChoiceField)) and not isinstance(value, str):
        raise ValidationError("Skal være tekst.")


class Fixture:
    """A fixture file while it is read. Collects everything that is wrong with it."""

    def __init__(self, path: Path) -> None:
        """Read the file. Raises `FixtureRefused` where it is missing or not JSON."""
        self.path = path
        self.problems: list[str] = []
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise FixtureRefused(path, [f"Filen kan ikke læses ({error.strerror})."]) from error
        except UnicodeDecodeError as error:
            raise FixtureRefused(path, ["Filen er ikke UTF-8."]) from error
        except json.JSONDecodeError as error:
            place = f"linje {error.lineno}, kolonne {error.colno}"
            raise FixtureRefused(path, [f"{place}: filen er ikke gyldig JSON ({error.msg})."]) from error
        if not isinstance(content, dict):
            raise FixtureRefused(path, ["Filen skal indeholde et objekt."])
        self.content = content

    def refuse(self, place: str, reason: str) -> None:
        self.problems.append(f"{place}: {reason}")

    def refuse_if_broken(self) -> None:
        """Raise `FixtureRefused` with everything found wrong so far."""
        if self.problems:
            raise FixtureRefused(self.path, self.problems)

    def rows(self, name: str, form: type[RowForm], within: Row | None = None) -> list[Row]:
        """Return the rows of the list `name`, of the file or of the row `within`, that `form` finds right."""
        where = f"{within.place}, {name}" if within else name
        raw = (self.content if within is None else within.lists).get(name)
        if not isinstance(raw, list):
            self.refuse(where, "Listen mangler.")
            return []
        rows = (self._row(value, form, f"{where} nr. {no}") for no, value in enumerate(raw, start=1))
        return [row for row in rows if row is not None]

    def _row(self, value: Any, form_class: type[RowForm], place: str) -> Row | None:
        if not isinstance(value, dict):
            self.refuse(place, "Rækken skal være et objekt.")
            return None
        if value.get(form_class.named_by):
            place = f"{place} ({value[form_class.named_by]})"
        form = form_class(value)
        known = {*form.fields, *form.within}
        reasons = [f"Feltet »{name}« mangler." for name in form.fields if name not in {*value, *form.may_lack}]
        reasons += [f"Feltet »{name}« kendes ikke." for name in value if name not in known]
        if not reasons:
            reasons = [f"{name}: {reason}" for name, reason in _wrong_types(form, value)]
        if not reasons:
            reasons = [_named(name, reason) for name, found in form.errors.items() for reason in found]
        for reason in reasons:
            self.refuse(place, reason)
        return None if reasons else Row(form.cleaned_data, place, {name: value.get(name) for name in form.within})

    def refuse_doubles(self, rows: list[Row], *names: str) -> None:
        """Find fault with rows that have the values of `names` in common."""
        first: dict[tuple[Any, ...], Row] = {}
        for row in rows:
            values = tuple(row[name] for name in names)
            other = first.setdefault(values, row)
            if other is not row:
                said = " og ".join(f"{name} »{value}«" for name, value in zip(names, values, strict=True))
                self.refuse(row.place, f"{said} står også i {other.place}.")

    def refuse_dangling(self, row: Row, name: str, known: Iterable[Any]) -> None:
        """Find fault with a row whose value of `name`, if any, is not among `known`."""
        if row[name] and row[name] not in known:
            self.refuse(row.place, f"{name}: »{row[name]}« findes ikke i filen.")


def _wrong_types(form: RowForm, value: dict[str, Any]) -> Iterable[tuple[str, str]]:
    for name, field in form.fields.items():
        if name in value:
            try:
                refuse_other_type(field, value[name])
            except ValidationError as error:
                yield name, str(error.message)


def _named(name: str, reason: Any) -> str:
    return str(reason) if name == NON_FIELD_ERRORS else f"{name}: {reason}"


class Report:
    """What became of a fixture: created, kept, refused, and every difference that was kept."""

    def __init__(self) -> None:
        self.created: Counter[type[Model]] = Counter()
        self.kept: Counter[type[Model]] = Counter()
        self.differences: list[str] = []
        self.refused: list[str] = []

    def create(self, instance: Model) -> None:
        self.created[type(instance)] += 1

    def keep(self, instance: Model, place: str, values: dict[str, Any]) -> None:
        """Count `instance` as kept, and note where its columns differ from `values`."""
        self.kept[type(instance)] += 1
        for name, there in values.items():
            column: Any = instance._meta.get_field(name)
            here = getattr(instance, name)
            if column.flatchoices:
                here, there = (dict(column.flatchoices).get(value, value) for value in (here, there))
            self.compare(place, column.verbose_name, here, there)

    def compare(self, place: str, what: str, here: Any, there: Any) -> None:
        """Note where the database (`here`) says something else than the fixture (`there`)."""
        if here != there:
            self.differences.append(f"{place}: {what} er »{said(here)}«, i filen »{said(there)}«.")

    def refuse(self, place: str, reason: str) -> None:
        self.refused.append(f"{place}: {reason}")

    def lines(self) -> list[str]:
        """Return the report in Danish: three lines of counts, then one line for each thing kept or refused."""
        return [
            f"Oprettet: {_counted(self.created)}",
            f"Bevaret: {_counted(self.kept)}",
            f"Afvist: {len(self.refused) or 'ingen'}",
            *(f"Bevaret, som det er: {difference}" for difference in self.differences),
            *(f"Afvist: {refusal}" for refusal in self.refused),
        ]


def _counted(counter: Counter[type[Model]]) -> str:
    return (
        ", ".join(
            f"{number} {model._meta.verbose_name if number == 1 else model._meta.verbose_name_plural}"
            for model, number in counter.items()
        )
        or "ingen"
    )


class LoadCommand(BaseCommand):
    """A command that takes in a fixture: `fixture` is the one it takes in unless told otherwise."""

    fixture: ClassVar[Path]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--fixture", type=Path, default=self.fixture, help="en anden fil end projektets egen")

    def handle(self, *args: Any, fixture: Path, **options: Any) -> None:
        try:
            report = self.load(fixture)
        except FixtureRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write("\n".join(report.lines()))

    def load(self, path: Path) -> Report:
        """Take in the fixture at `path`. Raises `FixtureRefused` where it is broken."""
        raise NotImplementedError
