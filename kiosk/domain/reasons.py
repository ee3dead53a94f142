"""Stable codes for everything the kiosk answers; the sentences are in `kiosk/api/sentences`.

A code is an interface: programs match on it and people's sentences hang on it. Codes are added, never renamed.
"""

from enum import StrEnum


class Reason(StrEnum):
    """Why an answer is what it is, most telling first where there are several."""

    # malformed: it cannot be a credential as it stands
    NO_CODE = "no_code"
    UNREADABLE = "unreadable"
    TOO_LONG = "too_long"
    UNKNOWN_FORMAT = "unknown_format"
    VENUE_POSTER = "venue_poster"
    WEB_ADDRESS = "web_address"
    BASE45_INVALID = "base45_invalid"
    BASE32_INVALID = "base32_invalid"
    INFLATE_FAILED = "inflate_failed"
    INFLATED_TOO_LARGE = "inflated_too_large"
    CBOR_INVALID = "cbor_invalid"
    COSE_INVALID = "cose_invalid"
    JWS_INVALID = "jws_invalid"
    CLAIMS_INVALID = "claims_invalid"
    SCHEMA_INVALID = "schema_invalid"
    EXPIRY_MISSING = "expiry_missing"
    PART_OF_MORE = "part_of_more"
    SAMPLE_LABEL = "sample_label"
    # unsigned
    UNSIGNED_CARD = "unsigned_card"
    # unknown issuer
    KEY_ID_MISSING = "key_id_missing"
    ISSUER_UNKNOWN = "issuer_unknown"
    KEY_AMBIGUOUS = "key_ambiguous"
    ISSUER_NOT_ENTITLED = "issuer_not_entitled"
    # bad signature
    ALGORITHM_MISMATCH = "algorithm_mismatch"
    SIGNATURE_INVALID = "signature_invalid"
    # the rest of the verdicts, one reason each
    REVOKED = "revoked"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    TRUST_STALE = "trust_stale"
    KEY_REVOKED = "key_revoked"
    DENY_LISTED = "deny_listed"
    REVOCATION_UNAVAILABLE = "revocation_unavailable"
    REVOCATION_STALE = "revocation_stale"
    # rule failed: the venue's policy
    POLICY_EMPTY = "policy_empty"
    KIND_NOT_ACCEPTED = "kind_not_accepted"
    ISSUER_NOT_ACCEPTED = "issuer_not_accepted"
    ZONE_NOT_ALLOWED = "zone_not_allowed"
    DIRECTION_NOT_ALLOWED = "direction_not_allowed"
    GROUP_NOT_ALLOWED = "group_not_allowed"
    OUTSIDE_HOURS = "outside_hours"
    HOLIDAY = "holiday"
    ENTRIES_USED = "entries_used"
    CAPACITY_REACHED = "capacity_reached"
    CAPACITY_UNKNOWN = "capacity_unknown"
    MINOR_ALONE = "minor_alone"
    TOO_YOUNG = "too_young"
    AGE_UNKNOWN = "age_unknown"
    COUNTRY_RULE_FAILED = "country_rule_failed"
    INVALIDATED = "invalidated"
    RULE_UNDECIDED = "rule_undecided"
    ALREADY_INSIDE = "already_inside"
    ENTERED_JUST_NOW = "entered_just_now"
    PASSBACK_UNKNOWN = "passback_unknown"
    ENTRIES_NOT_COUNTED = "entries_not_counted"
    DOSES_MISSING = "doses_missing"
    TOO_RECENT = "too_recent"
    TOO_OLD = "too_old"
    TEST_POSITIVE = "test_positive"
    ANSWERS_NEED_STAFF = "answers_need_staff"
    CLOCK_UNSET = "clock_unset"
    # more evidence would help
    NOT_ENOUGH_ALONE = "not_enough_alone"
    IDENTITY_NEEDED = "identity_needed"
    PASS_NEEDED = "pass_needed"  # noqa: S105 - a code
    FACE_NEEDED = "face_needed"
    FACE_UNAVAILABLE = "face_unavailable"
    FACE_FAILED = "face_failed"
    # the identity card and the certificate
    IDENTITY_MISMATCH = "identity_mismatch"
    HOLDER_NOT_NAMED = "holder_not_named"
    # the appliance itself
    JOURNAL_UNAVAILABLE = "journal_unavailable"
    CAMERA_UNAVAILABLE = "camera_unavailable"
    CAMERA_DARK = "camera_dark"
    CAMERA_FROZEN = "camera_frozen"
    RELAY_FAULT = "relay_fault"
    SENSOR_FAULT = "sensor_fault"
    LOCKDOWN = "lockdown"
    MAINTENANCE = "maintenance"
    FIRE_ALARM = "fire_alarm"
    NOT_PASSED = "not_passed"
    GATE_UNREACHABLE = "gate_unreachable"
    HELP_REQUESTED = "help_requested"


class NextStep(StrEnum):
    """What a person does next; one sentence each in every language."""

    SHOW_OWN_CODE = "show_own_code"
    SHOW_PASS_TOO = "show_pass_too"  # noqa: S105 - a code for a sentence
    SHOW_CARD_TOO = "show_card_too"
    SHOW_DECLARATION_TOO = "show_declaration_too"
    SHOW_ONE_PERSONS = "show_one_persons"
    RENEW = "renew"
    SHOW_NEXT_PART = "show_next_part"
    COME_BACK_LATER = "come_back_later"
    WAIT_FOR_ROOM = "wait_for_room"
    COME_WITH_ADULT = "come_with_adult"
    LOOK_AT_CAMERA = "look_at_camera"
    ASK_HOST = "ask_host"
    ASK_STAFF = "ask_staff"
    WAIT_FOR_STAFF = "wait_for_staff"
    USE_OTHER_DOOR = "use_other_door"
    TRY_AGAIN = "try_again"
    SHOW_AGAIN = "show_again"
    LEAVE_BUILDING = "leave_building"


_NEXT: dict[Reason, NextStep] = {
    Reason.NO_CODE: NextStep.TRY_AGAIN,
    Reason.UNREADABLE: NextStep.TRY_AGAIN,
    Reason.UNKNOWN_FORMAT: NextStep.SHOW_OWN_CODE,
    Reason.TOO_LONG: NextStep.SHOW_OWN_CODE,
    Reason.VENUE_POSTER: NextStep.SHOW_OWN_CODE,
    Reason.WEB_ADDRESS: NextStep.SHOW_OWN_CODE,
    Reason.UNSIGNED_CARD: NextStep.SHOW_PASS_TOO,
    Reason.NOT_ENOUGH_ALONE: NextStep.SHOW_PASS_TOO,
    Reason.IDENTITY_NEEDED: NextStep.SHOW_CARD_TOO,
    Reason.IDENTITY_MISMATCH: NextStep.SHOW_ONE_PERSONS,
    Reason.EXPIRED: NextStep.RENEW,
    Reason.TOO_OLD: NextStep.RENEW,
    Reason.KEY_REVOKED: NextStep.RENEW,
    Reason.DENY_LISTED: NextStep.WAIT_FOR_STAFF,
    Reason.ANSWERS_NEED_STAFF: NextStep.WAIT_FOR_STAFF,
    Reason.NOT_YET_VALID: NextStep.COME_BACK_LATER,
    Reason.TOO_RECENT: NextStep.COME_BACK_LATER,
    Reason.ZONE_NOT_ALLOWED: NextStep.ASK_HOST,
    Reason.HOLDER_NOT_NAMED: NextStep.ASK_HOST,
    Reason.KIND_NOT_ACCEPTED: NextStep.SHOW_PASS_TOO,
    Reason.PART_OF_MORE: NextStep.SHOW_NEXT_PART,
    Reason.SAMPLE_LABEL: NextStep.SHOW_OWN_CODE,
    Reason.DIRECTION_NOT_ALLOWED: NextStep.USE_OTHER_DOOR,
    Reason.GROUP_NOT_ALLOWED: NextStep.USE_OTHER_DOOR,
    Reason.OUTSIDE_HOURS: NextStep.COME_BACK_LATER,
    Reason.HOLIDAY: NextStep.COME_BACK_LATER,
    Reason.ENTRIES_USED: NextStep.ASK_HOST,
    Reason.CAPACITY_REACHED: NextStep.WAIT_FOR_ROOM,
    Reason.ALREADY_INSIDE: NextStep.WAIT_FOR_STAFF,
    Reason.ENTERED_JUST_NOW: NextStep.WAIT_FOR_STAFF,
    Reason.PASSBACK_UNKNOWN: NextStep.WAIT_FOR_STAFF,
    Reason.LOCKDOWN: NextStep.ASK_STAFF,
    Reason.MAINTENANCE: NextStep.USE_OTHER_DOOR,
    Reason.FIRE_ALARM: NextStep.LEAVE_BUILDING,
    Reason.NOT_PASSED: NextStep.SHOW_AGAIN,
    Reason.SENSOR_FAULT: NextStep.USE_OTHER_DOOR,
    Reason.MINOR_ALONE: NextStep.COME_WITH_ADULT,
    Reason.PASS_NEEDED: NextStep.SHOW_DECLARATION_TOO,
    Reason.FACE_NEEDED: NextStep.LOOK_AT_CAMERA,
    Reason.CAMERA_UNAVAILABLE: NextStep.USE_OTHER_DOOR,
    Reason.CAMERA_DARK: NextStep.USE_OTHER_DOOR,
    Reason.CAMERA_FROZEN: NextStep.USE_OTHER_DOOR,
    Reason.RELAY_FAULT: NextStep.USE_OTHER_DOOR,
    Reason.GATE_UNREACHABLE: NextStep.USE_OTHER_DOOR,
    Reason.JOURNAL_UNAVAILABLE: NextStep.WAIT_FOR_STAFF,
    Reason.HELP_REQUESTED: NextStep.WAIT_FOR_STAFF,
}


def next_step(reason: Reason) -> NextStep:
    """Return what a person does about `reason`; staff knows where nothing better is known."""
    return _NEXT.get(reason, NextStep.ASK_STAFF)
