"""What the owner of the tables can do to the trail: switch the triggers off, and write."""

from __future__ import annotations

from django.db import connection

from accounts.acting import acting_as, system


def forge(*statements: str) -> None:
    """What the owner of the tables can do: switch the triggers off and write."""
    tables = ("auditentry", "rowchange", "seal", "salt", "unsealed", "anchor")
    with connection.cursor() as cursor, acting_as(system("forge")):
        cursor.execute("RESET ROLE")
        for table in tables:
            cursor.execute(
                f"ALTER TABLE compliance_{table} DISABLE TRIGGER USER, NO FORCE ROW LEVEL SECURITY"
            )
        for statement in statements:
            cursor.execute(statement)
        for table in tables:
            cursor.execute(f"ALTER TABLE compliance_{table} ENABLE TRIGGER USER, FORCE ROW LEVEL SECURITY")
        cursor.execute("SET ROLE crm_web")


FORGERIES = {
    "an entry says another thing": (
        "UPDATE compliance_auditentry SET verb = 'praised' WHERE verb = 'edited'",
        "its payload is not the one that was sealed",
    ),
    "an entry says another person": (
        "UPDATE compliance_auditentry SET actor_name = 'Somebody Else' WHERE verb = 'edited'",
        "its payload is not the one that was sealed",
    ),
    "a row was otherwise": (
        """UPDATE compliance_rowchange SET after = after || '{"phone": "0"}' WHERE "table" = 'kols_kol'""",
        "its payload is not the one that was sealed",
    ),
    "an entry is gone": (
        "DELETE FROM compliance_auditentry WHERE verb = 'edited'",
        "its salt or its payload is missing",
    ),
    "an entry and its salt are gone": (
        "DELETE FROM compliance_salt WHERE sequence = (SELECT sequence FROM compliance_seal WHERE action = 'edited')",
        "DELETE FROM compliance_auditentry WHERE verb = 'edited'",
        "its payload is gone, and no erasure says why",
    ),
    "an entry, its salt and its seal are gone": (
        "DELETE FROM compliance_salt WHERE sequence = (SELECT sequence FROM compliance_seal WHERE action = 'registered')",
        "DELETE FROM compliance_auditentry WHERE verb = 'registered'",
        "DELETE FROM compliance_seal WHERE action = 'registered'",
        "it does not follow the one before it",
    ),
    "a seal says another thing": (
        "UPDATE compliance_seal SET actor = 'x' WHERE action = 'edited'",
        "its hash is not its own",
    ),
    "an entry was put in": (
        "INSERT INTO compliance_auditentry (id, sequence, at, actor, actor_name, actor_role, verb, refused, subject_type, "
        "subject_words, market_code, facts, rules, policy_version) OVERRIDING SYSTEM VALUE "
        "VALUES (gen_random_uuid(), 999999, now(), 'x', 'X', '', 'agreed', false, '', '', '', '{}', '[]', '')",
        "1 rows of kind E were never sealed",
    ),
    "salts are swapped": (
        "UPDATE compliance_salt SET salt = CASE sequence WHEN 1 THEN (SELECT salt FROM compliance_salt WHERE sequence = 2) "
        "ELSE (SELECT salt FROM compliance_salt WHERE sequence = 1) END WHERE sequence IN (1, 2)",
        "its payload is not the one that was sealed",
    ),
    "the tail is cut off": (
        "DELETE FROM compliance_seal WHERE sequence > 5",
        "DELETE FROM compliance_salt WHERE sequence > 5",
        "DELETE FROM compliance_auditentry WHERE sequence NOT IN (SELECT key FROM compliance_seal WHERE kind = 'E')",
        "DELETE FROM compliance_rowchange WHERE sequence NOT IN (SELECT key FROM compliance_seal WHERE kind = 'R')",
        "it was anchored, and is not there: the tail is cut off",
    ),
    "all of it is written anew": (
        "INSERT INTO compliance_unsealed (kind, key, at) SELECT kind, key, sealed_at FROM compliance_seal ORDER BY sequence",
        "UPDATE compliance_auditentry SET actor_name = 'Somebody Else'",
        "DELETE FROM compliance_seal",
        "DELETE FROM compliance_salt",
        "SELECT crm_seal(100000)",
        "it is not the one that was anchored",
    ),
}  # fmt: skip
