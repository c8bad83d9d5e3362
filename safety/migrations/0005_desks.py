"""Desks by market and standing; the clock of mailing, escalating and purging; what was said in a row of its own."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from accounts.base import sql


# What reports said until now moves beside them; what the history of rows copied of it goes with their purging.
MOVE = """
SELECT set_config('crm.side', 'system', true), set_config('crm.actor', 'system: move what was said', true);
INSERT INTO safety_clinical (id, report_id, content)
SELECT gen_random_uuid(), id, jsonb_build_object(
         'what_happened', what_happened, 'product_words', product_words, 'who_told', who_told, 'patient', '')
  FROM safety_safetyreport;
SET CONSTRAINTS ALL IMMEDIATE;
UPDATE safety_safetyreport SET purge_after = acknowledged_at + interval '30 days' WHERE acknowledged_at IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_settings_and_choices"),
        ("kols", "0012_seats_behind_the_wall"),
        ("products", "0004_signed_together"),
        ("safety", "0004_kept_sides"),
        ("compliance", "0008_seal"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Clinical",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("content", models.JSONField()),
            ],
            options={
                "verbose_name_plural": "clinical",
            },
        ),
        migrations.CreateModel(
            name="Desk",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "route",
                    models.CharField(
                        choices=[
                            ("PV", "authorised: pharmacovigilance"),
                            ("SPONSOR", "investigational: the sponsor's safety desk"),
                            ("OTHER_COMPANY", "another company's product"),
                        ],
                        max_length=14,
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("mailbox", models.EmailField(max_length=254, verbose_name="mailbox")),
                (
                    "encrypted",
                    models.BooleanField(
                        default=False,
                        help_text="Only then the report itself is mailed. Otherwise a mail says that one waits here.",
                        verbose_name="the way to this mailbox is encrypted",
                    ),
                ),
            ],
            options={
                "ordering": ("market", "route", "id"),
            },
        ),
        migrations.AddField(
            model_name="safetyreport",
            name="about_id",
            field=models.UUIDField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="safetyreport",
            name="about_type",
            field=models.CharField(
                blank=True, help_text="The kind of record it was told from.", max_length=20
            ),
        ),
        migrations.AddField(
            model_name="safetyreport",
            name="escalated",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="safetyreport",
            name="escalates_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="safetyreport",
            name="mail_after",
            field=models.DateTimeField(
                blank=True, help_text="When it is mailed next; empty: never.", null=True
            ),
        ),
        migrations.AddField(
            model_name="safetyreport",
            name="mail_attempts",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="safetyreport",
            name="mail_problem",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name="safetyreport",
            name="mailed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="safetyreport",
            name="pointed_to",
            field=models.CharField(
                blank=True,
                choices=[
                    ("HOLDER", "to the company that holds the authorisation"),
                    ("AUTHORITY", "to the authority"),
                    ("BOTH", "to both"),
                ],
                max_length=10,
                verbose_name="you pointed the reporter",
            ),
        ),
        migrations.AddField(
            model_name="safetyreport",
            name="purge_after",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="safetyreport",
            name="purged_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="safetyreport",
            name="route",
            field=models.CharField(
                choices=[
                    ("PV", "authorised: pharmacovigilance"),
                    ("SPONSOR", "investigational: the sponsor's safety desk"),
                    ("OTHER_COMPANY", "another company's product"),
                ],
                default="PV",
                max_length=14,
            ),
        ),
        migrations.AddIndex(
            model_name="safetyreport",
            index=models.Index(
                condition=models.Q(("mailed_at", None)), fields=["mail_after"], name="safety_to_mail"
            ),
        ),
        migrations.AddIndex(
            model_name="safetyreport",
            index=models.Index(
                condition=models.Q(("acknowledged_at", None)),
                fields=["escalates_at"],
                name="safety_escalates",
            ),
        ),
        migrations.AddIndex(
            model_name="safetyreport",
            index=models.Index(
                condition=models.Q(("purged_at", None)), fields=["purge_after"], name="safety_to_purge"
            ),
        ),
        migrations.AddIndex(
            model_name="safetyreport",
            index=models.Index(
                condition=models.Q(("about_id__isnull", False)), fields=["about_id"], name="safety_about"
            ),
        ),
        migrations.AddField(
            model_name="clinical",
            name="report",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="clinical", to="safety.safetyreport"
            ),
        ),
        migrations.AddField(
            model_name="desk",
            name="lead",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="lead",
            ),
        ),
        migrations.AddField(
            model_name="desk",
            name="market",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="safety_desks", to="accounts.market"
            ),
        ),
        migrations.AddConstraint(
            model_name="desk",
            constraint=models.UniqueConstraint(
                fields=("market", "route"), name="one_safety_desk_per_market_and_route"
            ),
        ),
        migrations.AddConstraint(
            model_name="desk",
            constraint=models.CheckConstraint(
                condition=models.Q(("route", "OTHER_COMPANY"), _negated=True),
                name="another_companys_product_has_no_desk_of_ours",
            ),
        ),
        migrations.RunSQL(sql(__file__, "clinical.sql"), sql(__file__, "clinical_reverse.sql")),
        migrations.RunSQL(MOVE, migrations.RunSQL.noop),
        migrations.RemoveField(
            model_name="safetyreport",
            name="product_words",
        ),
        migrations.RemoveField(
            model_name="safetyreport",
            name="what_happened",
        ),
        migrations.RemoveField(
            model_name="safetyreport",
            name="who_told",
        ),
    ]
