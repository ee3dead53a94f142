import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.credential import Format, Kind, Rejected, Verdict, Verified
from kiosk.domain.reasons import Reason
from kiosk.domain.trust import Algorithm, Role, TrustError, TrustList
from kiosk.testing.seals import new_key
from kiosk.testing.tickets import Organiser, message, pack
from kiosk.verify import pretix, registry
from kiosk.verify.errors import MalformedError
from kiosk.verify.pretix import MAX_KEYS, anchors_in_pretix_keys
from kiosk.verify.revocation import SIZE

NOW = datetime(2026, 7, 5, 9, tzinfo=UTC)
CLUB, OTHER = Organiser(), Organiser()
ORDER = 2**252 + 27742317777372353535851937790883648493  # of the group of Ed25519 (RFC 8032 section 5.1)


def trusting(*organisers, revoked=()):
    found = (anchors_in_pretix_keys(one.public_key, f"Club {n}") for n, one in enumerate(organisers))
    anchors = [anchor for some in found for anchor in some]
    return replace(TrustList.of(anchors, version="7", imported_at=NOW), revoked=frozenset(revoked))


TRUST = trusting(CLUB)


def verify(text, trust=TRUST, now=NOW):
    return registry.verify(text.encode(), trust, now)


def said(text, trust=TRUST, now=NOW):
    found = verify(text, trust, now)
    assert isinstance(found, Rejected)
    return found.verdict, found.reasons[0]


def test_a_ticket():
    found = verify(CLUB.ticket("CTJqJOl1H", item=1, variation=7, subevent=14))
    assert isinstance(found, Verified)
    credential = found.credential
    assert (credential.format, credential.kind, credential.issuer) == (Format.PRETIX, Kind.TICKET, "Club 0")
    assert (credential.credential_id, credential.valid_from, credential.expires_at) == ("CTJqJOl1H", None, None)
    assert credential.details == {
        "seed": "CTJqJOl1H", "item": 1, "variation": 7, "subevent": 14, "group": "item:1", "zone": "*",
    }  # fmt: skip
    assert found.key_id == anchors_in_pretix_keys(CLUB.public_key, "")[0].key_id.hex()


def test_every_key_of_the_organiser_is_tried():
    trust = trusting(OTHER, CLUB)
    assert [verify(one.ticket(), trust).credential.issuer for one in (CLUB, OTHER)] == ["Club 1", "Club 0"]


def test_a_ticket_of_somebody_else_is_a_bad_signature():
    assert said(OTHER.ticket()) == (Verdict.BAD_SIGNATURE, Reason.SIGNATURE_INVALID)


def test_without_a_key_for_tickets_the_issuer_is_unknown(signer, trusting):
    for trust in (TrustList(), trusting(signer)):
        assert said(CLUB.ticket(), trust) == (Verdict.UNKNOWN_ISSUER, Reason.ISSUER_UNKNOWN)


def test_a_key_that_any_signature_fits_lets_nobody_in():
    neutral = bytes([1]) + bytes(31)  # the neutral element as the key: R = 1, S = 0 "signs" every message
    spki = bytes.fromhex("302a300506032b6570032100") + neutral
    payload, signature = message({1: "SEED", 2: 1}), neutral + bytes(32)
    load_der_public_key(spki).verify(signature, payload)  # so says OpenSSL
    anchors = anchors_in_pretix_keys(base64.b64encode(spki), "Nobody")
    trust = TrustList.of(anchors, version="7", imported_at=NOW)
    assert said(pack(payload, signature), trust) == (Verdict.BAD_SIGNATURE, Reason.SIGNATURE_INVALID)


def test_no_more_than_so_many_keys_are_tried():
    rest = [Organiser() for _ in range(MAX_KEYS - 1)]
    assert isinstance(verify(CLUB.ticket(), trusting(*rest, CLUB)), Verified)
    assert said(CLUB.ticket(), trusting(*rest, OTHER, CLUB)) == (Verdict.UNKNOWN_ISSUER, Reason.KEY_AMBIGUOUS)


def test_one_key_under_two_names_names_nobody():
    assert said(CLUB.ticket(), trusting(CLUB, CLUB)) == (Verdict.UNKNOWN_ISSUER, Reason.KEY_AMBIGUOUS)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"role": Role.AUTHORITY}, Reason.ISSUER_UNKNOWN),
        ({"formats": frozenset({Format.PASS})}, Reason.ISSUER_UNKNOWN),
        ({"algorithm": Algorithm.ES256}, Reason.ALGORITHM_MISMATCH),
    ],
    ids=str,
)
def test_a_key_for_something_else_signs_no_ticket(change, reason):
    (anchor,) = anchors_in_pretix_keys(CLUB.public_key, "Club")
    trust = TrustList.of([replace(anchor, **change)], version="7", imported_at=NOW)
    assert said(CLUB.ticket(), trust)[1] is reason


def test_a_key_for_other_kinds_signs_no_ticket():
    (anchor,) = anchors_in_pretix_keys(CLUB.public_key, "Club")
    trust = TrustList.of([replace(anchor, kinds=frozenset({Kind.STAFF}))], version="7", imported_at=NOW)
    assert said(CLUB.ticket(), trust) == (Verdict.UNKNOWN_ISSUER, Reason.ISSUER_NOT_ENTITLED)


def test_its_times():
    start, end = int(NOW.timestamp()), int((NOW + timedelta(hours=2)).timestamp())
    text = CLUB.ticket(starts=start, ends=end)
    assert isinstance(verify(text), Verified)
    assert said(text, now=NOW - timedelta(hours=1)) == (Verdict.NOT_YET_VALID, Reason.NOT_YET_VALID)
    assert isinstance(verify(text, now=NOW + timedelta(hours=2)), Verified)
    assert said(text, now=NOW + timedelta(hours=2, seconds=1)) == (Verdict.EXPIRED, Reason.EXPIRED)


def test_what_its_holder_cannot_change_withdraws_it():
    text = CLUB.ticket()
    found = verify(text)
    assert len(found.identifiers) == 4
    for identifier in found.identifiers:
        assert len(identifier) == SIZE
        assert said(text, trusting(CLUB, revoked=[identifier])) == (Verdict.REVOKED, Reason.REVOKED)
    assert isinstance(verify(CLUB.ticket("ANOTHER"), trusting(CLUB, revoked=found.identifiers)), Verified)


def test_a_ticket_has_one_spelling():
    text = next(one for n in range(9) if (one := CLUB.ticket("X" * (n + 1))).startswith("=="))
    assert isinstance(verify(text), Verified)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    twin = text[:2] + alphabet[alphabet.index(text[2]) ^ 1] + text[3:]
    assert base64.b64decode(twin[::-1]) == base64.b64decode(text[::-1])
    assert said(twin) == (Verdict.MALFORMED, Reason.CLAIMS_INVALID)


def test_a_signature_has_one_spelling():
    payload = message({1: "SEED"})
    signature = CLUB.key.sign(payload)
    s = int.from_bytes(signature[32:], "little") + ORDER
    assert isinstance(verify(pack(payload, signature)), Verified)
    for other in (signature[:32] + s.to_bytes(32, "little"), signature + b"\0", signature[:-1]):
        assert said(pack(payload, other)) == (Verdict.BAD_SIGNATURE, Reason.SIGNATURE_INVALID)


@pytest.mark.parametrize(
    "payload",
    [message({2: 1}), message({1: ""}), message({1: "x" * 65}), message({1: "a", 5: 2**62}),
     message({1: "a", 6: 2**62}), message({1: "a"}) * 2, message({1: 5}), message({1: "a", 2: "b"}), b"\xff"],
    ids=bytes.hex,
)  # fmt: skip
def test_a_payload_that_is_no_ticket_is_malformed(payload):
    assert said(CLUB.sign(payload)) == (Verdict.MALFORMED, Reason.CLAIMS_INVALID)


def raw(data):
    return base64.b64encode(data).decode()[::-1]


@pytest.mark.parametrize(
    "text",
    [
        "", "=", "==", "====", "AAAA", "VN01", "ABCD" * 300, raw(b"\x01"), raw(b"\x01\0\0\0\0"), raw(b"\x01\0\1\0\1a"),
        raw(b"\x01\0\1\0\1abc"), raw(b"\x01\0\0\0\1a"), raw(b"\x01\0\1\0\0a"), raw(b"\x02\0\1\0\1ab"),
        CLUB.ticket()[::-1], CLUB.ticket() + "A", CLUB.ticket() + " ", "=" + CLUB.ticket()[:-1] + "=",
        pack(b"a" * 800, bytes(64)), pack(b"a", bytes(64)).replace("A", "-"), "é" * 4,
    ],
    ids=count(),
)  # fmt: skip
def test_other_texts_are_left_to_others(text):
    assert not pretix.matches(text)
    with pytest.raises(MalformedError):
        pretix.parse(text)


def test_a_text_laid_out_as_a_ticket_is_taken_for_one():
    assert pretix.matches(pack(b"a", b"b"))
    assert said(pack(b"\x0a\x01a", b"b")) == (Verdict.BAD_SIGNATURE, Reason.SIGNATURE_INVALID)


TEXT = CLUB.ticket()


@given(st.integers(0, len(TEXT) - 1), st.integers(0, 4), st.text("ABab01+/=", max_size=4))
def test_a_ticket_with_a_piece_replaced_is_never_believed(start, length, piece):
    changed = TEXT[:start] + piece + TEXT[start + length :]
    assert changed == TEXT or isinstance(verify(changed), Rejected)


@given(st.binary(max_size=80))
def test_any_payload_is_read_or_refused(payload):
    found = verify(CLUB.sign(payload))
    assert isinstance(found, Verified) or found.verdict is Verdict.MALFORMED


def test_files_of_keys():
    one, two = CLUB.public_key.decode(), OTHER.public_key.decode()
    pem = CLUB.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    event = {"name": {"en": "Event"}, "valid_keys": {"pretix_sig1": [base64.b64encode(pem).decode(), two]}}
    files = [
        f"{one}\n{two}\n", f"  {one}\r\n\r\n{two}", json.dumps([one, two]),
        json.dumps({"event1": [one], "event2": two}), json.dumps(event),
    ]  # fmt: skip
    for data in files:
        anchors = anchors_in_pretix_keys(data.encode(), "Club")
        assert [base64.b64encode(anchor.public_key).decode() for anchor in anchors] == [one, two]
        assert {(a.issuer, a.algorithm, a.kinds, a.formats) for a in anchors} == {
            ("Club", Algorithm.ED25519, frozenset({Kind.TICKET}), frozenset({Format.PRETIX}))
        }
    assert len(anchors_in_pretix_keys(json.dumps(one).encode(), "Club")) == 1


P256 = base64.b64encode(new_key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{}", b"[7]", b'{"a":null}', b"[", b"\xff", b"no key", b"AAAA", P256, b'["%s"]' % P256,
     b'{"a":1,"a":2}', b"\n".join([CLUB.public_key] * (MAX_KEYS + 1)), base64.b64encode(b"-----BEGIN")],
    ids=lambda data: str(data[:12]),
)  # fmt: skip
def test_other_files_hold_no_keys(data):
    with pytest.raises(TrustError):
        anchors_in_pretix_keys(data, "Club")
