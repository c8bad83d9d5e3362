"""Records of contact can be signed, and are locked from then on (R-141, R-142)."""

from django.db import migrations, models

from accounts.base import sql


class Migration(migrations.Migration):
    dependencies = [("interactions", "0018_date_approval"), ("compliance", "0007_signatures")]
    operations = [
        migrations.AlterField(
            model_name="interaction",
            name="status",
            field=models.CharField(
                choices=[
                    ("PLANNED", "planned"),
                    ("DRAFT", "logged"),
                    ("SIGNED", "signed"),
                    ("CANCELLED", "cancelled"),
                    ("WITHDRAWN", "withdrawn"),
                    ("VOIDED", "voided"),
                    ("AMENDMENT", "amendment"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="interaction",
            index=models.Index(
                condition=models.Q(("status", "DRAFT")), fields=["author", "ends_at"], name="drafts_open"
            ),
        ),
        migrations.RunSQL(sql(__file__, "lock.sql"), sql(__file__, "lock_reverse.sql")),
    ]
