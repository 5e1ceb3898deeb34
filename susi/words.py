"""Whether texts that are searched hold a word, and how PostgreSQL finds out without reading them (ADR 11).

There, `susi_word` has every word that has stood in such a text, and an index tells which texts hold each. What is
looked for is looked for in the words - "misbrug" stands in "stofmisbrug" - and the texts are found by these. The
database keeps both itself, by triggers (`susi/migrations/0009_words.py`): however a text is written, it is found.
"""

from typing import Any

from django.db import connection
from django.db.models import BooleanField, Func, TextField

from susi.past import is_asked
from susi.prepared import Given

# The texts that are searched, by the triggers and indexes there are of them.
SEARCHED = {
    "portfolio_initiative": "search_text",
    "assessments_assessment": "search_words",
    "assessments_deviation": "search_text",
}


class GivenWord(Given):
    """A word for `Holds`, given as `looked_for_as` says."""

    def __init__(self, name: str) -> None:
        super().__init__(name, TextField())

    def adapted(self, value: str | list[str]) -> str | list[str]:
        return value


class Holds(Func):
    """The condition that a column filled by `susi.danish.search_words` holds a word."""

    function = "INSTR"  # several times faster than LIKE on SQLite
    template = "%(function)s(%(expressions)s) > 0"
    output_field = BooleanField()

    def __init__(self, column: str, word: GivenWord) -> None:
        super().__init__(column, word)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        if _are_found_by_index():
            context |= {"template": "susi_words(%(expressions)s::text[]", "arg_joiner": ") && "}
        return self.as_sql(compiler, connection, function="STRPOS", **context)


def looked_for_as(words: list[str]) -> list[str | list[str]]:
    """Return what to give `Holds` for each of the folded `words`, none of which has a blank in it. At most one query.

    It is the stored words that hold it, [] where no text does; where there is no index, the word itself.
    """
    if not _are_found_by_index():
        return [*words]
    either = " OR ".join(["STRPOS(text, %s) > 0"] * len(words))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT text FROM susi_word WHERE {either}", words)  # noqa: S608
        stored = {text for (text,) in cursor.fetchall()}
    return [[text for text in stored if word in text] for word in words]


def _are_found_by_index() -> bool:
    """Of the past the texts are kept, and no index of their words."""
    return connection.vendor == "postgresql" and not is_asked()


def unknown_words() -> list[tuple[str, int]]:
    """Return the tables and keys of the rows with a word that `susi_word` has not, so that a search misses them."""
    if not _are_found_by_index():
        return []
    found: list[tuple[str, int]] = []
    with connection.cursor() as cursor:
        for table, column in SEARCHED.items():
            cursor.execute(
                f"SELECT DISTINCT id FROM {table} CROSS JOIN unnest(susi_words({column})) AS word "  # noqa: S608
                f"LEFT JOIN susi_word AS known ON known.text = word WHERE known.text IS NULL ORDER BY id"
            )
            found += [(table, pk) for (pk,) in cursor.fetchall()]
    return found
