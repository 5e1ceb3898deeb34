"""On PostgreSQL, the texts that are searched are found by an index of their words, which the tables' triggers learn."""

from django.db import migrations

SEARCHED = {
    "portfolio_initiative": "search_text",
    "assessments_assessment": "search_words",
    "assessments_deviation": "search_text",
}
MAKE = """
CREATE TRIGGER words_written AFTER INSERT ON {table}
    FOR EACH ROW EXECUTE FUNCTION susi_learn_words('{column}');
CREATE TRIGGER words_changed AFTER UPDATE ON {table}
    FOR EACH ROW WHEN (OLD.{column} IS DISTINCT FROM NEW.{column}) EXECUTE FUNCTION susi_learn_words('{column}');
INSERT INTO susi_word (text) SELECT unnest(susi_words({column})) FROM {table} EXCEPT SELECT text FROM susi_word;
CREATE INDEX {table}_words ON {table} USING gin (susi_words({column}));
"""
UNMAKE = """
DROP INDEX {table}_words;
DROP TRIGGER words_changed ON {table};
DROP TRIGGER words_written ON {table};
"""


def on_postgresql(sql):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            for table, column in SEARCHED.items():
                schema_editor.execute(sql.format(table=table, column=column), params=None)

    return run


class Migration(migrations.Migration):
    dependencies = [
        ("susi", "0009_words"),
        ("portfolio", "0009_indexes_of_the_overview"),
        ("assessments", "0007_deviations_to_review"),
    ]

    operations = [migrations.RunPython(on_postgresql(MAKE), on_postgresql(UNMAKE))]
