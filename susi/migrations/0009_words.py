"""On PostgreSQL, the words of the texts that are searched (`susi.words`): `susi_words` gives those of a text as an index
can hold them, `susi_word` keeps each that has ever stood in one, and `susi_learn_words` is what a table with such texts
calls, whoever writes in it and by whatever search path.

Written without a rule that each is there once: two who save the same new word at a time need not wait for each other.
`COST` says that to take a text apart is no small thing, so that the index is used.
"""

from django.db import migrations

MAKE = """
CREATE FUNCTION susi_words(said text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
BEGIN
    RETURN ARRAY(SELECT left(word, 500) FROM unnest(string_to_array(said, ' ')) AS word);
END $$;

CREATE TABLE susi_word (text text NOT NULL);
CREATE INDEX susi_word_text ON susi_word USING hash (text);

CREATE FUNCTION susi_learn_words() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE said text;
BEGIN
    EXECUTE format('SELECT ($1).%I', TG_ARGV[0]) INTO said USING NEW;
    INSERT INTO susi_word (text)
    SELECT DISTINCT word FROM unnest(string_to_array(said, ' ')) AS word
    WHERE NOT EXISTS (SELECT FROM susi_word AS known WHERE known.text = word);
    RETURN NULL;
END $$;
"""
UNMAKE = "DROP FUNCTION susi_learn_words(); DROP TABLE susi_word; DROP FUNCTION susi_words(text);"


def on_postgresql(sql):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(sql, params=None)

    return run


class Migration(migrations.Migration):
    dependencies = [("susi", "0008_left")]

    operations = [migrations.RunPython(on_postgresql(MAKE), on_postgresql(UNMAKE))]
