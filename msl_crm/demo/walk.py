"""The product's spine on real public files: from two snapshots of a regulator's table to handed-over experts.

Everything happens through the product's actions with the owner's clock, in a transaction that is rolled back,
so a company that is there stays as it is. Colleagues are invented; experts come from a public register.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.acting import acting_as, now, system
from accounts.certificate_actions import record_certificate
from accounts.models import Appointment, Custodian, Market, Post, Territory, User
from compliance.packs import has_rules, open_with
from compliance.policy import CertificateKind, Role, Side, State, Zone
from compliance.reading import told
from handovers import actions as handovers
from handovers.actions import Signature, enact_entry
from handovers.models import Campaign, Handover
from imports import actions as imports
from imports.models import RegulatorRecord, Upload
from imports.readers import obstacle
from imports.readers.text import folded
from kols.actions import open_relation
from kols.models import Alignment, Ownership
from products import actions as products
from products.models import LifecycleEntry, Product, Use

Say = Callable[[str], None]
EXPERTS = 12
CODE, RULES = "AT", "2026.2"
SINCE = datetime(2021, 1, 1, tzinfo=UTC)
ROLES = {
    "mara": Role.MSL, "lena": Role.MSL_LEAD, "felix": Role.FIELD_SERVICE, "frieda": Role.FIELD_LEAD,
    "rita": Role.REGULATORY, "ralf": Role.REGULATORY, "clara": Role.COMPLIANCE,
}  # fmt: skip


class CannotWalk(Exception):
    """Something this story needs is not there; the message says what."""


class BrokenPromise(Exception):
    """The product did not do what it promises; the message is the promise."""


def hold(kept: bool, promise: str) -> None:
    """Stop where a promise is not kept."""
    if not kept:
        raise BrokenPromise(promise)


@dataclass(frozen=True)
class Files:
    """The public files of the story."""

    older: Path
    newer: Path
    people: Path

    @classmethod
    def under(cls, folder: Path) -> Files:
        """The oldest and the newest EMA table and a list of people below a folder."""
        tables = sorted((folder / "authorisations" / "eu_ema").glob("*.xlsx"), key=_day_in_name)
        people = sorted((folder / "people").glob("us_nppes/*sample*.csv"))
        if len(tables) < 2 or not people:
            raise CannotWalk(f"two EMA tables and a list of people are needed below {folder}")
        return cls(tables[0], tables[-1], people[0])


def _day_in_name(path: Path) -> str:
    import re

    return (re.findall(r"\d{4}-\d{2}-\d{2}", path.name) or [path.name])[-1]


class Walk:
    """One telling of the story."""

    def __init__(self, files: Files, say: Say) -> None:
        self.files, self.say = files, say
        self.people: dict[str, User] = {}
        self.territories: dict[Side, Territory] = {}

    def tell(self) -> None:
        """Walk every step and check it; raises BrokenPromise where the product does not do what it promises."""
        self._company()
        self._first_table()
        withdrawn, pending = self._choose_company()
        old_use, new_use = self._ours(withdrawn), self._pending_by_hand(pending)
        self._experts(old_use, new_use)
        self._hand_over(old_use, self.second_day - timedelta(days=400))
        self._second_table()
        self._authorise(pending, new_use)
        self._hand_over(new_use, self.second_day + timedelta(days=3))
        self._withdraw(old_use)
        self._sentences()

    def _settle(self) -> None:
        """Let the database check every deferred rule now."""
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")

    def _company(self) -> None:
        with acting_as(system("found a company"), at=SINCE):
            if now() != SINCE:
                raise CannotWalk("run this as the owner role: the web role cannot set the clock")
            # One market of the story's own; the others rest until the rollback.
            Market.objects.exclude(code=CODE).update(active=False)
            self.market, _ = Market.objects.get_or_create(
                code=CODE, defaults={"name": "Austria", "zone": "Europe/Vienna", "calendar": CODE}
            )
            ever = DateTimeTZRange(SINCE, None)
            for name, role in ROLES.items():
                person = User.objects.create_user(
                    f"{name}@walk.example", given_name=name.capitalize(), family_name="Walker", role=role
                )
                post = Appointment.objects.create(user=person, role=role, during=ever, recorded_at=SINCE)
                post.markets.set([self.market])
                self.people[name] = person
            if not Custodian.objects.filter(market=self.market, during__contains=SINCE).exists():
                Custodian.objects.create(user=self.people["lena"], market=self.market, during=ever)
            for side, who, lead in ((Side.MEDICAL, "mara", "lena"), (Side.COMMERCIAL, "felix", "frieda")):
                territory = Territory.objects.create(
                    side=side, market=self.market, name=f"Walk, {side.lower()}"
                )
                self.territories[side] = territory
                Post.objects.create(user=self.people[who], territory=territory, during=ever)
                Post.objects.create(user=self.people[lead], territory=territory, leads=True, during=ever)
            if not has_rules(self.market, SINCE):
                open_with(self.market, RULES, SINCE)

    def _prove(self, kind: CertificateKind, at: datetime, use: Use | None = None) -> None:
        """Who takes experts over is qualified, and trained on what there is to say (R-072)."""
        with acting_as(self.people["frieda"], at=at):
            record_certificate(
                self.people["felix"], kind, use=use, valid_from=at, evidence="Seen by the lead",
                by=self.people["frieda"],
            )  # fmt: skip

    def _table(self, path: Path, at: datetime | None) -> datetime:
        rita, content = self.people["rita"], path.read_bytes()
        day = date.fromisoformat(_day_in_name(path))
        at = at or datetime(day.year, day.month, day.day, 9, tzinfo=UTC) + timedelta(days=1)
        with acting_as(rita, at=at):
            snapshot, preview = imports.import_authorisations(content, path.name, by=rita, taken_on=day)
            counts = ", ".join(f"{value} {name.replace('_', ' ')}" for name, value in snapshot.counts.items())
            self.say(f"{snapshot}: {counts}")
            before = LifecycleEntry.objects.count()
            _, again = imports.import_authorisations(content, path.name, by=rita, taken_on=day)
            hold(again.known, "the same file is known")
            hold(LifecycleEntry.objects.count() == before, "the same file twice proposes nothing")
            self.changes = {change.record.key: change for change in preview.comparison.status_changes}
        self._settle()
        return at

    def _first_table(self) -> None:
        self.first_day = self._table(self.files.older, None)

    def _choose_company(self) -> tuple[str, str]:
        """A holder of whom the newer table ends one authorisation and brings a new one: keys of both records."""
        newer = imports.preview_authorisations(
            self.files.newer.read_bytes(),
            self.files.newer.name,
            taken_on=date.fromisoformat(_day_in_name(self.files.newer)),
        )
        ended = {
            folded(change.record.holder): change.record.key
            for change in newer.comparison.status_changes
            if (change.old_state, change.new_state) == ("AUTHORISED", "WITHDRAWN")
            and change.record.dates.get("ended")
        }
        fresh = {
            folded(record.holder): record.key
            for record in newer.comparison.new
            if record.state == "AUTHORISED"
            and record.effective_on
            and record.effective_on > self.first_day.date()
        }
        self.records = {
            record.key: record
            for record in (*newer.comparison.new, *(c.record for c in newer.comparison.changed))
        }
        for holder in sorted(set(ended) & set(fresh)):
            if holder:
                self.holder = holder
                self.say(f"The company: {self.records[fresh[holder]].holder}")
                return ended[holder], fresh[holder]
        raise CannotWalk("no holder both lost and gained an authorisation between the two tables")

    def _ours(self, key: str) -> Use:
        """Adopt the company's products; Regulatory confirms what the first table says of them."""
        rita, ralf = self.people["rita"], self.people["ralf"]
        mine = [
            r
            for r in RegulatorRecord.objects.filter(latest=True, source="EMA")
            if folded(r.holder) == self.holder
        ]
        with acting_as(rita, at=self.first_day + timedelta(hours=1)):
            adopted = {record.key: imports.adopt_record(record, by=rita) for record in mine}
        self.adopted = adopted
        with acting_as(ralf, at=self.first_day + timedelta(hours=2)):
            for entry in (
                LifecycleEntry.objects.proposed()
                .filter(use__indication__product__in=adopted.values())
                .order_by("use", "effective_at")
            ):
                enact_entry(entry, by=ralf, effective_at=entry.effective_at or self.first_day)
        self._settle()
        use = Use.objects.get(indication__product=adopted[key])
        with acting_as(ralf, at=self.first_day + timedelta(hours=3)):
            hold(use.zone(now()) is Zone.OPEN, "what the table says is authorised is open")
        self.say(f"{len(adopted)} products adopted; {use} is open, as the first table says")
        return use

    def _pending_by_hand(self, key: str) -> Use:
        rita, ralf, record = self.people["rita"], self.people["ralf"], self.records[key]
        at = self.first_day + timedelta(days=2)
        with acting_as(rita, at=at):
            self.pending: Product = products.register_product(
                brand=record.name[:200], inn=record.inn[:300], by=rita
            )
            indication = products.add_indication(
                self.pending, name="As applied for", label=record.indication or "As applied for.", by=rita
            )
            use = products.add_use(indication, self.market, by=rita)
            entry = products.propose_entry(
                use, State.SUBMITTED, effective_at=at, evidence="Letter of validation", by=rita
            )
        with acting_as(ralf, at=at + timedelta(hours=1)):
            enact_entry(entry, by=ralf)
        self.say(f"{use} was entered by hand as submitted")
        return use

    def _experts(self, *uses: Use) -> None:
        mara = self.people["mara"]
        with acting_as(mara, at=self.first_day + timedelta(days=5)):
            content = self.files.people.read_bytes()
            upload = imports.keep_upload(
                kind=Upload.Kind.PEOPLE, filename=self.files.people.name, content=content, by=mara
            )
            registered, problems = imports.import_people(upload, market=self.market, by=mara)
            # The register's experts live elsewhere; dated alignments bring them into the territory.
            for kol in registered[:EXPERTS]:
                with acting_as(system("align experts")):
                    for territory in self.territories.values():
                        Alignment.objects.create(
                            kol=kol, territory=territory, during=DateTimeTZRange(SINCE, None)
                        )
                for use in uses:
                    open_relation(kol, use, by=mara)
        self._settle()
        self.say(
            f"{len(registered)} experts registered ({len(problems)} rows left out), {EXPERTS} given to Mara for two uses"
        )

    def _owners(self, use: Use, at: datetime) -> Counter[str]:
        with acting_as(system("look"), at=at):
            return Counter(
                Ownership.objects.filter(relation__use=use, during__contains=at).values_list(
                    "side", flat=True
                )
            )

    def _hand_over(self, use: Use, at: datetime) -> None:
        """Due, prepared, assigned, accepted, approved by the release, effective at its instant."""
        mara, lena, felix, frieda = (self.people[name] for name in ("mara", "lena", "felix", "frieda"))
        with acting_as(system("open due handovers"), at=at):
            handovers.open_due_handovers()
            hold(handovers.open_due_handovers() == 0, "opening is a query that may be asked again")
        with acting_as(lena, at=at + timedelta(hours=1)):
            handovers.release_campaign(
                Campaign.objects.get(use=use), by=lena, signature=Signature(lena, "password")
            )
        self._prove(CertificateKind.QUALIFICATION, at + timedelta(hours=1))
        self._prove(CertificateKind.PRODUCT_TRAINING, at + timedelta(hours=1), use)
        items = self._items(use, at)
        hold(len(items) == EXPERTS, f"{len(items)} handovers opened for {EXPERTS} experts")
        for item in items:
            with acting_as(mara, at=at + timedelta(hours=2)):
                handovers.prepare_handover(
                    item, by=mara, signature=Signature(mara, "password"), previewed=True, drafts_listed=True
                )
            with acting_as(frieda, at=at + timedelta(hours=3)):
                handovers.assign_handover(item, recipient=felix, by=frieda)
            with acting_as(felix, at=at + timedelta(hours=4)):
                handovers.accept_handover(item, by=felix)
        hold(self._owners(use, at + timedelta(hours=5)) == {"MEDICAL": EXPERTS}, "acceptance moves nobody")
        with acting_as(system("make approved handovers effective"), at=at + timedelta(days=5)):
            handovers.make_effective()
        self._settle()
        hold(
            self._owners(use, at + timedelta(days=5)) == {"COMMERCIAL": EXPERTS},
            "ownership moves at its instant",
        )
        self.say(f"{use}: {EXPERTS} experts handed over to field service")

    def _items(self, use: Use, at: datetime) -> list[Handover]:
        with acting_as(system("look"), at=at):
            found = Handover.objects.filter(relation__use=use).exclude(state="REVERSED")
            return list(found.select_related("relation__kol", "preparer").order_by("relation"))

    @property
    def second_day(self) -> datetime:
        day = date.fromisoformat(_day_in_name(self.files.newer))
        return datetime(day.year, day.month, day.day, 9, tzinfo=UTC) + timedelta(days=1)

    def _second_table(self) -> None:
        with acting_as(system("look"), at=self.second_day):
            before = set(LifecycleEntry.objects.values_list("pk", flat=True))
        self._table(self.files.newer, self.second_day)
        with acting_as(system("look"), at=self.second_day):
            proposed = LifecycleEntry.objects.exclude(pk__in=before).select_related("use__indication")
            for_products = {entry.use.indication.product_id for entry in proposed}
        ours = [change for key, change in self.changes.items() if key in self.adopted]
        for_people = [change for change in ours if obstacle(change.old_state, change.record)]
        for change in for_people:
            self.say(
                f"  a person has to look at {change.record.name}: {obstacle(change.old_state, change.record)}"
            )
        expected = {self.adopted[change.record.key].pk for change in ours if change not in for_people}
        hold(for_products == expected, "the proposals are exactly the changes of what is ours")
        self.say(f"{len(proposed)} entries proposed for {len(expected)} of our products, and for no other")

    def _authorise(self, key: str, use: Use) -> None:
        rita, ralf = self.people["rita"], self.people["ralf"]
        record = RegulatorRecord.objects.select_related("snapshot").get(source="EMA", key=key, latest=True)
        with acting_as(rita, at=self.second_day + timedelta(hours=1)):
            imports.adopt_record(record, by=rita, product=self.pending)
            entry = LifecycleEntry.objects.proposed().get(use=use, state=State.AUTHORISED)
        with acting_as(ralf, at=self.second_day + timedelta(hours=2)):
            hold(use.zone(now()) is Zone.PRE, "an import opens nothing")
            enact_entry(entry, by=ralf)
            hold(use.zone(now()) is Zone.OPEN, "two people open a use")
        self.say(f"{use} was authorised on {entry.effective_on}, by two people")

    def _withdraw(self, use: Use) -> None:
        ralf, at = self.people["ralf"], self.second_day + timedelta(days=10)
        with acting_as(ralf, at=at):
            entry = LifecycleEntry.objects.proposed().get(use=use, state=State.WITHDRAWN)
            enact_entry(entry, by=ralf, effective_at=entry.effective_at or self.second_day)
        self._settle()
        hold(self._owners(use, at) == {"MEDICAL": EXPERTS}, "a withdrawal takes ownership back")
        self.say(f"{use} was withdrawn on {entry.effective_on}: {EXPERTS} experts came back to Medical")

    def _sentences(self) -> None:
        """The trail tells one expert's way as sentences."""
        with acting_as(self.people["clara"], at=self.second_day + timedelta(days=11)):
            kol = (
                Ownership.objects.filter(owner=self.people["mara"])
                .order_by("relation__kol__sort_name")
                .first()
            )
            hold(kol is not None, "an expert is with Medical")
            relation = kol.relation  # type: ignore[union-attr]
            subjects = [relation.pk, *Handover.objects.filter(relation=relation).values_list("pk", flat=True)]
            for at, sentence in told(subjects):
                self.say(f"  {at:%d %b %Y}: {sentence}")
