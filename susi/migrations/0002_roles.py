"""The four roles exist from the start; who has them is for the administrator."""

from django.db import migrations

ROLES = ["Læser", "Initiativansvarlig", "Leder", "Administrator"]


def create_roles(apps, schema_editor):
    group = apps.get_model("auth", "Group")
    for name in ROLES:
        group.objects.get_or_create(name=name)


class Migration(migrations.Migration):
    dependencies = [("susi", "0001_initial")]

    operations = [migrations.RunPython(create_roles, migrations.RunPython.noop)]
