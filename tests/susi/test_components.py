"""The parts pages are put together from."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.core.paginator import Paginator
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone

from assessments.models import Assessment, Deviation
from phases import terms
from portfolio.models import PhaseRun
from portfolio.standing import Standing
from susi.dates import COPENHAGEN, parse
from susi.phase_model import layout
from susi.templatetags import susi as tags


def html(template: str, **context) -> str:
    return render_to_string(f"components/{template}.html", context)


@pytest.mark.parametrize("stage", terms.Stage)
def test_a_phase_has_the_strategys_own_word_and_a_shape(stage) -> None:
    look = tags.phase_look(stage.value)
    assert look.word == stage.label
    assert f"shapes.svg#{look.shape}" in html("phase_badge", phase=stage.value)


def test_every_phase_has_a_shape_of_its_own() -> None:
    assert len({tags.phase_look(stage).shape for stage in terms.Stage}) == len(terms.Stage)


def test_two_phases_in_one_are_written_together() -> None:
    assert "Screening/modning" in html("phase_badge", phase="maturation", label="Screening/modning")


@pytest.mark.parametrize(
    ("code", "word"),
    [
        *((value.value, value.label) for value in terms.RatingValue),
        ("yes", terms.Verdict.YES.label),
        ("no", terms.Verdict.NO.label),
        ("recommended", terms.Outcome.RECOMMENDED.label),
        ("stopped", terms.Outcome.STOPPED.label),
        ("", "Ikke vurderet"),
        (None, "Ikke vurderet"),
    ],
)
def test_a_state_is_told_by_its_word(code, word) -> None:
    assert f"</svg>{word}</span>" in html("state_badge", state=code)


@pytest.mark.parametrize(
    "choices", [Assessment.State, Deviation.State, PhaseRun.State, Standing, terms.RatingValue, terms.Verdict]
)
def test_every_state_has_a_look_of_its_own(choices) -> None:
    assert [code for code in choices.values if code not in tags._STATES] == []


def test_ratings_differ_without_colour() -> None:
    shapes = [tags.state_look(rating).shape for rating in (*terms.RatingValue, "")]
    assert len(set(shapes)) == 4


def test_every_shape_is_drawn() -> None:
    looks = [*tags._PHASES.values(), *tags._STATES.values()]
    with open("susi/static/susi/shapes.svg", encoding="utf-8") as drawn:
        symbols = drawn.read()
    assert [look.shape for look in looks if f'<symbol id="{look.shape}"' not in symbols] == []


def test_what_is_missing_is_a_list_of_links() -> None:
    findings = [SimpleNamespace(sentence="Konklusionen mangler.", url="#id_conclusion")]
    assert '<a href="#id_conclusion">Konklusionen mangler.</a>' in html("missing_list", findings=findings)
    assert "Der mangler ikke noget." in html("missing_list", findings=[], settled="Der mangler ikke noget.")
    assert html("missing_list", findings=[]).strip() == ""


def test_facts_without_a_value_are_said_to_be_unknown() -> None:
    page = html("facts", facts=[("Program", "UIP voksne"), ("Begyndte", None)])
    assert "<dd>UIP voksne</dd>" in page.replace("\n", "").replace("  ", "")
    assert "Ikke oplyst" in page


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "i dag ("), (1, "i går ("), (3, "for 3 dage siden ("), (-1, "i morgen ("), (-2, "om 2 dage ("), (15, ">")],
)
def test_a_recent_date_is_told_in_words_with_the_date_beside_it(days, words) -> None:
    day = timezone.localdate(timezone=COPENHAGEN) - timedelta(days=days)
    told = tags.when(day)
    assert words in told
    assert f"{day:%d.%m.%Y}" in told
    assert f'datetime="{day.isoformat()}"' in told


def test_moments_are_told_in_danish_time() -> None:
    assert tags.clock(datetime(2026, 6, 30, 22, 30, tzinfo=UTC)) == "01.07.2026 kl. 00.30"
    assert ">01.07.2020<" in tags.when(datetime(2020, 6, 30, 22, 30, tzinfo=UTC))
    assert tags.when(None) == tags.clock(None) == ""


def test_a_date_with_precision_is_read_from_its_two_columns() -> None:
    started = parse("11.2026")
    row = SimpleNamespace(start=started.date, start_precision=started.precision, end=None, end_precision="")
    assert tags.partial_date(row, "start") == "november 2026"
    assert tags.partial_date(row, "end") == "Ikke oplyst"


def test_what_happened_names_who_and_when() -> None:
    event = SimpleNamespace(when=date(2020, 5, 4), who=None, text="Gik ind i modning", url="#x", detail="Efter aftale")
    page = html("history", events=[event])
    assert "04.05.2020" in page
    assert '<a href="#x">Gik ind i modning</a>' in page


def test_pages_keep_the_search_and_name_where_one_is() -> None:
    request = RequestFactory().get("/", {"program": "uip", "page": 5})
    page = Paginator(range(200), 10).page(5)
    links = render_to_string("components/pagination.html", {"page": page}, request)
    assert 'href="?program=uip&amp;page=6"' in links
    assert "Side 5 af 20" in links
    assert links.count('aria-current="page"') == 1
    assert html("pagination", page=Paginator(range(5), 10).page(1)).strip() == ""


def test_a_conflict_shows_both_texts_and_offers_both() -> None:
    page = html("conflict", by=None, texts=[("Begrundelse", "Min <b>", "Deres")], version=7)
    assert "Min &lt;b&gt;" in page
    assert "Deres" in page
    assert 'data-conflict="mine"' in page
    assert 'data-version="7"' in page
    assert 'data-conflict="theirs"' in page


CELLS = [
    {"phase": "screening", "track": "", "count": 1, "url": "/s"},
    {"phase": "maturation", "track": "1", "count": 2, "url": "/m1"},
    {"phase": "maturation", "track": "", "count": 3, "url": "/m"},
    {"phase": "dissemination", "track": "2", "count": 4, "url": "/u"},
]


def test_the_phase_model_counts_in_every_box() -> None:
    counts = {(box["phase"], box["track"]): box["count"] for box in layout(CELLS)["boxes"]}
    assert counts == {
        ("screening", ""): 1,
        ("maturation", "Spor 1"): 2,
        ("maturation", "Spor 2"): 0,
        ("maturation", "Spor ikke oplyst"): 3,
        ("trial", "Spor 1"): 0,
        ("trial", "Spor 2"): 0,
        ("trial", "Spor ikke oplyst"): 0,
        ("dissemination", ""): 4,
    }


def test_the_lane_of_an_unknown_track_is_drawn_only_when_needed() -> None:
    tracks = {box["track"] for box in layout(CELLS[:2])["boxes"]}
    assert tracks == {"", "Spor 1", "Spor 2"}


@pytest.mark.parametrize("kind", ["wide", "tall"])
@pytest.mark.parametrize("cells", [CELLS, CELLS[:2], []])
def test_the_boxes_of_the_phase_model_lie_apart_and_inside(kind, cells) -> None:
    drawing = layout(cells)[kind]
    boxes = [part["box"] for part in (*drawing["heads"], *drawing["boxes"])] + [drawing["outside"]]
    for number, box in enumerate(boxes):
        assert 0 <= box.x < box.right <= drawing["width"]
        assert 0 <= box.y < box.bottom <= drawing["height"]
        for other in boxes[number + 1 :]:
            assert box.right <= other.x or other.right <= box.x or box.bottom <= other.y or other.bottom <= box.y


def test_the_phase_model_is_a_figure_with_links_and_the_same_as_a_table() -> None:
    page = html("phase_model", cells=CELLS)
    assert page.count('aria-label="Modning, spor 1: 2 initiativer"') == 3
    assert page.count("<title") == page.count("<desc") == 2
    assert "Screening: 1 initiativ" in page
    assert "Vis fasemodellen som tabel" in page
