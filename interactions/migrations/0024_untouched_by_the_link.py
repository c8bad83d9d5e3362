"""A link does not touch the record of field service: a foreign key would lock its row and hold it."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("interactions", "0023_overlaps")]

    operations = [
        migrations.AlterField(
            model_name="jointvisit",
            name="field",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="interactions.interaction",
            ),
        ),
    ]
