"""Everybody who is there gets a first history row: what a person was called before is not known."""

from django.db import migrations


def record(apps, schema_editor):
    user, historical = apps.get_model("susi", "User"), apps.get_model("susi", "HistoricalUser")
    names = [field.attname for field in user._meta.concrete_fields if field.name not in ("password", "last_login")]
    historical.objects.bulk_create(
        historical(
            **{name: getattr(person, name) for name in names},
            history_date=person.date_joined,
            history_type="+",
            history_change_reason="Navnet, da historikken begyndte",
        )
        for person in user.objects.all()
    )


class Migration(migrations.Migration):
    dependencies = [("susi", "0003_history_of_search_and_people")]

    operations = [migrations.RunPython(record, migrations.RunPython.noop)]
