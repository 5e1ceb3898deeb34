"""The help: every page has its text, every text its page, and what it links to is there."""

import re

import pytest
from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils.html import strip_tags

from susi.handbook import CHAPTERS, TOPICS, text_in_the_whole, text_of, topic_of
from susi.roles import Role
from tests.factories import person
from tests.markup import Page
from tests.pages import PAGES, view_names

pytestmark = pytest.mark.once

TEXTS = settings.BASE_DIR / "templates" / "handbook" / "texts"
WORDS = "ord"
NO_PAGE = ("_export", "_csv", "_xlsx", "_pdf", ":pdf", "version_file", "case_file_fetch", "import_template",
           "import_present")  # fmt: skip
topics = pytest.mark.parametrize("slug", TOPICS)


@pytest.fixture
def reader(client, db):
    client.force_login(person(Role.READER))
    return client


def test_every_page_has_a_text() -> None:
    pages = {view for view, *_ in PAGES if not view.endswith(NO_PAGE) and not view.startswith("handbook")}
    assert {view for view in pages if topic_of(view) is None} == set()


def test_every_text_belongs_to_a_page_and_no_page_has_two() -> None:
    named = [view for topic in TOPICS.values() for view in topic.views]
    assert len(named) == len(set(named))
    rooms = {view[: view.find(":") + 1] for view in view_names()}
    assert {view for view in named if view not in view_names() | rooms} == set()
    assert [slug for slug, topic in TOPICS.items() if not topic.views] == [WORDS]
    assert {path.stem for path in TEXTS.iterdir()} == set(TOPICS)
    assert len(TOPICS) == sum(len(chapter.topics) for chapter in CHAPTERS)


def test_a_page_nobody_knows_has_none() -> None:
    assert topic_of("") is None
    assert topic_of("portfolio:findes_ikke") is None


@topics
def test_a_text_is_short_and_says_who_it_is_for(slug: str) -> None:
    text = text_of(TOPICS[slug])
    if slug != WORDS:
        assert 70 <= len(strip_tags(text).split()) <= 250
        assert re.search("<h2>(Hvem|Rollerne|Når du er væk)", text)
    assert "h3" not in text
    assert "{" not in text


@topics
def test_what_a_text_links_to_is_there(slug: str) -> None:
    words = {one.get("id") for one in Page(text_of(TOPICS[WORDS])).root.all() if one.get("id")}
    for link in Page(text_of(TOPICS[slug])).root.all("a"):
        address, _, word = link.get("href").partition("#")
        try:
            match = resolve(address)
        except Resolver404:
            pytest.fail(f"{address} leads nowhere")
        assert match.view_name != "handbook_topic" or match.kwargs["slug"] in TOPICS
        assert not word or word in words, link.get("href")


def test_the_whole_handbook_has_every_text_in_order_below_its_chapter(reader) -> None:
    html = reader.get("/hjaelp/samlet/").content.decode()
    places = [html.index(f"<h3>{topic.title}</h3>") for topic in TOPICS.values()]
    assert places == sorted(places)
    assert all(text_in_the_whole(topic) in html for topic in TOPICS.values())
    levels = [int(one.name[1]) for one in Page(html).root.all() if re.fullmatch("h[1-6]", one.name)]
    begin = levels.index(1)
    assert all(later - earlier <= 1 for earlier, later in zip(levels[begin:], levels[begin + 1 :], strict=False))


def test_the_help_opens_beside_the_page_and_leads_on(reader) -> None:
    html = reader.get("/initiativer/").content.decode()
    assert re.search(r'href="/hjaelp/initiativer/"\s+class="[^"]*"\s+target="_blank"', html)
    html = reader.get("/hjaelp/initiativer/").content.decode()
    assert "<h1>Initiativlisten</h1>" in html
    assert 'href="/hjaelp/ord/"' in html
    assert all(f'href="/hjaelp/{slug}/"' in reader.get("/hjaelp/").content.decode() for slug in TOPICS)


def test_a_refusal_leads_to_the_help_that_says_who_may(reader) -> None:
    answer = reader.get("/initiativer/nyt/")
    assert answer.status_code == 403
    assert 'href="/hjaelp/opret-forslag/"' in answer.content.decode()


def test_help_with_nothing_is_not_there(reader) -> None:
    assert reader.get("/hjaelp/findes-ikke/").status_code == 404


def test_help_costs_the_database_nothing_but_who_one_is(reader, django_assert_num_queries) -> None:
    reader.get("/hjaelp/kriterier/")
    with django_assert_num_queries(2):
        reader.get("/hjaelp/kriterier/")
