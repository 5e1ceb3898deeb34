"""On PostgreSQL, the words of the initiatives are learnt, and those written from now on."""

from django.db import migrations

from susi.words import learns


class Migration(migrations.Migration):
    dependencies = [("susi", "0009_words"), ("portfolio", "0009_indexes_of_the_overview")]

    operations = [learns("portfolio_initiative")]
