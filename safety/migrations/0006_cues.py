"""What texts were suspected of, and the answer to it."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from accounts.base import sql


class Migration(migrations.Migration):
    dependencies = [
        ("safety", "0005_desks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Cue",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "author_side",
                    models.CharField(
                        choices=[
                            ("MEDICAL", "Medical"),
                            ("COMMERCIAL", "Commercial"),
                            ("SAFETY", "Safety"),
                            ("OVERSIGHT", "Oversight"),
                            ("NEUTRAL", "Neutral"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "key",
                    models.UUIDField(help_text="The text it was read in, so that it is asked about once."),
                ),
                ("source", models.CharField(help_text="The kind of text.", max_length=20)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("event", "a side effect"),
                            ("pregnancy", "pregnancy or breastfeeding"),
                            ("overdose", "overdose"),
                            ("error", "a mistake with the medicine"),
                            ("noeffect", "no effect"),
                            ("offlabel", "use outside of the label"),
                            ("misuse", "misuse"),
                            ("interaction", "interaction with another medicine"),
                            ("exposure", "contact at work"),
                            ("quality", "a fault of the product"),
                            ("benefit", "an unexpected benefit"),
                        ],
                        max_length=12,
                    ),
                ),
                ("count", models.PositiveSmallIntegerField(default=1)),
                ("rebuttal", models.CharField(blank=True, max_length=300, verbose_name="why it is none")),
                ("at", models.DateTimeField()),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cues",
                        to="safety.safetyreport",
                    ),
                ),
            ],
            options={
                "ordering": ("-at", "id"),
                "indexes": [models.Index(fields=["-at", "id"], name="cues_by_time")],
                "constraints": [
                    models.UniqueConstraint(fields=("author", "key"), name="a_text_is_asked_about_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("report__isnull", False),
                            models.Q(("rebuttal", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="a_cue_is_reported_or_rebutted",
                    ),
                ],
            },
        ),
        migrations.RunSQL(sql(__file__, "cues.sql"), sql(__file__, "cues_reverse.sql")),
    ]
