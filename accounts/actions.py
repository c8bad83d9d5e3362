"""Accounts and the company's shape: who has which role, where, from when; what the trail says of it.

Appointments move nobody's experts: where an ownership stands in the way, the database refuses and the
message says to reassign first. Closing an account together with what it owns is
`kols.actions.deactivate_user`, which stands above.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q

from accounts.acting import now
from accounts.models import (
    AbsenceCover,
    ApiToken,
    Appointment,
    Custodian,
    Market,
    Post,
    Territory,
    TerritoryRegion,
    User,
)
from accounts.notices import tell
from accounts.people import team_of
from compliance import audit
from compliance.policy import Deed, Role, Side, in_words, side_of

# The triggers that watch who owns, asked at once instead of at the commit.
OWNER_TRIGGERS = "owner_keeps_side, owner_stays_active"


@audit.action
def invite(email: str, *, given_name: str, family_name: str, by: User | None, **facts: Any) -> User:
    """Open an account without a password and without a role. The person chooses the password by mail."""
    audit.permit(Deed.GRANT_APPOINTMENT, on=None, by=by, words=email)
    user = User.objects.create_user(email, None, given_name=given_name, family_name=family_name, **facts)
    audit.record("opened an account for", user, by=by)
    return user


@audit.action
def appoint(
    user: User, role: Role, markets: Iterable[Market], *, from_: datetime, by: User | None
) -> Appointment:
    """Give a person a role for some markets from an instant on, open-ended.

    The appointment she has then ends at that very instant, and so do her posts on another side: she loses
    what that side may read in the same second (R-110). Refused if the instant lies in the past, if she
    would still own across the wall, or if she is custodian and no longer leads MSLs.
    """
    audit.permit(Deed.GRANT_APPOINTMENT, on=user, by=by)
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    verb = "was refused to appoint"
    if by is not None and by.pk == user.pk:
        audit.refuse("R-140", "own_appointment", verb=verb, on=user, by=by)
    if by is not None and from_ < now():
        audit.refuse("R-140", "appointment_in_the_past", verb=verb, on=user, by=by)
    if (
        role is not Role.MSL_LEAD
        and user.custodies.filter(during__overlap=DateTimeTZRange(from_, None)).exists()
    ):
        audit.refuse("R-116", "still_custodian", verb=verb, on=user, by=by, person=user.name)
    appointment = _replace(user, role, from_)
    markets = list(markets)
    appointment.markets.set(markets)
    _end_posts(user, from_, keep=side_of(role))
    _check_owners("R-116", verb, user, by)
    if from_ <= now():
        user.role = role
        user.save(update_fields=["role"])
    codes = sorted(market.code for market in markets)
    audit.record("appointed", user, by=by, role=str(role), markets=codes, at=from_)
    tell(user, "appointed", f"appointed {appointment.pk} {from_.isoformat()}", role=in_words(role))
    return appointment


def _replace(user: User, role: Role, from_: datetime) -> Appointment:
    held = user.appointments.filter(during__contains=from_).first()
    following = user.appointments.filter(during__startswith__gt=from_).order_by("during").first()
    until = following.during.lower if following else None
    if held is not None and held.during.lower == from_:
        held.role = role
        held.save(update_fields=["role", "side"])
        return held
    if held is not None:
        held.during = DateTimeTZRange(held.during.lower, from_)
        held.save(update_fields=["during"])
    return Appointment.objects.create(
        user=user, role=role, during=DateTimeTZRange(from_, until), recorded_at=now()
    )


def _end_posts(user: User, at: datetime, *, keep: Side | None) -> None:
    """End posts at an instant, those of the side she stays on excepted. A post that had not begun goes."""
    posts = user.posts.filter(during__overlap=DateTimeTZRange(at, None)).exclude(territory__side=keep or "")
    for post in posts:
        if post.during.lower >= at:
            post.delete()
        else:
            post.during = DateTimeTZRange(post.during.lower, at)
            post.save(update_fields=["during"])


def _check_owners(rule: str, verb: str, user: User, by: User | None) -> None:
    """Let the database say now whether an ownership stands in the way, and say so in words."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SET CONSTRAINTS {OWNER_TRIGGERS} IMMEDIATE")
            cursor.execute(f"SET CONSTRAINTS {OWNER_TRIGGERS} DEFERRED")
    except IntegrityError as error:
        if error.__cause__.diag.constraint_name != "an_owner_is_active_on_that_side":  # type: ignore[union-attr]
            raise
        audit.refuse(rule, "still_owns", verb=verb, on=user, by=by, person=user.name)


@audit.action
def close_account(user: User, *, by: User | None) -> User:
    """Close an account: no sign-in, no role, no post, no token, every device signed out, all this instant.

    Refused while the person owns anything; `kols.actions.deactivate_user` moves that first. The account
    itself stays, so that every record keeps its author.
    """
    audit.permit(Deed.GRANT_APPOINTMENT, on=user, by=by)
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    verb = "was refused to close the account of"
    if by is not None and by.pk == user.pk:
        audit.refuse("R-140", "own_appointment", verb=verb, on=user, by=by)
    if user.custodies.filter(during__overlap=DateTimeTZRange(now(), None)).exists():
        audit.refuse("R-116", "still_custodian", verb=verb, on=user, by=by, person=user.name)
    for held in user.appointments.filter(during__contains=now()):
        if held.during.lower < now():
            held.during = DateTimeTZRange(held.during.lower, now())
            held.save(update_fields=["during"])
    _end_posts(user, now(), keep=None)
    _end_covers(user)
    user.api_tokens.filter(revoked_at=None).update(revoked_at=now())
    user.is_active, user.role = False, ""
    user.save(update_fields=["is_active", "role"])
    _check_owners("R-116", verb, user, by)
    sign_out_everywhere(user)
    audit.record("closed the account of", user, by=by)
    return user


def _end_covers(user: User) -> None:
    """Nobody stands in for somebody who has left, and she stands in for nobody."""
    covers = AbsenceCover.objects.filter(Q(absent=user) | Q(cover=user), during__endswith__gt=now())
    covers.filter(during__startswith__gte=now()).delete()
    for row in covers:
        row.during = DateTimeTZRange(row.during.lower, now())
        row.save(update_fields=["during"])


def sign_out_everywhere(user: User) -> int:
    """End all sessions of a person at once. Returns how many there were."""
    from allauth.usersessions.models import UserSession

    sessions = list(UserSession.objects.filter(user=user))
    for session in sessions:
        session.end()
    return len(sessions)


@audit.action
def appoint_custodian(
    user: User, market: Market, *, by: User | None, from_: datetime | None = None
) -> Custodian:
    """Make an MSL lead of the market own what nobody else owns there; the one before ends at that instant."""
    audit.permit(Deed.APPOINT_CUSTODIAN, on=user, by=by)
    at = from_ or now()
    Market.objects.select_for_update(no_key=True).get(pk=market.pk)
    leads = user.appointments.filter(during__contains=at, role=Role.MSL_LEAD, markets=market)
    if not user.is_active or not leads.exists():
        audit.refuse(
            "R-116", "custodian_leads_msls", verb="was refused as custodian", on=user, by=by, person=user.name
        )
    held = Custodian.objects.filter(market=market, during__contains=at).first()
    if held is not None and (held.user_id == user.pk or held.during.lower == at):
        held.user = user
        held.save(update_fields=["user"])
    else:
        if held is not None:
            held.during = DateTimeTZRange(held.during.lower, at)
            held.save(update_fields=["during"])
        held = Custodian.objects.create(user=user, market=market, during=DateTimeTZRange(at, None))
    audit.record("made custodian", user, by=by, market=market.code, at=at)
    return held


@audit.action
def add_territory(
    name: str, *, side: Side, market: Market, by: User | None, parent: Territory | None = None
) -> Territory:
    """Add a node to one of the two trees of a market. A parent is of the same tree."""
    audit.permit(Deed.MANAGE_TERRITORIES, on=None, by=by, words=name)
    if parent is not None and (parent.side, parent.market_id) != (side, market.pk):
        audit.refuse(
            "R-140", "territory_of_another_tree", verb="was refused to add territory", on=parent, by=by
        )
    territory = Territory.objects.create(name=name, side=side, market=market, parent=parent)
    audit.record("added territory", territory, by=by, market=market.code, side=str(side))
    return territory


@audit.action
def assign_region(
    territory: Territory, region: str, *, by: User | None, from_: datetime | None = None
) -> TerritoryRegion:
    """Give a region (ISO 3166-2 or a postcode prefix) to a territory; in its tree it leaves any other."""
    audit.permit(Deed.MANAGE_TERRITORIES, on=territory, by=by)
    at = from_ or now()
    others = TerritoryRegion.objects.filter(
        territory__side=territory.side,
        territory__market=territory.market_id,
        region=region,
        during__contains=at,
    )
    for other in others:
        if other.during.lower == at:
            other.delete()
        else:
            other.during = DateTimeTZRange(other.during.lower, at)
            other.save(update_fields=["during"])
    row = TerritoryRegion.objects.create(territory=territory, region=region, during=DateTimeTZRange(at, None))
    audit.record("assigned region to", territory, by=by, market=territory.market.code, region=region, at=at)
    return row


@audit.action
def give_post(
    user: User, territory: Territory, *, by: User | None, leads: bool = False, from_: datetime | None = None
) -> Post:
    """Give a person her place in a territory of her own side; an earlier one in the same tree ends then."""
    audit.permit(Deed.MANAGE_TERRITORIES, on=territory, by=by)
    at = from_ or now()
    if not user.appointments.filter(
        during__contains=at, side=territory.side, markets=territory.market_id
    ).exists():
        audit.refuse(
            "R-140",
            "post_needs_appointment",
            verb="was refused a post in",
            on=territory,
            by=by,
            person=user.name,
        )
    for held in user.posts.filter(during__contains=at, territory__market=territory.market_id):
        if held.during.lower == at:
            held.delete()
        else:
            held.during = DateTimeTZRange(held.during.lower, at)
            held.save(update_fields=["during"])
    post = Post.objects.create(user=user, territory=territory, leads=leads, during=DateTimeTZRange(at, None))
    audit.record(
        "gave a post in", territory, by=by, market=territory.market.code, person=user.name, leads=leads, at=at
    )
    return post


@audit.action
def end_post(post: Post, *, by: User | None) -> None:
    """End a person's place in a territory now."""
    audit.permit(Deed.MANAGE_TERRITORIES, on=post.territory, by=by)
    if post.during.lower is not None and post.during.lower >= now():
        post.delete()
    else:
        post.during = DateTimeTZRange(post.during.lower, now())
        post.save(update_fields=["during"])
    audit.record(
        "ended a post in", post.territory, by=by, market=post.territory.market.code, person=post.user.name
    )


@audit.action
def add_market(code: str, *, name: str, zone: str, calendar: str, by: User | None) -> Market:
    """Add a jurisdiction with its one time zone and the holidays of its country. The code is taken once."""
    audit.permit(Deed.MANAGE_MARKETS, on=None, by=by, words=code)
    market = Market.objects.create(code=code, name=name, zone=zone, calendar=calendar)
    audit.record("added market", market, by=by, market=code, zone=zone)
    return market


@audit.action
def edit_market(market: Market, *, by: User | None, **changes: Any) -> Market:
    """Correct a market's name or calendar, or close it for new work. Its code and zone stay what they are."""
    audit.permit(Deed.MANAGE_MARKETS, on=market, by=by)
    if unknown := set(changes) - {"name", "calendar", "active", "staff_names_in_comparisons"}:
        raise TypeError(f"not to be changed of a market: {sorted(unknown)}")
    market = Market.objects.select_for_update(no_key=True).get(pk=market.pk)
    changed = [name for name, value in changes.items() if getattr(market, name) != value]
    for name in changed:
        setattr(market, name, changes[name])
    if changed:
        market.save(update_fields=changed)
        audit.record("edited market", market, by=by, market=market.code, fields=changed)
    return market


@audit.action
def arrange_cover(
    absent: User, cover: User, *, from_: datetime, until: datetime, by: User | None
) -> AbsenceCover:
    """Let a colleague of the team stand in for another from an instant until another (R-048b, R-049).

    While it lasts, what the absent one owns counts as the colleague's own. Both work in the tree of the lead
    who arranges it; nothing is arranged backwards.
    """
    audit.permit(Deed.ARRANGE_COVER, on=absent, by=by)
    verb = "was refused to arrange cover for"
    team = team_of(by) if by is not None else []
    for person in (absent, cover):
        if by is not None and person.pk not in team:
            audit.refuse("R-049", "cover_in_team", verb=verb, on=absent, by=by, person=person.name)
    if from_ < now() or until <= from_:
        audit.refuse("R-049", "cover_in_the_past", verb=verb, on=absent, by=by)
    row = AbsenceCover.objects.create(absent=absent, cover=cover, during=DateTimeTZRange(from_, until))
    audit.record("arranged cover for", absent, by=by, cover=cover.name, at=from_, until=until)
    tell(cover, "covering", f"covering {row.pk}", absent=absent.name)
    return row


@audit.action
def end_cover(row: AbsenceCover, *, by: User | None) -> None:
    """End a cover now; one that has not begun goes. What was done under it stays as it was judged."""
    audit.permit(Deed.ARRANGE_COVER, on=row.absent, by=by)
    if row.during.lower >= now():
        row.delete()
    elif row.during.upper > now():
        row.during = DateTimeTZRange(row.during.lower, now())
        row.save(update_fields=["during"])
    audit.record("ended cover for", row.absent, by=by, cover=row.cover.name)


@audit.action
def issue_token(user: User, name: str) -> tuple[ApiToken, str]:
    """A key of one's own to the API, and its secret, which is shown this once."""
    token, secret = ApiToken.issue(user, name, now())
    audit.record("issued an API token", token, by=user)
    return token, secret


@audit.action
def revoke_token(token: ApiToken) -> None:
    """Make a token useless from now on."""
    if token.revoked_at is None:
        token.revoked_at = now()
        token.save(update_fields=["revoked_at"])
        audit.record("revoked an API token", token, by=token.user)
