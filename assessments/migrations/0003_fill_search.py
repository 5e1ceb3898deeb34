"""Make what was written before the search came findable, also in the past."""

import json

from django.db import migrations

from susi.danish import fold

OWN_TEXTS = ("conclusion", "recommendation_text", "weighing_text", "fast_track_text", "change_note")


def submitted_text(record):
    """Return the folded texts of a submitted record: of the conclusion, the criteria, conditions and fravigelser."""
    texts = [record["conclusion"], record["recommendation_text"], record["weighing"]["text"]]
    texts += [record["fast_track"]["text"], record["document"]["change_note"]]
    texts += [criterion["reasoning"] for theme in record["themes"] for criterion in theme["criteria"]]
    texts += [condition["note"] for condition in record["entry_conditions"]]
    texts += [former["text"] for former in record["former_deviations"]]
    texts += [f"{deviation['reason']} {deviation['handling']}" for deviation in record["deviations"]]
    return fold(" ".join(texts))


def fill(apps, schema_editor):
    assessment_model = apps.get_model("assessments", "Assessment")
    historical_assessment = apps.get_model("assessments", "HistoricalAssessment")
    for assessment in assessment_model.objects.order_by("pk"):
        texts = [getattr(assessment, name) for name in OWN_TEXTS]
        texts += assessment.ratings.order_by("criterion").values_list("reasoning", flat=True)
        texts += assessment.entry_judgements.order_by("pk").values_list("note", flat=True)
        texts += assessment.judgements.order_by("pk").values_list("text", flat=True)
        in_play = assessment.deviations.exclude(state="annulled").order_by("pk")
        texts += [f"{deviation.reason} {deviation.handling}" for deviation in in_play]
        text = fold(" ".join(texts))
        assessment_model.objects.filter(pk=assessment.pk).update(search_text=text)
        for snapshot in assessment.snapshots.order_by("no"):  # what was submitted then, until the next time
            rows = historical_assessment.objects.filter(id=assessment.pk, submitted_at=snapshot.submitted_at)
            rows.update(search_text=submitted_text(json.loads(snapshot.data)))
    for name in ("Deviation", "HistoricalDeviation"):
        for deviation in apps.get_model("assessments", name).objects.order_by("pk"):
            deviation.search_text = fold(f"{deviation.reason} {deviation.handling}")
            deviation.save(update_fields=["search_text"])


class Migration(migrations.Migration):
    dependencies = [("assessments", "0002_history_of_search_and_people")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
