"""The numbers a regulator, an association or the company may change (rulebook 2.2). Defaults of every market.

Days are calendar days unless the name says business days.
"""

from __future__ import annotations

from types import MappingProxyType

PARAMETERS = MappingProxyType(
    {
        "PP-01 late_reason_after_days": 5,
        "PP-02 line_approval_after_days": 30,
        "PP-03 prepare_business_days": 10,
        "PP-03 assign_business_days": 5,
        "PP-03 accept_business_days": 5,
        "PP-03 approve_business_days": 3,
        "PP-03 overall_target_days": 30,
        "PP-03 long_stop_days": 60,
        "PP-04 boundary_window_days": 30,
        "PP-05 joint_introduction_visits": 1,
        "PP-05 joint_introduction_within_days": 30,
        "PP-06 cooling_off_days": 90,
        "PP-07 first_call_after_business_days": 1,
        # Days instead of hours, to the end of the last, where a pack asks for it.
        "PP-08 adverse_event_forward_business_days": 0,
        "PP-08 adverse_event_forward_hours": 24,
        "PP-09 samples_per_year": 4,
        "PP-09 samples_within_years": 2,
        "PP-11 drawn_percent": 5,
        "PP-11 drawn_at_least": 3,
        "PP-12 exempt_review_days": 180,
        "PP-12 no_field_review_days": 90,
        "PP-13 training_before_target_days": 180,
        "PP-14 idle_lock_minutes": 10,
        "PP-15 unsolicited_calls_per_year": 3,
        "PP-17 insight_group_size": 5,
        "PP-18 data_request_days": 30,
        "PP-20 patient_data_purge_days": 30,
        "PP-21 prompted_question_days": 14,
        "PP-22 sample_request_days": 90,
        "PP-23 triage_critical_business_days": 1,
        "PP-23 triage_major_business_days": 3,
        "PP-23 triage_minor_business_days": 10,
        "PP-23 plan_critical_business_days": 10,
        "PP-23 plan_major_business_days": 20,
        "PP-23 plan_minor_business_days": 40,
        "PP-23 effectiveness_check_after_days": 60,
        "R-010 launch_release": 0,
        "R-095 inform_days": 30,
        "R-145 nag_after_days": 5,
        "R-145 escalate_after_days": 30,
    }
)


def parameter(code: str) -> int:
    """The value of a parameter by its id and name, such as ``PP-01 late_reason_after_days``."""
    return PARAMETERS[code]
