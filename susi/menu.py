"""The main menu: what is in it, for whom, and where one is."""

from dataclasses import dataclass
from functools import cache

from django.urls import reverse

from susi.http import UserRequest
from susi.models import User
from susi.roles import Role


@dataclass(frozen=True)
class Entry:
    """A page of the menu. It is where one is on its own `view` and below: on views whose names begin with `covers`."""

    label: str
    view: str
    covers: tuple[str, ...] = ()
    role: Role | None = None

    def covers_view(self, view: str) -> bool:
        return view == self.view or view.startswith(self.covers or (f"{self.view}_",))


@dataclass(frozen=True)
class Item:
    """An entry as shown: `current` is the value of aria-current, "page" on it, "true" below it, "" elsewhere."""

    label: str
    url: str
    current: str


ACROSS = ("participants:load", "participants:map", "participants:organisation")
PARTICIPANTS_OF_ONE = ("participants:of_initiative", "participants:entry_", "participants:call_")
CASE_FILE_PAGES = ("desk:case_file", "desk:exempt")
INITIATIVE_PAGES = (
    "portfolio:initiative_",
    "portfolio:status_",
    *PARTICIPANTS_OF_ONE,
    "work:",
    "assessments:",
    *CASE_FILE_PAGES,
)

ENTRIES = (
    Entry("Overblik", "overview"),
    Entry("Mit arbejde", "desk:my_work", ("desk:reminders", "desk:stand_in")),
    Entry("Initiativer", "portfolio:initiative_list", INITIATIVE_PAGES),
    Entry("Bilag 1", "bilag1"),
    Entry("Tidslinje", "timeline"),
    Entry("Ændringer", "changes"),
    Entry("Deltagere", "participants:load", ACROSS),
    Entry("Registre", "registers", ("registers_", "statistics", "verification")),
    Entry("Regelsæt", "phases:rulebook", ("phases:",)),
    Entry("Indlæsning", "portfolio:import_list", ("portfolio:import_",), Role.ADMINISTRATOR),
)


@dataclass(frozen=True)
class Register:
    """A register across the portfolio: its `view`, and what one finds in it."""

    label: str
    view: str
    finds: str
    for_administrators: bool = False


REGISTERS: tuple[Register, ...] = (
    Register(
        "Formidling af viden",
        "registers_knowledge",
        "De produkter, der formidler ny viden (fast track af viden), og de faser, hvor der skal tages stilling.",
    ),
    Register(
        "Fravigelser",
        "registers_deviations",
        "Alt, hvad der fraviges efter følg-eller-forklar, hvem der følger op, og hvad det er blevet til.",
    ),
    Register(
        "Kommende aftaler",
        "registers_coming",
        "Hvad der er indstillet til en aftale, med beløb og parathed, og hvad der blev prioriteret.",
    ),
    Register(
        "Uden for strategien",
        "registers_outside",
        "Forslag, der ikke opfylder betingelserne for at indgå, hvorfor, og hvor de er henvist til.",
    ),
    Register(
        "Statistik over faseovergange", "statistics", "Hvad faseovergangene er endt med, og hvad der fraviges oftest."
    ),
    Register("Kontrollér et dokument", "verification", "Om en SUSI-vurdering er ægte, og om der er en nyere version."),
    Register(
        "Hvem har set hvad",
        "registers_access",
        "Hvem der har åbnet og hentet hvad, og hvem der har logget ind. Kun for administratorer.",
        for_administrators=True,
    ),
)


def registers_of(user: User) -> list[Register]:
    """Return the registers `user` may open."""
    return [one for one in REGISTERS if user.may_administer or not one.for_administrators]


def menu(request: UserRequest) -> tuple[Item, ...]:
    """Return the menu of the person who asks."""
    match = request.resolver_match
    return _menu(match.view_name if match else "", request.user.roles, request.user.may_administer)


@cache
def _menu(view: str, roles: frozenset[Role], may_administer: bool) -> tuple[Item, ...]:
    items = [
        Item(entry.label, reverse(entry.view), _current(entry, view))
        for entry in ENTRIES
        if entry.role is None or entry.role in roles
    ]
    if may_administer:
        items.append(Item("Administration", reverse("admin:index"), ""))
    return tuple(items)


def _current(entry: Entry, view: str) -> str:
    if view == entry.view:
        return "page"
    return "true" if entry.covers_view(view) else ""
