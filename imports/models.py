"""What came from outside, as it came, and what was made of it (decision 29)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.base import Record
from accounts.models import User
from compliance.policy import Role
from products.models import Product


def first_word(field: str) -> Lower:
    """The first word of a column in small letters: what free text is looked up by."""
    return Lower(Func(F(field), Value(" "), Value(1), function="split_part", output_field=models.TextField()))


class UploadQuerySet(models.QuerySet["Upload"]):
    def visible_to(self, user: User) -> UploadQuerySet:
        """Regulatory sees files of regulators, Medical files of people, oversight all."""
        match user.role:
            case Role.COMPLIANCE | Role.AUDITOR:
                return self
            case Role.REGULATORY:
                return self.filter(kind=Upload.Kind.AUTHORISATIONS)
            case Role.MSL | Role.MSL_LEAD:
                return self.filter(kind=Upload.Kind.PEOPLE, by=user)
            case _:
                return self.none()


class Upload(Record):
    """A file somebody handed in. Nothing is written elsewhere before it is carried out."""

    class Kind(models.TextChoices):
        AUTHORISATIONS = "AUTHORISATIONS", _("authorisations")
        PEOPLE = "PEOPLE", _("people")

    kind = models.CharField(max_length=16, choices=Kind)
    filename = models.CharField(max_length=200)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    options = models.JSONField(default=dict)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    carried_out_at = models.DateTimeField(null=True, blank=True)
    counts = models.JSONField(default=dict)

    objects = UploadQuerySet.as_manager()

    class Meta:
        ordering = ("-uploaded_at", "id")

    def __str__(self) -> str:
        return self.filename


class Snapshot(Record):
    """One state of a regulator's table on one day."""

    source = models.CharField(max_length=20)
    layout = models.CharField(max_length=40)
    taken_on = models.DateField()
    filename = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    imported_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    imported_at = models.DateTimeField()
    counts = models.JSONField(default=dict)

    class Meta:
        ordering = ("source", "-taken_on", "-imported_at")
        constraints = [models.UniqueConstraint(fields=["source", "sha256"], name="a_file_lands_once")]

    def __str__(self) -> str:
        return f"{self.source}, {self.taken_on}"


class RegulatorRecord(Record):
    """A row of a regulator's table as it is, from the newest snapshot that changed it."""

    source = models.CharField(max_length=20)
    key = models.CharField(max_length=80)
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="records")
    row = models.PositiveIntegerField()
    name = models.CharField(max_length=300)
    inn = models.CharField(max_length=500, blank=True)
    holder = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=16, blank=True)
    state_words = models.CharField(max_length=80, blank=True)
    effective_on = models.DateField(null=True, blank=True)
    mapped = models.JSONField()
    payload = models.JSONField()
    latest = models.BooleanField(default=True)
    search = models.TextField(default="", editable=False)

    class Meta:
        ordering = ("name", "key", "id")
        indexes = [
            models.Index(fields=["source", "name", "id"], condition=Q(latest=True), name="records_by_name"),
            models.Index(first_word("name"), condition=Q(latest=True), name="records_by_first_word"),
            models.Index(first_word("inn"), condition=Q(latest=True), name="records_by_substance"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "key"], condition=Q(latest=True), name="one_latest_record_per_key"
            ),
            models.UniqueConstraint(
                fields=["source", "key", "snapshot"], name="one_record_per_key_and_snapshot"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Adoption(Record):
    """That a regulator's record is about a product of ours."""

    source = models.CharField(max_length=20)
    key = models.CharField(max_length=80)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="adoptions")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="a_record_is_adopted_once")]

    def __str__(self) -> str:
        return f"{self.product} from {self.source} {self.key}"
