from django.db import migrations

# A session that planned this while the tables were empty would read them whole for every row of a large load.
SQL = """
ALTER FUNCTION crm_late_knowledge() SET enable_seqscan = off;
ALTER FUNCTION crm_touches(uuid, uuid, timestamptz, timestamptz) SET enable_seqscan = off;
"""
REVERSE = """
ALTER FUNCTION crm_late_knowledge() RESET enable_seqscan;
ALTER FUNCTION crm_touches(uuid, uuid, timestamptz, timestamptz) RESET enable_seqscan;
"""


class Migration(migrations.Migration):
    dependencies = [("interactions", "0024_untouched_by_the_link")]

    operations = [migrations.RunSQL(SQL, REVERSE)]
