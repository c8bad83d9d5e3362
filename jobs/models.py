"""Long work of one person: what it is about, how far it is, and what came of it."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.base import Record
from accounts.models import Appointment, User


class JobQuerySet(models.QuerySet["Job"]):
    def unfinished(self) -> JobQuerySet:
        return self.filter(state__in=[Job.State.WAITING, Job.State.RUNNING])

    def visible_to(self, user: User) -> JobQuerySet:
        """One's own, begun under the appointment one holds now. Nobody else's, for nobody."""
        from accounts.acting import now

        return self.filter(owner=user, appointment__during__contains=now())


class Job(Record):
    """Work that takes longer than a page may. Done batch by batch, each in one transaction.

    A batch holds the row's lock, so two workers never do the same one, and a worker that is killed has done
    nothing of it. `cursor` says where the next batch begins.
    """

    class State(models.TextChoices):
        WAITING = "WAITING", _("waiting")
        RUNNING = "RUNNING", _("running")
        DONE = "DONE", _("done")
        STOPPED = "STOPPED", _("stopped")
        FAILED = "FAILED", _("failed")

    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="jobs")
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=100, help_text="Begun twice under one key, it is one job.")
    title = models.CharField(max_length=200)
    facts = models.JSONField(default=dict)
    cursor = models.JSONField(null=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    done = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    problems = models.JSONField(default=list)
    created_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    moved_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    stop_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "id")
        indexes = [
            models.Index(fields=["moved_at"], condition=Q(ended_at=None), name="jobs_to_do"),
            models.Index(fields=["expires_at"], condition=Q(expires_at__isnull=False), name="jobs_to_forget"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["owner", "key"], name="a_job_is_begun_once"),
            models.CheckConstraint(
                name="a_job_has_ended_or_goes_on",
                condition=Q(state__in=["WAITING", "RUNNING"], ended_at=None)
                | Q(state__in=["DONE", "STOPPED", "FAILED"], ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="a_job_does_no_more_than_there_is",
                condition=Q(total=None) | Q(total__gte=F("done") + F("failed")),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def over(self) -> bool:
        return self.ended_at is not None

    def rate(self) -> float:
        """How many a second since it began; 0 while nobody can tell."""
        if self.begun_at is None:
            return 0.0
        seconds = ((self.ended_at or self.moved_at) - self.begun_at).total_seconds()
        return (self.done + self.failed) / seconds if seconds > 0 else 0.0

    def valid(self, at: datetime) -> bool:
        """Whether there is a result that may still be opened."""
        return self.state == self.State.DONE and self.expires_at is not None and self.expires_at > at


class Part(Record):
    """A piece of a job's result, written by the batch that made it."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="parts")
    position = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        ordering = ("job", "position")
        constraints = [
            models.UniqueConstraint(fields=["job", "position"], name="a_part_of_a_result_is_written_once")
        ]

    def __str__(self) -> str:
        return f"{self.position}"
