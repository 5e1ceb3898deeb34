"""On PostgreSQL, the words of the fravigelser are learnt, and those written from now on. By itself: one table is locked."""

from django.db import migrations

from susi.words import learns


class Migration(migrations.Migration):
    dependencies = [("susi", "0009_words"), ("assessments", "0008_words_of_assessments")]

    operations = [learns("assessments_deviation")]
