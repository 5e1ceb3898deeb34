"""On PostgreSQL, texts are found by an index of their words, which is made while others write."""

from django.db import migrations

from susi.words import is_found_by_index


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("portfolio", "0011_indexes")]

    operations = [
        is_found_by_index("portfolio_initiative"),
    ]
