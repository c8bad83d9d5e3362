"""Stories about the boundary: Mara is the MSL, Felix works in field service, Keller is the KOL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from compliance.policy import (
    MATRIX,
    Activity,
    Audience,
    Basis,
    Channel,
    DecisionKind,
    Document,
    Duty,
    Intent,
    Kind,
    MarketZone,
    Outcome,
    Person,
    Role,
    Side,
    Standing,
    Subject,
    Zone,
    decide,
)

from .acts import KELLER, NOON, call, novastat, told, visit

OWN = {"standing": Standing.OWNER}
ASKED = {"basis": Basis.UNSOLICITED_REQUEST, **OWN}
DAY = timedelta(days=1)
IN_CALL = frozenset({Document.SMPC, Document.MAT})
FRIEDA = Person(ref="frieda", audience=Audience.INTERNAL, side=Side.COMMERCIAL)
MONA = Person(ref="mona", audience=Audience.INTERNAL, side=Side.MEDICAL)


def codes(decision) -> list[str]:
    return sorted({reason.code for reason in decision.reasons})


# The heart of it


def test_felix_does_not_call_about_a_product_that_is_not_authorised_yet() -> None:
    decision = decide(call(novastat(Zone.PRE), intent=Intent.PLAN))

    assert (decision.outcome, decision.kind) == (Outcome.NOT_ALLOWED, DecisionKind.REFUSED)
    assert (decision.rules, codes(decision)) == (("R-021",), ["not_open_yet"])


def test_what_took_place_all_the_same_is_a_deviation() -> None:
    assert decide(call(novastat(Zone.PRE))).kind is DecisionKind.DEVIATION


def test_mara_is_asked_and_the_record_lists_what_is_missing() -> None:
    topic = novastat(Zone.PRE, **ASKED)

    decision = decide(visit(topic))
    assert (decision.kind, set(decision.missing)) == (DecisionKind.INCOMPLETE, {"REQ", "STATUS"})
    assert decide(visit(topic, intent=Intent.PLAN)).kind is DecisionKind.REFUSED

    complete = decide(visit(replace(topic, documents=frozenset({Document.REQ, Document.STATUS}))))
    assert (complete.outcome, complete.allowed) == (Outcome.WITH_DOCUMENTS, True)


def test_documents_of_one_topic_do_not_serve_another() -> None:
    complete = novastat(Zone.PRE, documents=frozenset({Document.REQ, Document.STATUS}), **ASKED)
    other = novastat(Zone.PRE, ref="cardelin", name="Cardelin", **ASKED)
    decision = decide(visit(complete, other))

    assert [(part.ref, part.missing) for part in decision.per_topic] == [
        ("novastat", frozenset()),
        ("cardelin", {"REQ", "STATUS"}),
    ]
    assert decide(visit(complete, other, documents=frozenset({Document.REQ, Document.STATUS}))).allowed


def test_how_it_came_up_must_be_said_before_authorisation() -> None:
    decision = decide(visit(novastat(Zone.PRE, **OWN), documents=frozenset(Document)))

    assert (decision.kind, codes(decision)) == (DecisionKind.REFUSED, ["basis_missing"])
    assert decision.rules == ("R-020",)


def test_one_topic_not_yet_open_spoils_a_call_with_nine_that_are() -> None:
    fine = [novastat(Zone.OPEN, ref=str(n), documents=IN_CALL, **OWN) for n in range(9)]

    assert decide(call(*fine)).allowed
    spoilt = decide(call(*fine, novastat(Zone.PRE)))
    assert spoilt.kind is DecisionKind.DEVIATION
    assert [part.outcome.name for part in spoilt.per_topic] == ["WITH_DOCUMENTS"] * 9 + ["NOT_ALLOWED"]


def test_a_call_on_somebody_elses_kol_gets_one_constant_answer() -> None:
    topic = novastat(Zone.OPEN, standing=Standing.NON_OWNER)

    assert codes(decide(call(topic))) == ["not_yours"]
    assert codes(decide(call(replace(topic, subject=Subject.ADMIN, zones=())))) == ["not_yours"]


def test_felix_does_not_speak_off_label_although_another_use_is_open() -> None:
    off_label = decide(call(novastat(Zone.PRE, sibling_open=True), documents=frozenset(Document)))

    assert (off_label.kind, off_label.rules) == (DecisionKind.DEVIATION, ("R-021", "R-042"))
    assert codes(off_label) == ["off_label"]
    # Two records: the call about the open use, and the question passed on.
    referred = call(novastat(Zone.PRE, sibling_open=True), kind=Kind.INQUIRY, documents=frozenset({"REQ"}))
    assert decide(referred).allowed
    # Medical is judged as before any authorisation.
    own = novastat(Zone.PRE, sibling_open=True, **ASKED)
    assert decide(visit(own)) == decide(visit(replace(own, sibling_open=False)))
    closed = novastat(Zone.OPEN, sibling_open=True, standing=Standing.NON_OWNER)
    assert codes(decide(call(closed))) == ["not_yours"]


def test_once_suspended_felix_only_passes_questions_on() -> None:
    topic = novastat(Zone.CLOSED, documents=IN_CALL)

    assert codes(decide(call(topic))) == ["closed"]
    assert decide(call(topic, kind=Kind.INQUIRY)).missing == {"REQ"}
    assert decide(call(topic, kind=Kind.SAFETY_COMMUNICATION)).allowed


# moments and markets


@pytest.mark.parametrize(
    ("start", "end", "allowed"),
    [
        (Zone.OPEN, None, True),
        (Zone.OPEN, Zone.OPEN, True),
        (Zone.OPEN, Zone.CLOSED, False),
        (Zone.PRE, Zone.OPEN, False),
    ],
)
def test_an_event_across_a_change_is_judged_by_its_strictest_moment(
    start: Zone, end: Zone | None, allowed: bool
) -> None:
    topic = novastat(Zone.OPEN, documents=IN_CALL, **OWN)
    across = replace(topic, zones=(MarketZone("DE", start, end),))

    assert decide(call(across)).allowed is allowed


def test_field_service_needs_the_product_open_in_every_market_that_counts() -> None:
    visitor = Person(ref="keller", markets=("DE", "US"))
    topic = novastat(Zone.OPEN, documents=IN_CALL, **OWN)
    both = replace(topic, zones=(MarketZone("DE", Zone.OPEN), MarketZone("US", Zone.PRE)))

    assert decide(call(both, people=(visitor,))).kind is DecisionKind.DEVIATION
    unknown = decide(call(topic, people=(visitor,)))
    assert (unknown.kind, codes(unknown)) == (DecisionKind.REFUSED, ["zone_missing"])


def test_the_place_counts_in_person_and_not_over_the_telephone() -> None:
    topic = novastat(Zone.OPEN, documents=IN_CALL, **OWN)
    act = call(topic, market="US")

    assert codes(decide(act)) == ["zone_missing"]
    assert decide(replace(act, channel=Channel.PHONE)).allowed


def test_a_training_over_video_is_judged_where_it_is_held() -> None:
    topic = novastat(Zone.OPEN, documents=frozenset({Document.MAT, Document.ATT}))
    training = visit(topic, kind=Kind.INTERNAL_TRAINING, channel=Channel.VIDEO, people=(FRIEDA,))

    assert decide(training).allowed
    assert codes(decide(replace(training, packs=frozenset({"US"})))) == ["no_pack"]


def test_a_product_manager_passes_questions_on() -> None:
    decision = decide(visit(novastat(Zone.PRE), role=Role.PRODUCT_MANAGER, kind=Kind.INQUIRY))

    assert (set(decision.missing), decision.rules) == ({"REQ"}, ("R-031",))


def test_a_colleagues_market_does_not_count() -> None:
    colleague = Person(audience=Audience.INTERNAL, side=Side.MEDICAL, markets=("FR",))

    assert decide(visit(novastat(Zone.OPEN, **OWN), people=(KELLER, colleague))).allowed


def test_at_a_congress_a_product_authorised_elsewhere_needs_clearance() -> None:
    zones = (MarketZone("DE", Zone.PRE), MarketZone("US", Zone.OPEN))
    topic = replace(novastat(Zone.PRE, documents=IN_CALL, **OWN), zones=zones)
    stand = call(topic, kind=Kind.CONGRESS_STAND, people=(Person(markets=("US",)),))

    assert codes(decide(stand)) == ["congress_needs_preclear"]
    cleared = decide(replace(stand, documents=frozenset({Document.PRECLEAR})))
    assert (cleared.allowed, cleared.outcome) == (True, Outcome.WITH_DOCUMENTS)
    assert "R-004" in cleared.rules
    # Elsewhere than at a congress no clearance helps.
    elsewhere = replace(stand, kind=Kind.PRODUCT_CALL, documents=frozenset({Document.PRECLEAR}))
    assert decide(elsewhere).kind is DecisionKind.DEVIATION
    nowhere_open = replace(topic, zones=(MarketZone("DE", Zone.PRE), MarketZone("US", Zone.PRE)))
    alone = replace(stand, topics=(nowhere_open,), documents=frozenset({Document.PRECLEAR}))
    assert decide(alone).kind is DecisionKind.DEVIATION
    # Nor for what field service may not do where the product is authorised.
    medical_area = replace(stand, kind=Kind.CONGRESS_CONTACT, documents=frozenset(Document))
    assert codes(decide(medical_area)) == ["never_field"]


def test_medical_does_not_raise_an_unlisted_use_because_it_is_open_elsewhere() -> None:
    zones = (MarketZone("DE", Zone.UNLISTED), MarketZone("US", Zone.OPEN))
    topic = novastat(Zone.OPEN, zones=zones, basis=Basis.PROACTIVE, **OWN)
    contact = visit(topic, kind=Kind.CONGRESS_CONTACT, documents=frozenset(Document))

    assert codes(decide(contact)) == ["unlisted"]


# fail closed


def test_without_people_nothing_else_is_complained_about() -> None:
    assert codes(decide(visit(novastat(Zone.OPEN, **OWN), people=()))) == ["people_missing"]


def test_a_topic_nobody_placed_in_a_market_is_not_allowed() -> None:
    nowhere = visit(novastat(Zone.OPEN, zones=(), **OWN), market="", people=(Person(),))

    assert decide(nowhere).per_topic[0].outcome is Outcome.NOT_ALLOWED
    assert codes(decide(nowhere)) == ["market_missing", "zone_missing"]


def test_a_market_without_an_active_pack_permits_nothing_but_administration_and_safety() -> None:
    topic = novastat(Zone.OPEN, **OWN)
    without = visit(topic, packs=frozenset({"US"}))

    assert codes(decide(without)) == ["no_pack"]
    assert decide(without).rules == ("R-014",)
    admin = replace(without, topics=(replace(topic, subject=Subject.ADMIN, zones=()),))
    assert decide(admin).allowed
    assert not decide(replace(without, topics=(*admin.topics, topic))).allowed


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"topics": ()}, "topics_missing"),
        ({"people": ()}, "people_missing"),
        ({"people": (MONA,)}, "people_missing"),
        ({"market": "", "people": (Person(),)}, "market_missing"),
        ({"starts_at": NOON.replace(tzinfo=None)}, "time_without_zone"),
        ({"recorded_at": NOON.replace(tzinfo=None)}, "time_without_zone"),
        ({"ends_at": NOON.replace(tzinfo=None)}, "time_without_zone"),
        ({"ends_at": NOON - DAY}, "ends_before_start"),
    ],
)
def test_what_is_not_stated_is_refused_and_named(facts: dict[str, object], code: str) -> None:
    decision = decide(visit(*() if "topics" in facts else (novastat(Zone.OPEN, **OWN),), **facts))

    assert code in codes(decision)
    assert decision.kind is DecisionKind.REFUSED


def test_a_deviation_names_the_rule_of_what_is_missing_besides() -> None:
    late = decide(call(novastat(Zone.PRE), recorded_at=NOON + 9 * DAY))

    assert (set(late.missing), late.rules) == ({"LATE"}, ("R-021", "R-067"))


def test_a_prohibition_stays_a_deviation_beside_a_missing_fact() -> None:
    assert decide(call(novastat(Zone.PRE), novastat(Zone("NONE"), ref="odd"))).kind is DecisionKind.DEVIATION


def test_a_row_that_is_missing_is_denied(monkeypatch: pytest.MonkeyPatch) -> None:
    act = visit(novastat(Zone.OPEN, **OWN))
    assert decide(act).allowed

    monkeypatch.delitem(MATRIX, (Activity.SCIENTIFIC_EXCHANGE, Role.MSL, Zone.OPEN, Standing.OWNER))

    assert (decide(act).kind, codes(decide(act))) == (DecisionKind.REFUSED, ["no_row"])


def test_an_error_of_our_own_is_a_refusal() -> None:
    class Odd(tuple):
        def __iter__(self):
            raise RuntimeError("broken")

    act = visit(novastat(Zone.OPEN, **OWN))
    object.__setattr__(act, "people", Odd())
    decision = decide(act)

    assert (decision.kind, told([decision])) == (
        DecisionKind.REFUSED,
        ["X R-015 engine_error error=RuntimeError"],
    )


@pytest.mark.parametrize("name", ["role", "intent", "kind", "channel"])
def test_a_word_of_the_act_that_nobody_has_defined_is_refused_and_named(name: str) -> None:
    odd = visit(novastat(Zone.OPEN, **OWN), **{name: "ODD"})

    assert told([decide(odd)]) == [f"X R-015 unknown_word what={name} word=ODD"]
    assert told([decide(visit(role="ODD", intent="EVEN", kind="X", channel="Y"))]) == [
        "X R-015 unknown_word what=channel word=Y unknown_word what=intent word=EVEN "
        "unknown_word what=kind word=X unknown_word what=role word=ODD"
    ]


# channel, public, company


@pytest.mark.parametrize("channel", Channel)
def test_a_channel_never_widens_and_some_are_not_supported(channel: Channel) -> None:
    allowed = channel not in (Channel.MESSENGER, Channel.SOCIAL_MEDIA)
    topic = novastat(Zone.OPEN, documents=IN_CALL, **OWN)

    assert decide(call(topic, channel=channel)).allowed is allowed
    assert not decide(call(replace(topic, zones=(MarketZone("DE", Zone.PRE),)), channel=channel)).allowed


@pytest.mark.parametrize("audience", [Audience.PUBLIC, Audience.PATIENT])
@pytest.mark.parametrize("role", [Role.MSL, Role.MEDICAL_INFORMATION, Role.FIELD_SERVICE])
def test_no_product_is_a_topic_before_the_public(audience: Audience, role: Role) -> None:
    lay = Person(audience=audience, markets=("DE",))
    topic = novastat(Zone.OPEN, **OWN)
    decision = decide(visit(topic, role=role, people=(KELLER, lay), documents=frozenset(Document)))

    assert "R-040" in decision.rules
    assert decision.kind is DecisionKind.DEVIATION
    disease = replace(topic, subject=Subject.DISEASE)
    assert "R-040" not in decide(visit(disease, role=role, people=(lay,))).rules


def test_field_service_is_no_guest_where_an_unauthorised_topic_is_on_the_agenda() -> None:
    topic = novastat(Zone.PRE, documents=frozenset(Document), basis=Basis.PROACTIVE, **OWN)
    lecture = visit(topic, kind=Kind.SCIENTIFIC_LECTURE)

    assert decide(lecture).allowed
    with_frieda = replace(lecture, people=(KELLER, FRIEDA))
    assert (decide(with_frieda).rules, codes(decide(with_frieda))) == (("R-041",), ["field_at_event"])
    assert decide(replace(with_frieda, third_party_congress=True)).allowed
    opened = replace(topic, zones=(MarketZone("DE", Zone.OPEN),))
    assert decide(replace(with_frieda, topics=(opened,))).allowed


def test_medical_and_field_service_do_not_speak_together_before_authorisation() -> None:
    topic = novastat(Zone.PRE, documents=frozenset(Document), **ASKED)
    together = visit(topic, people=(KELLER, FRIEDA))

    assert (decide(together).rules, codes(decide(together))) == (("R-060", "R-063"), ["joint_visit"])
    assert decide(replace(together, people=(KELLER, MONA))).allowed
    assert not decide(replace(together, third_party_congress=True)).allowed
    opened = replace(topic, zones=(MarketZone("DE", Zone.OPEN),))
    assert decide(replace(together, topics=(opened,))).allowed


def test_a_disease_may_be_talked_about_together() -> None:
    disease = novastat(Zone.PRE, subject=Subject.DISEASE, **OWN)

    assert decide(visit(disease, people=(KELLER, FRIEDA))).allowed


def test_field_service_may_attend_an_internal_training_before_authorisation() -> None:
    topic = novastat(Zone.PRE, documents=frozenset({Document.MAT, Document.ATT}))
    training = visit(topic, kind=Kind.INTERNAL_TRAINING, people=(FRIEDA, MONA))

    assert decide(training).allowed
    # One guest from outside makes it an external training, whatever it is called.
    external = decide(replace(training, people=(FRIEDA, MONA, KELLER)))
    assert external.per_topic[0].activities == ("EXTERNAL_TRAINING",)
    assert external.kind is DecisionKind.DEVIATION


# R-049, PP-16: who answers to the KOL


def test_mara_needs_clearance_where_somebody_else_answers_to_the_kol() -> None:
    topic = novastat(
        Zone.PRE, basis=Basis.UNSOLICITED_REQUEST, documents=frozenset({Document.REQ, Document.STATUS})
    )

    decision = decide(visit(topic))
    assert (set(decision.missing), decision.rules) == ({"PRECLEAR"}, ("R-020", "R-049"))
    assert decide(visit(topic, documents=frozenset({Document.PRECLEAR}))).allowed
    assert decide(visit(replace(topic, standing=Standing.OWNER))).allowed
    assert decide(visit(replace(topic, standing=Standing.SCIENTIFIC_CONTACT))).allowed


def test_nobody_answers_what_was_not_asked() -> None:
    topic = novastat(Zone.PRE, basis=Basis.PROACTIVE, documents=frozenset(Document), **OWN)
    unasked = visit(topic, kind=Kind.INQUIRY_ANSWER)

    assert codes(decide(unasked)) == ["cannot_occur"]
    assert decide(replace(unasked, topics=(replace(topic, basis=None),))).allowed


def test_medical_information_answers_for_any_kol() -> None:
    topic = novastat(Zone.OPEN, basis=Basis.UNSOLICITED_REQUEST)
    answer = visit(topic, role=Role.MEDICAL_INFORMATION, kind=Kind.INQUIRY_ANSWER)

    assert decide(answer).missing == {"REQ", "RESP"}
    assert decide(replace(answer, role=Role.MSL)).missing == {"REQ", "RESP", "PRECLEAR"}
    # What is not about one person's KOL needs no owner.
    lecture = replace(answer, role=Role.MSL, kind=Kind.SCIENTIFIC_LECTURE)
    assert "PRECLEAR" not in decide(lecture).missing


def test_after_the_handover_an_msl_who_comes_unasked_needs_the_plan_item() -> None:
    topic = novastat(Zone.OPEN, standing=Standing.SCIENTIFIC_CONTACT, basis=Basis.PROACTIVE)

    assert decide(visit(topic)).missing == {"PLAN"}
    assert not decide(visit(topic, documents=frozenset({Document.REQ}))).allowed
    assert decide(visit(topic, documents=frozenset({Document.PLAN}))).allowed
    asked = replace(topic, basis=Basis.UNSOLICITED_REQUEST)
    assert decide(visit(asked)).missing == {"REQ"}
    assert not decide(visit(asked, documents=frozenset({Document.PLAN}))).allowed


@pytest.mark.parametrize(
    ("basis", "activity"),
    [
        (None, "SCIENTIFIC_EXCHANGE"),
        (Basis.PROACTIVE, "SCIENTIFIC_EXCHANGE"),
        (Basis.UNSOLICITED_REQUEST, "SCIENTIFIC_EXCHANGE"),
        (Basis.STUDY_SUPPORT, "STUDY_SUPPORT"),
        (Basis.CONTRACTED_BOARD, "ADVISORY_BOARD"),
    ],
)
def test_the_activity_follows_from_the_answer_of_the_panel(basis: Basis | None, activity: str) -> None:
    assert decide(visit(novastat(Zone.PRE, basis=basis))).per_topic[0].activities == (activity,)


@pytest.mark.parametrize(
    ("kind", "subject", "audience", "activity"),
    [
        (Kind.VISIT, Subject.DISEASE, Audience.PROFESSIONAL, "DISEASE_TALK"),
        (Kind.PRODUCT_CALL, Subject.DISEASE, Audience.PROFESSIONAL, "DISEASE_TALK"),
        (Kind.SCIENTIFIC_LECTURE, Subject.DISEASE, Audience.PROFESSIONAL, "DISEASE_TALK"),
        (Kind.ADVISORY_BOARD, Subject.DISEASE, Audience.PROFESSIONAL, "ADVISORY_BOARD"),
        (Kind.ADVISORY_BOARD, Subject.ADMIN, Audience.PROFESSIONAL, "ADVISORY_BOARD"),
        (Kind.CONGRESS_STAND, Subject.DISEASE, Audience.PROFESSIONAL, "CONGRESS_STAND"),
        (Kind.CONGRESS_STAND, Subject.ADMIN, Audience.PROFESSIONAL, "ADMIN_CONTACT"),
        (Kind.VISIT, Subject.ADMIN, Audience.PROFESSIONAL, "ADMIN_CONTACT"),
        (Kind.VISIT, Subject.USE, Audience.PAYER, "PAYER_EXCHANGE"),
        (Kind.PAYER_MEETING, Subject.USE, Audience.PROFESSIONAL, "SCIENTIFIC_EXCHANGE"),
        (Kind.PRODUCT_CALL, Subject.USE, Audience.PAYER, "PRODUCT_CALL"),
        (Kind.SAMPLE, Subject.ADMIN, Audience.PROFESSIONAL, "SAMPLE"),
    ],
)
def test_the_activity_is_derived_and_never_asked(
    kind: Kind, subject: Subject, audience: Audience, activity: str
) -> None:
    topic = novastat(Zone.PRE, subject=subject)
    decision = decide(visit(topic, kind=kind, people=(Person(audience=audience, markets=("DE",)),)))

    assert decision.per_topic[0].activities == (activity,)


def test_a_board_without_a_product_still_needs_its_contract() -> None:
    topic = novastat(Zone.NONE, subject=Subject.ADMIN, zones=())

    assert decide(visit(topic, kind=Kind.ADVISORY_BOARD)).missing >= {"CONTRACT", "NEED"}


def test_a_disease_without_a_use_of_ours_is_judged_as_before_authorisation() -> None:
    topic = novastat(Zone.NONE, subject=Subject.DISEASE, zones=(), **OWN)

    assert decide(visit(topic)).allowed
    assert codes(decide(call(topic))) == ["needs_preclear"]


# time


def test_what_has_not_taken_place_yet_is_planned_not_recorded() -> None:
    tomorrow = visit(novastat(Zone.OPEN, **OWN), starts_at=NOON + DAY, ends_at=None, recorded_at=NOON)

    assert (decide(tomorrow).kind, decide(tomorrow).rules) == (DecisionKind.REFUSED, ("R-066",))
    assert decide(replace(tomorrow, intent=Intent.PLAN)).allowed
    assert decide(replace(tomorrow, starts_at=NOON)).allowed


@pytest.mark.parametrize(
    ("late", "missing", "duties"),
    [
        (5 * DAY, set(), set()),
        (5 * DAY + timedelta(seconds=1), {"LATE"}, set()),
        (30 * DAY, {"LATE"}, set()),
        (30 * DAY + timedelta(seconds=1), {"LATE"}, {Duty.LINE_APPROVAL, Duty.SAMPLED}),
        (3000 * DAY, {"LATE"}, {Duty.LINE_APPROVAL, Duty.SAMPLED}),
    ],
)
def test_a_late_record_gives_its_reason_counted_from_the_end_of_the_event(
    late: timedelta, missing: set[str], duties: set[Duty]
) -> None:
    end = NOON + timedelta(hours=1)
    act = visit(novastat(Zone.OPEN, **OWN), ends_at=end, recorded_at=end + late)

    assert (set(decide(act).missing), set(decide(act).duties)) == (missing, duties)
    assert decide(replace(act, late_reason=True)).allowed
    assert decide(replace(act, documents=frozenset({Document.LATE}))).allowed
    assert decide(replace(act, intent=Intent.PLAN)).missing == set()
