"""On PostgreSQL, texts are found by an index of their words, which is made while others write."""

from django.db import migrations

from susi.words import is_found_by_index


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("assessments", "0010_indexes")]

    operations = [
        is_found_by_index("assessments_assessment"),
        is_found_by_index("assessments_deviation"),
    ]
