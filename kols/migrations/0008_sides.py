"""What one side was told, and which side owned, stays so (I-10)."""

from django.db import migrations

TABLES = {
    "kols_consent": "'kol_id', 'side'",
    "kols_objection": "'kol_id', 'side'",
    "kols_privacynotice": "'kol_id', 'side'",
    "kols_ownership": "'relation_id', 'side'",
}


class Migration(migrations.Migration):
    dependencies = [("kols", "0007_territory"), ("compliance", "0006_sides")]
    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER keep_side BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION crm_keep({columns})",
            f"DROP TRIGGER keep_side ON {table}",
        )
        for table, columns in TABLES.items()
    ]
