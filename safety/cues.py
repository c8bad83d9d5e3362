"""What a text was suspected of, and what became of it: reported, or rebutted with a reason (R-127, R-133)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.base import Record, choices
from accounts.models import User
from compliance.policy import Role, Side


class CueQuerySet(models.QuerySet["Cue"]):
    def visible_to(self, user: User) -> CueQuerySet:
        """Safety and Compliance all, to draw from; everybody else her own, on the side she stands on."""
        match user.role:
            case Role.SAFETY | Role.COMPLIANCE | Role.AUDITOR:
                return self
            case "":
                return self.none()
            case _:
                return self.filter(author=user, author_side=user.side)


class Cue(Record):
    """One text that seemed to tell of a side effect. The words stand in the text alone, never here."""

    class Reason(models.TextChoices):
        EVENT = "event", _("a side effect")
        PREGNANCY = "pregnancy", _("pregnancy or breastfeeding")
        OVERDOSE = "overdose", _("overdose")
        ERROR = "error", _("a mistake with the medicine")
        NOEFFECT = "noeffect", _("no effect")
        OFFLABEL = "offlabel", _("use outside of the label")
        MISUSE = "misuse", _("misuse")
        INTERACTION = "interaction", _("interaction with another medicine")
        EXPOSURE = "exposure", _("contact at work")
        QUALITY = "quality", _("a fault of the product")
        BENEFIT = "benefit", _("an unexpected benefit")

    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    author_side = models.CharField(max_length=12, choices=choices(Side))
    key = models.UUIDField(help_text="The text it was read in, so that it is asked about once.")
    source = models.CharField(max_length=20, help_text="The kind of text.")
    reason = models.CharField(max_length=12, choices=Reason)
    count = models.PositiveSmallIntegerField(default=1)
    report = models.ForeignKey(
        "safety.SafetyReport", on_delete=models.PROTECT, null=True, related_name="cues"
    )
    rebuttal = models.CharField(_("why it is none"), max_length=300, blank=True)
    at = models.DateTimeField()

    objects = CueQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "id")
        indexes = [models.Index(fields=["-at", "id"], name="cues_by_time")]
        constraints = [
            models.UniqueConstraint(fields=["author", "key"], name="a_text_is_asked_about_once"),
            models.CheckConstraint(
                name="a_cue_is_reported_or_rebutted",
                condition=models.Q(report__isnull=False) | ~models.Q(rebuttal=""),
            ),
        ]

    def __str__(self) -> str:
        return self.get_reason_display()
