"""What took place, or is planned: visits, lectures, trainings; what was talked about; what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.base import Record, choices
from accounts.models import Market, User
from compliance.policy import Activity, Audience, Basis, Channel, Kind, Role, Side, Standing, Subject, Zone
from interactions.amending import Amendment, Voiding
from interactions.given import Change, Closing, MaterialGiven, SampleGiven, ValueGiven, WordMark
from interactions.joint import JointVisit
from interactions.late import Mismatch, Rejudging
from interactions.preclear import Preclearance
from kols.models import KOL, Institution, Relation
from products.models import Product, Theme, TherapeuticArea, Use
from safety.models import SafetyReport

if TYPE_CHECKING:
    from datetime import datetime

__all__ = [
    "Amendment", "Attendee", "Change", "Closing", "Compartment", "FollowUp", "Interaction", "JointVisit", "LastContact",
    "MaterialGiven", "Mismatch",
    "Preclearance", "Rejudging", "SampleGiven", "Topic", "ValueGiven", "Voiding", "WordMark", "compartment_of",
]  # fmt: skip


class Compartment(models.TextChoices):
    """Where a record lives for ever (R-100). It may only move to a stricter one."""

    MEDICAL = "MEDICAL", _("Medical")
    FIELD = "FIELD", _("Field service")
    OTHER = "OTHER", _("Other functions")


def standing_record_of(plan: Interaction | OuterRef) -> models.QuerySet[Interaction]:
    """What was logged after a plan and still stands."""
    return Interaction.objects.filter(follows_plan=plan).exclude(
        status__in=[Interaction.Status.WITHDRAWN, Interaction.Status.VOIDED, Interaction.Status.AMENDMENT]
    )


class InteractionQuerySet(models.QuerySet["Interaction"]):
    def planned(self) -> InteractionQuerySet:
        return self.filter(status=Interaction.Status.PLANNED)

    def logged(self) -> InteractionQuerySet:
        """What counts as having taken place: saved, complete or not; never what was withdrawn."""
        return self.filter(status__in=[Interaction.Status.DRAFT, Interaction.Status.SIGNED])

    def without_taken_plans(self) -> InteractionQuerySet:
        """A plan whose record stands is told of by that record alone."""
        return self.filter(
            ~Q(status=Interaction.Status.PLANNED) | ~Exists(standing_record_of(OuterRef("pk")))
        )

    def between(self, start: datetime, end: datetime) -> InteractionQuerySet:
        return self.filter(starts_at__gte=start, starts_at__lt=end)

    def visible_to(self, user: User) -> InteractionQuerySet:
        """Her own records; an MSL also the medical records of KOLs she holds a relation with today; a lead the
        subtree's (decision 15). Field service: its own calls and the tree's, nothing medical (R-101). What is only
        proposed as the next version of a record is reached through its amendment alone."""
        return self._known_to(user).exclude(status=Interaction.Status.AMENDMENT)

    def _known_to(self, user: User) -> InteractionQuerySet:
        from accounts.acting import now
        from accounts.people import team_of

        own = Q(author=user)
        match user.role:
            case Role.MSL | Role.MEDICAL_INFORMATION | Role.CLINICAL_RESEARCH:
                held = Relation.objects.filter(
                    kol=OuterRef("kol"),
                    use__market__in=user.market_ids,
                    ownerships__owner=user,
                    ownerships__during__contains=now(),
                )
                shared = Exists(
                    Attendee.objects.filter(Exists(held), interaction=OuterRef("pk"), kol__isnull=False)
                )
                return self.filter(own | Q(shared), compartment=Compartment.MEDICAL)
            case Role.MSL_LEAD:
                return self.filter(own | Q(author__in=team_of(user)), compartment=Compartment.MEDICAL)
            case Role.FIELD_SERVICE:
                return self.filter(own, compartment=Compartment.FIELD)
            case Role.FIELD_LEAD:
                return self.filter(own | Q(author__in=team_of(user)), compartment=Compartment.FIELD)
            case Role.COMPLIANCE | Role.AUDITOR:
                return self
            case Role.MARKET_ACCESS:
                return self.filter(own, compartment=Compartment.OTHER)
            case _:
                return self.none()


class Interaction(Record):
    """A visit, call, lecture or training: planned, or as it took place.

    Saving keeps a draft that already counts and that its author may edit; every version is kept by the
    database. Signing locks it with all its parts (R-142). `starts_at` and `ends_at` are instants, `zone` is the
    clock on the wall of the place.
    """

    class Status(models.TextChoices):
        PLANNED = "PLANNED", _("planned")
        DRAFT = "DRAFT", _("logged")
        SIGNED = "SIGNED", _("signed")
        CANCELLED = "CANCELLED", _("cancelled")
        WITHDRAWN = "WITHDRAWN", _("withdrawn")
        VOIDED = "VOIDED", _("voided")
        # The next version of a signed record, as it is proposed: no record of its own, and shown with that one alone.
        AMENDMENT = "AMENDMENT", _("amendment")

    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="interactions")
    author_role = models.CharField(max_length=24, choices=choices(Role), editable=False)
    author_side = models.CharField(max_length=12, choices=choices(Side), editable=False)
    compartment = models.CharField(max_length=8, choices=Compartment, editable=False)
    client_ref = models.UUIDField(
        null=True, blank=True, help_text="The device's own identifier, once per author."
    )
    kind = models.CharField(_("kind"), max_length=24, choices=choices(Kind))
    channel = models.CharField(_("channel"), max_length=16, choices=choices(Channel))
    status = models.CharField(max_length=10, choices=Status)
    title = models.CharField(_("title"), max_length=200, blank=True)
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="+")
    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    place = models.CharField(_("place"), max_length=200, blank=True)
    starts_at = models.DateTimeField(_("start"))
    ends_at = models.DateTimeField(_("end"))
    zone = models.CharField(max_length=40)
    note = models.TextField(_("what should you remember"), blank=True)
    late_reason = models.CharField(_("why it is entered late"), max_length=200, blank=True)
    joint_request = models.TextField(_("how the expert asked for both sides"), blank=True)
    side_effect = models.BooleanField(_("a side effect was mentioned"), null=True)
    safety_report = models.ForeignKey(
        SafetyReport, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    follows_plan = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="took_place_as"
    )
    missing = models.JSONField(default=list, editable=False)
    decision = models.JSONField(null=True, editable=False, encoder=DjangoJSONEncoder)
    act = models.JSONField(null=True, editable=False, encoder=DjangoJSONEncoder)
    policy_version = models.CharField(max_length=64, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    recorded_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)

    objects = InteractionQuerySet.as_manager()

    class Meta:
        ordering = ("-starts_at", "-id")
        indexes = [
            models.Index(fields=["author", "-starts_at", "-id"], name="interactions_of_author"),
            models.Index(fields=["-starts_at", "-id"], name="interactions_by_time"),
            models.Index(fields=["-recorded_at", "-id"], name="interactions_by_entry"),
            models.Index(fields=["author", "ends_at"], condition=Q(status="PLANNED"), name="visits_planned"),
            models.Index(fields=["author", "ends_at"], condition=Q(status="DRAFT"), name="drafts_open"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["author", "client_ref"],
                condition=Q(client_ref__isnull=False),
                name="a_device_sends_a_visit_once",
            ),
            models.CheckConstraint(
                name="an_interaction_ends_after_it_begins", condition=Q(ends_at__gte=F("starts_at"))
            ),
            models.CheckConstraint(
                name="what_medical_writes_stays_medical",
                condition=~Q(author_side=Side.MEDICAL) | Q(compartment=Compartment.MEDICAL),
            ),
            models.CheckConstraint(
                name="what_field_service_writes_is_no_medical_record",
                condition=~Q(author_side=Side.COMMERCIAL) | Q(compartment=Compartment.FIELD),
            ),
            models.CheckConstraint(
                name="what_took_place_answers_the_side_effect_question",
                condition=~Q(status__in=["DRAFT", "SIGNED"]) | Q(side_effect__isnull=False),
            ),
            models.CheckConstraint(
                name="a_side_effect_has_its_report",
                condition=~Q(side_effect=True) | Q(safety_report__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.get_kind_display()

    @property
    def complete(self) -> bool:
        return not self.missing


class Topic(Record):
    """One thing that was talked about, how it came up, and what the boundary saw in it then."""

    interaction = models.ForeignKey(Interaction, on_delete=models.CASCADE, related_name="topics")
    compartment = models.CharField(max_length=8, choices=Compartment, editable=False)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", editable=False)
    position = models.PositiveSmallIntegerField(default=0)
    subject = models.CharField(max_length=10, choices=choices(Subject))
    use = models.ForeignKey(Use, on_delete=models.PROTECT, null=True, blank=True, related_name="topics")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    area = models.ForeignKey(
        TherapeuticArea, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    basis = models.CharField(max_length=24, choices=choices(Basis), blank=True)
    themes = models.ManyToManyField(Theme, blank=True, related_name="+")
    shared = models.TextField(_("what we shared"), blank=True)
    heard = models.TextField(_("what we heard"), blank=True)
    documents = models.JSONField(
        default=dict, help_text="Evidence by document code, as the boundary asked for it."
    )
    activity = models.CharField(max_length=24, choices=choices(Activity), blank=True, editable=False)
    standing = models.CharField(max_length=20, choices=choices(Standing), blank=True, editable=False)
    zone = models.CharField(max_length=10, choices=choices(Zone), blank=True, editable=False)

    class Meta:
        ordering = ("position", "id")
        indexes = [
            models.Index(fields=["interaction"], name="topics_of_interaction"),
            models.Index(fields=["use"], name="topics_of_use"),
        ]
        constraints = [
            models.CheckConstraint(
                name="a_topic_is_a_use_a_product_an_area_or_admin",
                condition=Q(subject=Subject.USE, use__isnull=False, product=None)
                | Q(subject=Subject.UNLISTED, use=None, product__isnull=False)
                | Q(subject=Subject.DISEASE, use=None, product=None, area__isnull=False)
                | Q(subject=Subject.ADMIN, use=None, product=None, area=None),
            )
        ]

    def __str__(self) -> str:
        return str(self.use or self.product or self.area or _("Organisation"))


class Attendee(Record):
    """Somebody who was there, or is invited: a KOL, another person, or a colleague."""

    interaction = models.ForeignKey(Interaction, on_delete=models.CASCADE, related_name="attendees")
    compartment = models.CharField(max_length=8, choices=Compartment, editable=False)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", editable=False)
    at = models.DateTimeField(
        editable=False, help_text="The interaction's start, so that a KOL's time line has an index."
    )
    kol = models.ForeignKey(KOL, on_delete=models.PROTECT, null=True, blank=True, related_name="attendances")
    colleague = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(_("name"), max_length=200, blank=True)
    function = models.CharField(_("function and affiliation"), max_length=200, blank=True)
    audience = models.CharField(max_length=16, choices=choices(Audience), default=Audience.PROFESSIONAL)
    main = models.BooleanField(default=False)

    class Meta:
        ordering = ("-main", "id")
        indexes = [
            models.Index(fields=["interaction"], name="attendees_of_interaction"),
            models.Index(fields=["kol", "-at", "interaction"], name="attendances_of_kol"),
        ]
        constraints = [
            models.CheckConstraint(
                name="an_attendee_is_one_person",
                condition=Q(kol__isnull=False, colleague=None, name="")
                | Q(kol=None, colleague__isnull=False, name="")
                | Q(kol=None, colleague=None) & ~Q(name=""),
            ),
            models.UniqueConstraint(
                fields=["interaction", "kol"], condition=Q(kol__isnull=False), name="a_kol_attends_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.kol or self.colleague or self.name)


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def open(self) -> FollowUpQuerySet:
        return self.filter(done_at=None)

    def visible_to(self, user: User) -> FollowUpQuerySet:
        """Her own; a lead the team's; oversight all."""
        from accounts.people import team_of

        match user.role:
            case Role.COMPLIANCE | Role.AUDITOR:
                return self
            case Role.MSL_LEAD:
                return self.filter(
                    Q(owner=user) | Q(owner__in=team_of(user)), compartment=Compartment.MEDICAL
                )
            case Role.FIELD_LEAD:
                return self.filter(Q(owner=user) | Q(owner__in=team_of(user)), compartment=Compartment.FIELD)
            case "":
                return self.none()
            case _:
                return self.filter(owner=user, compartment=compartment_of(user.side))


class FollowUp(Record):
    """Something promised or to be done after a contact, by one person, by a day."""

    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="follow_ups")
    interaction = models.ForeignKey(
        Interaction, on_delete=models.PROTECT, null=True, blank=True, related_name="follow_ups"
    )
    kol = models.ForeignKey(KOL, on_delete=models.PROTECT, null=True, blank=True, related_name="follow_ups")
    relation = models.ForeignKey(Relation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    compartment = models.CharField(max_length=8, choices=Compartment, editable=False)
    what = models.CharField(_("what"), max_length=300)
    promised = models.BooleanField(_("promised to the expert"), default=False)
    due_on = models.DateField(_("due"))
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        ordering = ("due_on", "id")
        indexes = [
            models.Index(fields=["owner", "due_on"], condition=Q(done_at=None), name="follow_ups_open")
        ]

    def __str__(self) -> str:
        return self.what


class LastContact(Record):
    """When Medical last met a KOL: one row each, kept by the transaction that logs (targets.md, section 1)."""

    kol = models.OneToOneField(KOL, on_delete=models.PROTECT, related_name="last_contact")
    at = models.DateTimeField()
    interaction = models.ForeignKey(Interaction, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["at"], name="last_contact_at")]

    def __str__(self) -> str:
        return f"{self.kol}: {self.at:%d %b %Y}"


def compartment_of(side: Side | None) -> Compartment:
    """Where what this side writes belongs, for ever (R-100)."""
    match side:
        case Side.MEDICAL:
            return Compartment.MEDICAL
        case Side.COMMERCIAL:
            return Compartment.FIELD
        case _:
            return Compartment.OTHER
