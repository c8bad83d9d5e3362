import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from accounts.base import sql


class Migration(migrations.Migration):
    """Lists of experts that somebody keeps under a name."""

    dependencies = [
        ("kols", "0010_merge"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("query", models.CharField(max_length=500)),
                ("shared", models.BooleanField(default=False, verbose_name="shared with the team")),
                ("starts", models.BooleanField(default=False, verbose_name="the list opens with it")),
                ("created_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="saved_views",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("created_at", "id"),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("removed_at", None)),
                        fields=("owner", "name"),
                        name="one_view_of_a_name_per_person",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("removed_at", None), ("starts", True)),
                        fields=("owner",),
                        name="one_view_to_start_with",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="a_view_has_a_name"
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            sql(__file__, "saved_views.sql"),
            "DROP POLICY medical ON kols_savedview; ALTER TABLE kols_savedview DISABLE ROW LEVEL SECURITY",
        ),
    ]
