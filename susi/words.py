"""Whether texts that are searched hold a word, and how PostgreSQL finds out without reading them (ADR 11).

There, `susi_word` has every word that has stood in such a text, and an index tells which texts hold each. What is
looked for is looked for in the words - "misbrug" stands in "stofmisbrug" - and the texts are found by these. The
database keeps both itself, by triggers (`susi/migrations/0009_words.py`): however a text is written, it is found.
"""

from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction
from django.db.migrations import RunPython
from django.db.models import BooleanField, Func, TextField

from susi.past import is_asked
from susi.prepared import Given

# The texts that are searched, by the triggers and indexes there are of them.
SEARCHED = {
    "portfolio_initiative": "search_text",
    "assessments_assessment": "search_words",
    "assessments_deviation": "search_text",
}
# A part of more words than this stands in nearly every text: to read them takes less than to look up each word.
_AT_MOST_WORDS = 300
_SHORTEST = 3  # letters; a part of fewer is one of those, and is not looked up
_INDEXED_LETTERS = 500  # of a word, as in `susi_words`


class GivenWord(Given):
    """A word for `Holds`, told as `looked_for_as` says: by the stored words that hold it where `by_index`."""

    def __init__(self, name: str, *, by_index: bool) -> None:
        super().__init__(name, TextField())
        self.by_index = by_index

    def adapted(self, value: str | list[str]) -> str | list[str]:
        return value


class Holds(Func):
    """The condition that a column filled by `susi.danish.search_words` holds a word."""

    function = "INSTR"  # several times faster than LIKE on SQLite
    template = "%(function)s(%(expressions)s) > 0"
    output_field = BooleanField()

    def __init__(self, column: str, word: GivenWord) -> None:
        super().__init__(column, word)
        self.by_index = word.by_index

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        if not self.by_index:
            return self.as_sql(compiler, connection, function="STRPOS", **context)
        (column, _), (word, parameters) = map(compiler.compile, self.source_expressions)
        return f"{_indexed(column)} && {word}::text[]", parameters


def _indexed(column: str) -> str:
    """Return the words of `column` as the index has them: in the order of their bytes, which no update of a library
    changes."""
    return f'(susi_words({column}) COLLATE "C")'


def looked_for_as(words: list[str]) -> list[str | list[str]]:
    """Return what to give `Holds` for each of the folded `words`, none of which has a blank in it. At most one query.

    It is the stored words that hold it, [] where no text does; or the word itself, for the texts to be read: on SQLite,
    of the past, which has no index, where it is short or too many words hold it, and where one is longer than the index
    has it.
    """
    if connection.vendor != "postgresql" or is_asked():
        return [*words]
    looked_up = [word for word in words if len(word) >= _SHORTEST]
    if not looked_up:
        return [*words]
    any_of_them = " OR ".join(["STRPOS(text, %s) > 0"] * len(looked_up))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT text FROM susi_word WHERE {any_of_them}", looked_up)  # noqa: S608
        found = [text for (text,) in cursor.fetchall()]
    stored = {word: [text for text in found if word in text] for word in looked_up}
    return [stored[word] if word in stored and _may_be_found_by(stored[word]) else word for word in words]


def _may_be_found_by(texts: list[str]) -> bool:
    return len(texts) <= _AT_MOST_WORDS and all(len(text) <= _INDEXED_LETTERS for text in texts)


def learns(table: str) -> RunPython:
    """Return the operation that lets the database learn the words of `table`, one of `SEARCHED`, and of what is
    written in it. For migrations: it locks the table for a moment."""
    column = SEARCHED[table]
    return _on_postgresql(
        f"""
        CREATE TRIGGER words_written AFTER INSERT ON {table}
            FOR EACH ROW EXECUTE FUNCTION susi_learn_words('{column}');
        CREATE TRIGGER words_changed AFTER UPDATE ON {table}
            FOR EACH ROW WHEN (OLD.{column} IS DISTINCT FROM NEW.{column})
            EXECUTE FUNCTION susi_learn_words('{column}');
        {learning(table)};
        """,
        f"DROP TRIGGER words_changed ON {table}; DROP TRIGGER words_written ON {table};",
    )


def learning(table: str) -> str:
    """Return the SQL that adds to `susi_word` what it lacks of the words of `table`."""
    return (
        f"INSERT INTO susi_word (text) SELECT unnest(string_to_array({SEARCHED[table]}, ' ')) FROM {table} "  # noqa: S608
        f"EXCEPT SELECT text FROM susi_word"
    )


def learn_anew() -> int | None:
    """Let `susi_word` hold the words of the texts as they are, and no others; return how many. None on SQLite.

    Who writes such a text meanwhile waits some seconds: else a word could be taken for known that is about to go.
    """
    if connection.vendor != "postgresql":
        return None
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {', '.join(SEARCHED)} IN SHARE MODE")
        cursor.execute("DELETE FROM susi_word")
        for table in SEARCHED:
            cursor.execute(learning(table))
        cursor.execute("SELECT count(*) FROM susi_word")
        return cursor.fetchone()[0]


def is_found_by_index(table: str) -> RunPython:
    """Return the operation that makes the index of `table`, one of `SEARCHED`, while others write. For migrations that
    are not atomic. What is written is put in at once: what waits to be (`fastupdate`) is read by every search."""
    return _on_postgresql(
        f"DROP INDEX IF EXISTS {table}_words",
        f"DROP INDEX {table}_words",
        f"CREATE INDEX CONCURRENTLY {table}_words ON {table} USING gin ({_indexed(SEARCHED[table])}) "
        f"WITH (fastupdate = off)",
    )


def _on_postgresql(sql: str, undo: str, then: str = "") -> RunPython:
    def run(*statements: str) -> Any:
        def forwards(apps: Any, schema_editor: Any) -> None:
            if schema_editor.connection.vendor == "postgresql":
                for statement in filter(None, statements):
                    schema_editor.execute(statement, params=None)

        return forwards

    return RunPython(run(sql, then), run(undo))


def missing() -> Iterator[tuple[str, str]]:
    """Yield what a search on PostgreSQL goes by that is not there: the table, and in Danish what is missing of it."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for table, column in SEARCHED.items():
            cursor.execute(
                "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled <> 'D' "
                "AND tgname IN ('words_written', 'words_changed')",
                [table],
            )
            if cursor.fetchone()[0] < 2:
                yield table, "Det, der skrives, føjes ikke til ordene i susi_word"
            cursor.execute(
                "SELECT count(*) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid "
                "WHERE indrelid = %s::regclass AND relname = %s AND indisvalid",
                [table, f"{table}_words"],
            )
            if not cursor.fetchone()[0]:
                yield table, f"Indekset {table}_words mangler"
            cursor.execute(
                f"SELECT count(DISTINCT id) FROM {table} CROSS JOIN unnest(string_to_array({column}, ' ')) AS word "  # noqa: S608
                f"LEFT JOIN susi_word AS known ON known.text = word WHERE known.text IS NULL"
            )
            if unknown := cursor.fetchone()[0]:
                yield table, f"Ord i {unknown} af rækkerne mangler i susi_word"
