"""The conditions of one rule of the policy: why it does not admit a credential, in the order in which it is told."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kiosk.domain.credential import (
    HEALTH_KINDS,
    PASS_KINDS,
    Credential,
    Format,
    Kind,
    Rejected,
    Verdict,
    Verification,
    Verified,
)
from kiosk.domain.names import is_named, same_person
from kiosk.domain.policy_age import is_under, person_failures
from kiosk.domain.policy_terms import AdmitRule, Demand, Exemption, MinorRule, Policy
from kiosk.domain.policy_times import time_failure
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Direction, FaceCheck, Situation

NEGATIVE = "260415000"
"""SNOMED CT 'not detected' (value set covid-19-lab-result)."""

NEARNESS = (
    Reason.KIND_NOT_ACCEPTED,
    Reason.ISSUER_NOT_ACCEPTED,
    Reason.TEST_POSITIVE,
    Reason.ANSWERS_NEED_STAFF,
    Reason.ZONE_NOT_ALLOWED,
    Reason.DIRECTION_NOT_ALLOWED,
    Reason.GROUP_NOT_ALLOWED,
    Reason.TOO_YOUNG,
    Reason.AGE_UNKNOWN,
    Reason.INVALIDATED,
    Reason.COUNTRY_RULE_FAILED,
    Reason.RULE_UNDECIDED,
    Reason.DOSES_MISSING,
    Reason.TOO_OLD,
    Reason.TOO_RECENT,
    Reason.HOLIDAY,
    Reason.OUTSIDE_HOURS,
    Reason.ENTRIES_USED,
    Reason.ENTRIES_NOT_COUNTED,
    Reason.MINOR_ALONE,
    Reason.FACE_UNAVAILABLE,
    Reason.FACE_FAILED,
    Reason.HOLDER_NOT_NAMED,
    Reason.IDENTITY_MISMATCH,
    Reason.IDENTITY_NEEDED,
    Reason.PASS_NEEDED,
    Reason.FACE_NEEDED,
)
"""Everything that a rule can fail for. The later it stands, the closer the rule came to admitting; what a person
cannot change stands before what only needs waiting, and that before what only needs one more code."""

MISSING = frozenset({Reason.IDENTITY_NEEDED, Reason.PASS_NEEDED, Reason.FACE_NEEDED})
"""What one more piece of evidence would mend."""

_ZONELESS = frozenset({Format.PRETIX, Format.PERSONAL_QR, Format.FORM})
"""Formats that have no zones: a ticket opens what its event's key is trusted for, a form is filled in at the door."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A credential that is judged, in the company of what was shown with it."""

    credential: Credential
    signed: bool
    evidence: tuple[Verification, ...]

    def others(self, kind: Kind, *, unsigned: bool) -> list[Credential]:
        """Return the other credentials of a kind: the signed ones that are valid and, if asked for, unsigned ones.

        The one that is judged is none of them: what has to be shown as well is another piece.
        """
        found: list[Credential] = []
        for piece in self.evidence:
            match piece:
                case Verified(credential=one) if one.kind is kind:
                    found.append(one)
                case Rejected(verdict=Verdict.UNSIGNED, credential=Credential(kind=said) as one) if unsigned:
                    found += [one] if said is kind else []
                case _:
                    pass
        return [one for one in found if one != self.credential]

    @property
    def key_id(self) -> str:
        """The key that signed what is judged; empty where no signature was found good."""
        of_it = (one.key_id for one in self.evidence if isinstance(one, Verified) and one.credential == self.credential)
        return next(of_it, "")

    def own(self) -> Iterator[Credential]:
        """Yield all valid signed credentials of the person: this one, and others that name the same one."""
        for piece in self.evidence:
            if isinstance(piece, Verified):
                one = piece.credential
                if one == self.credential or same_holder(one, self.credential):
                    yield one


def failures(rule: AdmitRule, policy: Policy, shown: Shown, situation: Situation) -> tuple[Reason, ...]:
    """Return everything that `rule` misses in what is `shown`, most telling first; nothing where it admits."""
    credential = shown.credential
    of_the_kind = credential.kind in rule.kinds and (not rule.formats or credential.format in rule.formats)
    if not of_the_kind or not _is_believed(rule, shown):
        return (Reason.KIND_NOT_ACCEPTED,)
    zones = rule.zones or frozenset({policy.zone})
    lifted = _lifted(policy, zones, shown, situation)
    found: set[Reason] = {
        *_issuer_failure(rule, credential),
        *_form_failure(credential),
        *_door_failures(rule, policy, credential, situation),
        *person_failures(rule, policy, credential, shown.evidence, situation),
        *time_failure(rule, policy, situation.now),
        *_entries_failure(rule, credential, situation),
        *_missing(rule, shown, situation, lifted),
    }
    if credential.kind in HEALTH_KINDS:
        found.update(_health_failures(rule, policy, shown, situation.now, lifted))
    return tuple(sorted(found, key=NEARNESS.index))


def _is_believed(rule: AdmitRule, shown: Shown) -> bool:
    """Tell whether what is shown counts for a rule: signed, or taken at its word, or a form that the rule names."""
    if shown.credential.format is Format.FORM:
        return _word(shown.credential, "form") in rule.forms
    return shown.signed or rule.accept_unsigned


def _form_failure(credential: Credential) -> Iterator[Reason]:
    if credential.format is Format.FORM and credential.details.get("clear") is not True:
        yield Reason.ANSWERS_NEED_STAFF


def _word(credential: Credential, key: str, otherwise: str = "") -> str:
    """Return a detail that is text; `otherwise` where the credential does not say it."""
    value = credential.details.get(key)
    return value if isinstance(value, str) else otherwise


def _issuer_failure(rule: AdmitRule, credential: Credential) -> Iterator[Reason]:
    country = _word(credential, "country", credential.issuer)
    if (rule.issuers and credential.issuer not in rule.issuers) or (rule.countries and country not in rule.countries):
        yield Reason.ISSUER_NOT_ACCEPTED


def _door_failures(
    rule: AdmitRule, policy: Policy, credential: Credential, situation: Situation
) -> Iterator[Reason]:
    if not _fits_zone(credential, rule.zones or frozenset({policy.zone})):
        yield Reason.ZONE_NOT_ALLOWED
    if situation.direction not in rule.directions:
        yield Reason.DIRECTION_NOT_ALLOWED
    if rule.groups and _word(credential, "group") not in rule.groups:
        yield Reason.GROUP_NOT_ALLOWED


def _fits_zone(credential: Credential, zones: frozenset[str]) -> bool:
    """Tell whether a pass opens one of the zones; what has no zone fits everywhere."""
    if credential.kind not in PASS_KINDS or credential.format in _ZONELESS:
        return True
    zone = _word(credential, "zone")
    return zone == "*" or zone in zones


def _health_failures(
    rule: AdmitRule, policy: Policy, shown: Shown, now: datetime, lifted: frozenset[Demand]
) -> Iterator[Reason]:
    credential = shown.credential
    if credential.kind is Kind.TEST and credential.details.get("result") != NEGATIVE:
        yield Reason.TEST_POSITIVE
    if Demand.HEALTH in lifted:
        return
    if credential.kind is Kind.VACCINATION and not _has_doses(rule, credential):
        yield Reason.DOSES_MISSING
    yield from _age_failure(rule, credential, now)
    if policy.country_rules is not None and rule.country_rules and credential.format is Format.HC1:
        yield from policy.country_rules.refusals(credential, now, shown.key_id)


def _has_doses(rule: AdmitRule, credential: Credential) -> bool:
    """Tell whether a vaccination is far enough. Some passes say that it is complete, and no numbers."""
    details = credential.details
    dose, series = details.get("dose"), details.get("series")
    complete = details.get("complete") is True or (
        # A series of no doses is no series: 0 of 0 is a form that nobody filled in.
        isinstance(dose, int) and isinstance(series, int) and dose >= series > 0
    )
    enough = not rule.min_doses or (isinstance(dose, int) and dose >= rule.min_doses)
    return enough and (complete or not rule.complete)


def _age_failure(rule: AdmitRule, credential: Credential, now: datetime) -> Iterator[Reason]:
    if not rule.min_age_hours and rule.max_age_hours is None:
        return
    since = _moment(credential.details.get("event_date"), now)
    if since is None:
        yield Reason.TOO_OLD
        return
    # Two moments of one zone are subtracted as its clocks show them, which is an hour wrong across a change of time.
    age = now.astimezone(UTC) - since
    if age < timedelta(hours=rule.min_age_hours):
        yield Reason.TOO_RECENT
    elif rule.max_age_hours is not None and age > timedelta(hours=rule.max_age_hours):
        yield Reason.TOO_OLD


def _moment(text: object, now: datetime) -> datetime | None:
    """Read the start of an ISO 8601 date or date-time; what has no zone is taken to be in the venue's."""
    if not isinstance(text, str):
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=now.tzinfo)


def limit_of_entries(rule: AdmitRule, credential: Credential) -> int:
    """Return how often a credential is let in by a rule: the lower of both limits; 0 where there is none."""
    own = credential.details.get("entries")
    return min(filter(None, (rule.entries, own if isinstance(own, int) else 0)), default=0)


def _entries_failure(rule: AdmitRule, credential: Credential, situation: Situation) -> Iterator[Reason]:
    limit = limit_of_entries(rule, credential)
    if not limit or situation.direction is not Direction.ENTRY:
        return
    used = situation.used.get(credential.credential_id)
    if used is None:
        # A limit that nobody keeps would be a promise broken.
        yield Reason.ENTRIES_NOT_COUNTED
    elif used >= limit:
        yield Reason.ENTRIES_USED


def _missing(
    rule: AdmitRule, shown: Shown, situation: Situation, lifted: frozenset[Demand]
) -> Iterator[Reason]:
    """Yield what has to be shown as well and was not, or is another's."""
    if rule.identity_card and Demand.IDENTITY not in lifted:
        yield from _bound(shown, shown.others(Kind.IDENTITY, unsigned=True), Reason.IDENTITY_NEEDED)
    if rule.declaration and Demand.DECLARATION not in lifted:
        unsigned = rule.accept_unsigned
        yield from _bound(shown, shown.others(Kind.DECLARATION, unsigned=unsigned), Reason.PASS_NEEDED)
    if rule.face and Demand.FACE not in lifted and situation.face is not FaceCheck.PASSED:
        yield {
            FaceCheck.UNAVAILABLE: Reason.FACE_UNAVAILABLE,
            FaceCheck.OPEN: Reason.FACE_NEEDED,
            FaceCheck.FAILED: Reason.FACE_FAILED,
        }[situation.face]


def same_holder(one: Credential, other: Credential) -> bool:
    """Tell whether two credentials are one person's. What else can bind two codes to one person belongs here."""
    return same_person(one.holder, other.holder)


def _bound(shown: Shown, others: list[Credential], needed: Reason) -> Iterator[Reason]:
    """Yield why none of the other credentials belongs to the holder of this one."""
    if not is_named(shown.credential.holder):
        yield Reason.HOLDER_NOT_NAMED
    elif not others:
        yield needed
    elif not any(same_holder(shown.credential, other) for other in others):
        yield Reason.IDENTITY_MISMATCH


def _lifted(policy: Policy, zones: frozenset[str], shown: Shown, situation: Situation) -> frozenset[Demand]:
    """Return what the visitor need not bring into one of the zones."""
    exemptions = policy.exemptions
    if policy.minors is not None and policy.minors.rule is MinorRule.EXEMPT_HEALTH:
        minors = Exemption("minors", frozenset({Demand.HEALTH}), under_years=policy.minors.under)
        exemptions = (*exemptions, minors)
    own = tuple(shown.own()) if exemptions else ()  # once: whose every piece is, is the dearest question here
    fitting = (one.lifts for one in exemptions for other in own if _is_exempt(one, zones, other, situation))
    return frozenset[Demand]().union(*fitting)


def _is_exempt(exemption: Exemption, zones: frozenset[str], own: Credential, situation: Situation) -> bool:
    return (
        _fits_zone(own, zones)
        and (not exemption.kinds or own.kind in exemption.kinds)
        and (not exemption.issuers or own.issuer in exemption.issuers)
        and (not exemption.groups or _word(own, "group") in exemption.groups)
        and (not exemption.under_years
             or is_under(own.holder.birth_date, exemption.under_years, situation.now.date()))
    )  # fmt: skip
