"""The past is searched and sorted by the same columns as the present: fill them in the rows written so far."""

from django.db import migrations

from susi.danish import fold, sort_key

TEXTS = ["number", "title", "problem", "description", "funding", "case_number"]


def fill(apps, schema_editor):
    rows = apps.get_model("portfolio", "HistoricalInitiative").objects.only("history_id", *TEXTS)
    for row in rows.iterator():
        row.sort_key = sort_key(row.title)
        row.search_text = fold(" ".join(getattr(row, name) for name in TEXTS))
        row.save(update_fields=["sort_key", "search_text"])


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0002_history_of_search_and_people")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
