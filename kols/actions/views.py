"""A list as it is narrowed, kept under a name: saved, renamed, shared, begun with, taken away and back."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.acting import now
from accounts.models import User
from compliance import audit
from kols.models import SavedView

MOST = 20
"""More tabs than this nobody finds her way among."""


class NameTaken(ValueError):
    """Somebody's views are told apart by their names."""


@audit.action
def save_view(*, name: str, query: str, by: User, shared: bool = False) -> SavedView:
    """Keep an address of the list under a name. Raises NameTaken for one that is used, or for too many."""
    _free(name, by)
    if SavedView.objects.standing().filter(owner=by).count() >= MOST:
        raise NameTaken(_("You have twenty views. Delete one first."))
    view = SavedView.objects.create(owner=by, name=name, query=query, shared=shared, created_at=now())
    audit.record("saved the view", view, by=by, shared=shared)
    return view


@audit.action
def change_view(view: SavedView, *, name: str, shared: bool, starts: bool, by: User) -> SavedView:
    """Rename it, share it with the team or no longer, let the list open with it or no longer."""
    view = SavedView.objects.select_for_update(no_key=True).get(pk=view.pk)
    _free(name, by, apart=view)
    if starts:
        SavedView.objects.filter(owner=by, starts=True).exclude(pk=view.pk).update(starts=False)
    view.name, view.shared, view.starts = name, shared, starts
    view.save(update_fields=["name", "shared", "starts"])
    audit.record("changed the view", view, by=by, shared=shared)
    return view


@audit.action
def remove_view(view: SavedView, *, by: User) -> SavedView:
    """Take it away; twice is once."""
    if view.removed_at is None:
        view.removed_at, view.starts = now(), False
        view.save(update_fields=["removed_at", "starts"])
        audit.record("removed the view", view, by=by)
    return view


@audit.action
def restore_view(view: SavedView, *, by: User) -> SavedView:
    """As it was, unless another has its name by now."""
    if view.removed_at is not None:
        _free(view.name, by)
        view.removed_at = None
        view.save(update_fields=["removed_at"])
        audit.record("restored the view", view, by=by)
    return view


def _free(name: str, by: User, apart: SavedView | None = None) -> None:
    others = SavedView.objects.standing().filter(owner=by, name__iexact=name)
    if (others.exclude(pk=apart.pk) if apart else others).exists():
        raise NameTaken(_("You already have a view called %(name)s.") % {"name": name})
