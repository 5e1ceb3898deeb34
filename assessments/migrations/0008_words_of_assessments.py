"""On PostgreSQL, the words of the SUSI-vurderinger are learnt, and those written from now on. By itself: one table is locked."""

from django.db import migrations

from susi.words import learns


class Migration(migrations.Migration):
    dependencies = [("susi", "0009_words"), ("assessments", "0007_deviations_to_review")]

    operations = [learns("assessments_assessment")]
