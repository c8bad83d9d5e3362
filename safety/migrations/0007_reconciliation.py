"""The signed comparison of two lists."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from accounts.base import sql


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_rights_review"),
        ("safety", "0006_cues"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Reconciliation",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("month", models.DateField(verbose_name="month")),
                ("compared_at", models.DateTimeField()),
                ("file_sha256", models.CharField(max_length=64)),
                ("matched", models.JSONField(default=list)),
                ("only_here", models.JSONField(default=list)),
                ("only_there", models.JSONField(default=list)),
                (
                    "remark",
                    models.CharField(blank=True, max_length=1000, verbose_name="what follows from it"),
                ),
                ("signed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "compared_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "market",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.market",
                    ),
                ),
                (
                    "signed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-compared_at", "id"),
                "indexes": [models.Index(fields=["-compared_at", "id"], name="reconciliations_by_time")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("signed_at", None), ("signed_by", None)),
                            models.Q(
                                ("signed_at__isnull", False),
                                ("signed_by__isnull", False),
                                models.Q(
                                    models.Q(("remark", ""), _negated=True),
                                    models.Q(("only_here", []), ("only_there", [])),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="a_difference_is_signed_with_what_follows",
                    )
                ],
            },
        ),
        migrations.RunSQL(sql(__file__, "reconciliation.sql"), sql(__file__, "reconciliation_reverse.sql")),
    ]
