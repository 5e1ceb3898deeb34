"""Where everything stands in the figure of the timeline. Pure functions over plain values: whole units of the figure,
from its upper left corner, x over the years and y down the initiatives.

A date known to the month or the year is a slanted edge over all the days it may be. What is not known is not drawn: a
run with one known date is a mark at that date, and the year of an agreement is a mark of its own, never a bar.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from portfolio.models import Initiative
from portfolio.plan import Run, lateness, sentence
from susi.dates import PartialDate, last_day

LABELS, WIDTH, RIGHT = (
    300,
    1120,
    84,
)  # the names at the left, the whole, and room at the right for what goes on elsewhere
TOP, ROW, LANE, BAR = 36, 24, 17, 13
SHEET = 27 * ROW  # as high as an A4 on its side takes, with a heading
_TAIL, _THIN, _TOUCH = 18, 3, 2
_WORDED, _LETTERED = 110, 14
_YEAR_LABEL, _CHARACTER, _AFTER_DIAMOND = 40, 6, 11


@dataclass(frozen=True)
class Course:
    """What is drawn of an initiative in its row. `continued_in`: keys and numbers of those that continue it."""

    initiative: Initiative
    runs: tuple[Run, ...] = ()
    agreement_years: tuple[int, ...] = ()
    continued_in: tuple[tuple[int, str], ...] = ()

    @property
    def is_dated(self) -> bool:
        return any(run.dates for run in self.runs)

    @property
    def marked_years(self) -> tuple[int, ...]:
        """The agreements' years, where nothing else is known."""
        return () if self.is_dated else self.agreement_years


@dataclass(frozen=True)
class Scale:
    """The years of the figure, from the first day of `first` to the last of `last`."""

    first: int
    last: int

    def x(self, day: date) -> int:
        """Return where `day` begins."""
        start = date(self.first, 1, 1).toordinal()
        days = date(self.last, 12, 31).toordinal() + 1 - start
        return LABELS + round((day.toordinal() - start) / days * (WIDTH - LABELS - RIGHT))

    def end(self, day: date) -> int:
        """Return where `day` ends."""
        return self.x(date.fromordinal(day.toordinal() + 1))

    @property
    def years(self) -> list[tuple[int, int, str]]:
        """The lines of the years: place, middle, and the year where there is room to write it."""
        width = (WIDTH - LABELS - RIGHT) / (self.last - self.first + 1)
        step = next(step for step in (1, 2, 5, 10, 20) if step * width >= _YEAR_LABEL or step == 20)
        return [
            (x := self.x(date(year, 1, 1)), x + round(width / 2), str(year) if year % step == 0 else "")
            for year in range(self.first, self.last + 1)
        ]


def scale_of(courses: Iterable[Course], today: date) -> Scale:
    """Return the years that hold all that is drawn of `courses`, with room for the tails of marks, and today."""
    years = {today.year}
    for course in courses:
        years |= {partial.date.year for run in course.runs for partial in run.dates} | {*course.marked_years}
        for run in course.runs:
            start, end = run.shown
            if end and not start:
                years.add(end.date.year - 1)
            elif start and not end and (run.is_expected or not run.is_going_on):
                years.add(start.date.year + 1)
    return Scale(min(years), max(years))


class Bar(NamedTuple):
    """Time in a phase from `x1` to `x2`; `inner1` and `inner2` are where it is certain, the upper corners."""

    run: Run
    x1: int
    inner1: int
    inner2: int
    x2: int
    is_plan: bool = False
    y: int = 0
    words: str = ""

    @property
    def points(self) -> str:
        top, bottom = self.y, self.y + BAR
        return f"{self.x1},{bottom} {self.inner1},{top} {self.inner2},{top} {self.x2},{bottom}"

    @property
    def label(self) -> str:
        """The phase, its letter where the bar is short, or nothing."""
        width = self.inner2 - self.inner1
        if width >= _WORDED + (30 if self.run.track else 0):
            return self.run.name
        return self.run.phase.label[0] if width >= _LETTERED else ""

    @property
    def middle(self) -> int:
        return (self.inner1 + self.inner2) // 2

    @property
    def base(self) -> int:
        return self.y + BAR - 3


class Mark(NamedTuple):
    """A run of which one end alone is known: a post at `x`, and a tail to where the rest would be."""

    run: Run
    x1: int
    x2: int
    post: int
    tail: int
    is_plan: bool = False
    y: int = 0
    words: str = ""

    @property
    def path(self) -> str:
        return f"M{self.post} {self.y}v{BAR}M{self.post} {self.y + BAR // 2}H{self.tail}"

    @property
    def label(self) -> str:
        return self.run.phase.label[0]

    @property
    def letter_x(self) -> int:
        return (self.post + self.tail) // 2

    @property
    def base(self) -> int:
        return self.y + BAR - 3


class Tick(NamedTuple):
    """When a run was expected to begin or end, under its bar."""

    x: int
    y: int = 0

    @property
    def path(self) -> str:
        return f"M{self.x} {self.y - 4}v8"


class Diamond(NamedTuple):
    """The year of an agreement, the only thing known."""

    year: int
    x: int
    y: int = 0

    @property
    def points(self) -> str:
        return f"{self.x - 6},{self.y} {self.x},{self.y - 6} {self.x + 6},{self.y} {self.x},{self.y + 6}"


@dataclass(frozen=True)
class Row:
    """An initiative in the figure. `words` say of each run what the shapes show, `late` how it stands to the plan."""

    course: Course
    y: int
    height: int
    shapes: list[Bar | Mark]
    ticks: list[Tick]
    diamonds: list[Diamond]
    words: list[str]
    late: str

    @property
    def middle(self) -> int:
        return self.y + ROW // 2

    @property
    def base(self) -> int:
        return self.middle + 4

    @property
    def bars(self) -> list[Bar]:
        return [shape for shape in self.shapes if isinstance(shape, Bar)]

    @property
    def marks(self) -> list[Mark]:
        return [shape for shape in self.shapes if isinstance(shape, Mark)]

    @property
    def begins(self) -> int:
        return min([shape.x1 for shape in self.shapes] + [diamond.x - 6 for diamond in self.diamonds], default=LABELS)

    @property
    def ends(self) -> int:
        """Where what is drawn and written of it ends."""
        written = [diamond.x + _AFTER_DIAMOND + len(self.label) * _CHARACTER for diamond in self.diamonds]
        return max([shape.x2 for shape in self.shapes] + written, default=LABELS)

    @property
    def label(self) -> str:
        """The phase, written after the last year of its agreements."""
        return self.course.initiative.phase_label if self.diamonds else ""

    @property
    def label_x(self) -> int:
        return self.diamonds[-1].x + _AFTER_DIAMOND


class Link(NamedTuple):
    """From where one initiative ends to where the one that continues it begins."""

    before: Row
    after: Row

    @property
    def path(self) -> str:
        x1, y1, x2, y2 = self.before.ends, self.before.middle, self.after.begins - 2, self.after.middle
        return f"M{x1} {y1}C{x1 + 26} {y1} {x2 - 26} {y2} {x2} {y2}"


class Onward(NamedTuple):
    """The numbers of those that continue an initiative and are not in the figure, after its end."""

    row: Row
    numbers: list[str]

    @property
    def words(self) -> str:
        return f"→ {', '.join(self.numbers[:1])}{' …' if len(self.numbers) > 1 else ''}"

    @property
    def x(self) -> int:
        return self.row.ends + 4 + (len(self.row.late) + 2) * _CHARACTER * bool(self.row.late)


@dataclass(frozen=True)
class Sheet:
    """One figure, small enough for a page on paper."""

    rows: list[Row]
    links: list[Link]
    onward: list[Onward]
    scale: Scale
    today: date
    width: int = WIDTH
    labels: int = LABELS
    right: int = WIDTH - RIGHT
    top: int = TOP

    @property
    def height(self) -> int:
        return self.rows[-1].y + self.rows[-1].height if self.rows else TOP

    @property
    def of_years(self) -> int:
        """Return the width of the part beside the names."""
        return self.width - self.labels

    @property
    def today_x(self) -> int:
        return self.scale.end(self.today)


def sheets(courses: Sequence[Course], scale: Scale, today: date) -> list[Sheet]:
    """Return the figures of the courses of which something is known, in order."""
    made: list[list[Row]] = []
    for course in courses:
        shapes = _in_lanes(_shapes(course, scale, today))
        lanes = 1 + max((lane for lane, _ in shapes), default=0)
        height = ROW + (lanes - 1) * LANE
        y = made[-1][-1].y + made[-1][-1].height if made else TOP
        if not made or y + height > TOP + SHEET:
            made.append([])
            y = TOP
        made[-1].append(_row(course, shapes, scale, today, y, height))
    return [_sheet(rows, scale, today) for rows in made]


def _row(course: Course, shapes: list[tuple[int, Bar | Mark]], scale: Scale, today: date, y: int, height: int) -> Row:
    lane_of = {shape.run: lane for lane, shape in shapes}
    return Row(
        course=course,
        y=y,
        height=height,
        shapes=[shape._replace(y=y + 4 + lane * LANE, words=sentence(shape.run, today)) for lane, shape in shapes],
        ticks=[Tick(x, y + 5 + BAR + lane_of.get(run, 0) * LANE) for run, x in _ticks(course, scale, today)],
        diamonds=[Diamond(year, scale.x(date(year, 7, 1)), y + ROW // 2) for year in course.marked_years],
        words=[sentence(run, today) for run in course.runs],
        late=next((words for run in reversed(course.runs) if (words := lateness(run, today))), ""),
    )


def _sheet(rows: list[Row], scale: Scale, today: date) -> Sheet:
    by_pk = {row.course.initiative.pk: row for row in rows}
    links, onward = [], []
    for row in rows:
        links += [Link(row, by_pk[pk]) for pk, _ in row.course.continued_in if pk in by_pk]
        numbers = [number for pk, number in row.course.continued_in if pk not in by_pk]
        onward += [Onward(row, numbers)] if numbers else []
    return Sheet(rows, links, onward, scale, today)


def _shapes(course: Course, scale: Scale, today: date) -> list[Bar | Mark]:
    shapes: list[Bar | Mark] = []
    for run in course.runs:
        start, end = run.shown
        if run.is_going_on and start and not run.is_expected:
            shapes += _going_on(run, start, scale, today)
        elif start and end:
            shapes.append(_bar(run, scale, start, end)._replace(is_plan=run.is_expected))
        elif start or end:
            shapes.append(_mark(run, scale, start, end)._replace(is_plan=run.is_expected))
    return shapes


def _going_on(run: Run, start: PartialDate, scale: Scale, today: date) -> list[Bar | Mark]:
    """A bar until today, and from there as a plan until it is expected to end."""
    until = PartialDate(max(today, last_day(start)))
    drawn: list[Bar | Mark] = [_bar(run, scale, start, until)]
    if run.expected_end and last_day(run.expected_end) > until.date:
        x1, x2 = scale.end(until.date), scale.end(last_day(run.expected_end))
        drawn.append(Bar(run, x1, x1, max(x1, scale.x(run.expected_end.date)), x2, is_plan=True))
    return drawn


def _bar(run: Run, scale: Scale, start: PartialDate, end: PartialDate) -> Bar:
    x1, x2 = scale.x(start.date), scale.end(last_day(end))
    inner1 = x1 if last_day(start) == start.date else scale.end(last_day(start))
    inner2 = x2 if last_day(end) == end.date else scale.x(end.date)
    if x2 - x1 < _THIN:  # also where a source has them the wrong way round
        x1 = max(LABELS, min(x1, x2, WIDTH - RIGHT - _THIN))
        inner1, inner2, x2 = x1, x1 + _THIN, x1 + _THIN
    if inner1 > inner2:
        inner1 = inner2 = min(max((inner1 + inner2) // 2, x1), x2)
    return Bar(run, x1, inner1, inner2, x2)


def _mark(run: Run, scale: Scale, start: PartialDate | None, end: PartialDate | None) -> Mark:
    if start:
        post = scale.x(start.date)
        tail = min(max(post, scale.end(last_day(start))) + _TAIL, WIDTH - RIGHT)
        return Mark(run, post, tail, post, tail)
    assert end is not None  # noqa: S101 -- one of the two is known
    post = scale.end(last_day(end))
    tail = max(scale.x(end.date) - _TAIL, LABELS)
    return Mark(run, tail, post, post, tail)


def _ticks(course: Course, scale: Scale, today: date) -> list[tuple[Run, int]]:
    """When runs that have begun were expected to begin and to end; the end not where a plan is drawn up to it."""
    ticks = []
    for run in course.runs:
        if run.is_expected:
            continue
        if run.expected_start:
            ticks.append((run, scale.x(run.expected_start.date)))
        if run.expected_end and not (run.is_going_on and run.start and not run.is_overdue(today)):
            ticks.append((run, scale.end(last_day(run.expected_end))))
    return ticks


def _in_lanes(shapes: list[Bar | Mark]) -> list[tuple[int, Bar | Mark]]:
    """Put shapes that would lie on each other into lanes; those of one run stay in one."""
    ends: list[int] = []
    placed: list[tuple[int, Bar | Mark]] = []
    for shape in sorted(shapes, key=lambda one: one.x1):
        lane = next((lane for lane, other in placed if other.run is shape.run), None)
        if lane is None:
            free = (number for number, end in enumerate(ends) if end <= shape.x1 + _TOUCH)
            lane = next(free, len(ends))
        ends[lane:] = [shape.x2, *ends[lane + 1 :]]
        placed.append((lane, shape))
    return placed
