import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from asn1crypto.x509 import Certificate
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.credential import Format, Holder, Kind, Rejected, Verdict, Verified
from kiosk.domain.reasons import Reason
from kiosk.domain.trust import Role, TrustList
from kiosk.testing import seals
from kiosk.testing.seals import AUTHORITY, Profile, certify, new_key, proof_of_test, seal, vaccination
from kiosk.verify import csca, registry, vds_nc
from kiosk.verify.errors import MalformedError
from kiosk.verify.revocation import SIZE

NOW = datetime(2026, 7, 5, 9, tzinfo=UTC)
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256
CSCA = certify(AUTHORITY)
OTHER_CSCA = certify(AUTHORITY)
SIGNER = certify(Profile(), CSCA)


def trusting(*certified, at=NOW, revoked=()):
    anchors = [anchor for one in certified for anchor in csca.anchors_in(one.certificate)]
    return replace(TrustList.of(anchors, version="7", imported_at=at), revoked=frozenset(revoked))


TRUST = trusting(CSCA)


def verify(text, trust=TRUST, now=NOW):
    return registry.verify(text.encode(), trust, now)


def said(text, trust=TRUST, now=NOW):
    found = verify(text, trust, now)
    assert isinstance(found, Rejected)
    return found.verdict, found.reasons[0]


def malformed(data):
    with pytest.raises(MalformedError) as caught:
        vds_nc.parse(seal(data, SIGNER))
    return caught.value.reason


def changed(data, **header):
    return {**data, "hdr": data["hdr"] | header}


def test_a_vaccination():
    found = verify(seal(vaccination(), SIGNER))
    assert isinstance(found, Verified)
    credential = found.credential
    assert (credential.format, credential.kind, credential.issuer) == (Format.VDS_NC, Kind.VACCINATION, "AU")
    assert credential.credential_id == "VB0009990012"
    assert credential.holder == Holder("SAMPLE", "ANNA MARIA", "1990-01-02")
    expected = {
        "event_date": "2026-02-24", "dose": 2, "product": "Comirnaty", "target": "840539006", "country": "AU",
        "document": "XA1234567",
    }  # fmt: skip
    assert credential.details.items() >= expected.items()
    assert "series" not in credential.details
    assert found.key_id == SIGNER.key_id.hex()


def test_a_test():
    credential = verify(seal(proof_of_test(), SIGNER)).credential
    assert (credential.kind, credential.credential_id) == (Kind.TEST, "TB0009990012")
    expected = {
        "event_date": "2026-07-04T10:00:00+10:00", "result": "260415000", "test_type": "LP6464-4", "country": "AU",
        "document_number": "XA1234567",
    }  # fmt: skip
    assert credential.details.items() >= expected.items()


@pytest.mark.parametrize(
    ("sort", "word", "result"),
    [
        ("molecular(PCR)", "Negative", "260415000"), ("antigen", "normal", "260415000"),
        ("antigen", "positive", "260373001"), ("Molecular(other)", "Abnormal", "260373001"),
        ("antigen", "unclear", "unclear"), ("antibody", "negative", "negative"), ("other", "negative", "negative"),
    ],
)  # fmt: skip
def test_only_a_test_for_the_virus_can_be_negative(sort, word, result):
    credential = vds_nc.parse(seal(proof_of_test(tr={"tc": sort, "r": word}), SIGNER)).credential
    assert credential.details["result"] == result


def test_the_latest_dose_counts_wherever_it_stands():
    booster = {"des": "XM0GQ8", "nam": "Spikevax", "vd": [{"dvc": "2026-06-01", "seq": "3", "ctr": "NZL"}]}
    entries = [booster, *vaccination()["msg"]["ve"]]
    details = vds_nc.parse(seal(vaccination(ve=entries), SIGNER)).credential.details
    assert [details[key] for key in ("dose", "product", "event_date", "country", "target")] == [
        3, "Spikevax", "2026-06-01", "NZ", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("person", "holder"),
    [
        ({"n": "NGUYEN THI  ANH"}, Holder("NGUYEN THI", "ANH")),
        ({"n": "NGUYEN<THI<<ANH"}, Holder("NGUYEN THI", "ANH")),
        ({"n": "ANH", "dob": "1990"}, Holder("ANH", "", "1990")),
        ({"n": "ANH", "dob": "1990-05"}, Holder("ANH", "", "1990-05")),
        ({"n": "ANH", "dob": "1990-05-XX"}, Holder("ANH", "", "1990-05")),
        ({"n": "ANH", "dob": "1990-XX-XX"}, Holder("ANH", "", "1990")),
    ],
)
def test_names_and_birth_dates(person, holder):
    assert vds_nc.parse(seal(vaccination(pid=person), SIGNER)).credential.holder == holder


@pytest.mark.parametrize("curve", [ec.SECP384R1(), ec.SECP521R1()])
def test_larger_curves(curve):
    signer = certify(Profile(), CSCA, new_key(curve))
    assert isinstance(verify(seal(proof_of_test(), signer)), Verified)


def test_the_order_of_names_and_the_spelling_of_the_json_do_not_matter():
    data = vaccination(pid={"n": "ĐẶNG  Ánh 😀", "dob": "1990-01-02"}, extra=[1.5, None, True, {}])
    signature = seals.sign(data, SIGNER)
    backwards = {"sig": signature, "data": {key: data[key] for key in reversed(data)}}
    for text in (json.dumps(backwards), json.dumps(backwards, ensure_ascii=False, indent=2)):
        assert isinstance(verify(text), Verified)


def test_a_signer_may_be_trusted_by_itself():
    trust = trusting(SIGNER)
    assert isinstance(verify(seal(vaccination(), SIGNER), trust), Verified)
    sibling = certify(Profile(), CSCA)
    assert said(seal(vaccination(), sibling), trust) == (Verdict.UNKNOWN_ISSUER, Reason.ISSUER_UNKNOWN)


def test_a_signer_that_nobody_certified_is_unknown():
    forger = certify(Profile(), None)
    other = certify(Profile(), OTHER_CSCA)
    claim = x509.AuthorityKeyIdentifier.from_issuer_public_key(CSCA.key.public_key())
    impostor = certify(Profile(names_authority=False, more=((claim, True),)))
    nameless = certify(Profile(names_authority=False), CSCA)
    for signer in (forger, other, impostor, nameless):
        assert said(seal(vaccination(), signer)) == (Verdict.UNKNOWN_ISSUER, Reason.ISSUER_UNKNOWN)


def test_an_authority_signs_no_seal_and_a_signer_certifies_nobody():
    assert said(seal(vaccination(), CSCA)) == (Verdict.UNKNOWN_ISSUER, Reason.ISSUER_UNKNOWN)
    for trust in (trusting(SIGNER), trusting(CSCA, SIGNER)):
        below = certify(Profile(), SIGNER)
        assert said(seal(vaccination(), below), trust) == (Verdict.UNKNOWN_ISSUER, Reason.ISSUER_UNKNOWN)


def test_an_authority_below_the_authority_signs_no_seal():
    below = certify(replace(AUTHORITY, names_authority=True, usages=(csca.SEAL_SIGNING,)), CSCA)
    assert said(seal(vaccination(), below)) == (Verdict.UNKNOWN_ISSUER, Reason.ISSUER_NOT_ENTITLED)


@pytest.mark.parametrize(
    ("profile", "kinds"),
    [
        (Profile(documents=()), {Kind.TEST, Kind.VACCINATION}),
        (Profile(usages=()), {Kind.TEST, Kind.VACCINATION}),
        (Profile(documents=("NV",)), {Kind.VACCINATION}),
        (Profile(documents=("NT", "P")), {Kind.TEST}),
        (Profile(documents=("P",)), set()),
        (Profile(usages=(), documents=()), set()),
        (Profile(usages=("1.3.6.1.5.5.7.3.2",)), set()),
        (Profile(usages=("1.3.6.1.5.5.7.3.2", csca.SEAL_SIGNING), key_usage="sign"), {Kind.TEST, Kind.VACCINATION}),
        (Profile(key_usage="certify"), set()),
    ],
)
def test_a_signer_signs_what_its_certificate_says(profile, kinds):
    signer = certify(profile, CSCA)
    for data, kind in ((vaccination(), Kind.VACCINATION), (proof_of_test(), Kind.TEST)):
        found = verify(seal(data, signer))
        assert isinstance(found, Verified) is (kind in kinds)
        if isinstance(found, Rejected):
            assert found.reasons == (Reason.ISSUER_NOT_ENTITLED,)


@pytest.mark.parametrize(
    "profile", [Profile(country="NZ"), Profile(issuer_country="NZ"), Profile(country=None, issuer_country="AU")]
)
def test_the_header_the_signer_and_its_authority_have_one_country(profile):
    signer = certify(profile, CSCA)
    assert said(seal(vaccination(), signer)) == (Verdict.UNKNOWN_ISSUER, Reason.ISSUER_NOT_ENTITLED)


@pytest.mark.parametrize("country", ["NZL", "UTO", "?"])
def test_a_signer_speaks_for_no_other_country(country):
    text = seal(changed(vaccination(), **{"is": country}), SIGNER)
    assert said(text) == (Verdict.UNKNOWN_ISSUER, Reason.ISSUER_NOT_ENTITLED)


def test_an_authority_of_another_country_certifies_no_signer():
    foreign = certify(replace(AUTHORITY, country="NZ"))
    signer = certify(Profile(), foreign)
    assert said(seal(vaccination(), signer), trusting(foreign)) == (Verdict.UNKNOWN_ISSUER, Reason.ISSUER_UNKNOWN)


def test_keys_that_cannot_be_told_apart_are_not_chosen_between():
    (authority,) = csca.anchors_in(CSCA.certificate)
    (signer,) = csca.anchors_in(SIGNER.certificate)
    for anchor in (authority, signer):
        twins = TrustList.of([anchor, replace(anchor, public_key=b"?")], version="7", imported_at=NOW)
        assert said(seal(vaccination(), SIGNER), twins) == (Verdict.UNKNOWN_ISSUER, Reason.KEY_AMBIGUOUS)


def test_keys_of_another_family_mean_nothing_here():
    for certified in (CSCA, SIGNER):
        (anchor,) = csca.anchors_in(certified.certificate)
        foreign = TrustList.of([replace(anchor, formats=frozenset({Format.HC1}))], version="7", imported_at=NOW)
        assert said(seal(vaccination(), SIGNER), foreign)[0] is Verdict.UNKNOWN_ISSUER


def rewritten(certificate):
    """Return a certificate with its authority's signature written in the second way, which anybody can do."""
    found = Certificate.load(certificate)
    r, s = decode_dss_signature(found["signature_value"].native)
    found["signature_value"] = encode_dss_signature(r, ORDER - s)
    return found.dump(force=True)


def test_a_certificate_written_in_another_way_still_names_its_key():
    twin = rewritten(SIGNER.certificate)
    found = verify(seal(vaccination(), SIGNER, cer=seals.base64url(twin)))
    assert twin != SIGNER.certificate
    assert isinstance(found, Verified)
    assert found.key_id == SIGNER.key_id.hex() == verify(seal(vaccination(), SIGNER), trusting(SIGNER)).key_id


def test_a_certificate_that_is_trusted_by_itself_is_that_very_one():
    longer = certify(Profile(life=timedelta(days=9999)), None, SIGNER.key)
    for other in (rewritten(SIGNER.certificate), longer.certificate):
        text = seal(vaccination(), SIGNER, cer=seals.base64url(other))
        assert said(text, trusting(SIGNER)) == (Verdict.UNKNOWN_ISSUER, Reason.ISSUER_UNKNOWN)


@pytest.mark.parametrize(
    ("key", "said_of_it"),
    [
        (ed25519.Ed25519PrivateKey.generate(), (Verdict.BAD_SIGNATURE, Reason.ALGORITHM_MISMATCH)),
        (new_key(ec.BrainpoolP256R1()), (Verdict.UNKNOWN_ISSUER, Reason.ISSUER_NOT_ENTITLED)),
    ],
    ids=["Ed25519", "brainpool"],
)
def test_a_signer_with_a_key_that_signs_no_seal(key, said_of_it):
    cer = seals.base64url(certify(Profile(), CSCA, key).certificate)
    text = json.dumps({"data": proof_of_test(), "sig": {"alg": "ES256", "cer": cer, "sigvl": "AAAA"}})
    assert said(text) == said_of_it


def test_the_certificates_dates_bound_the_seal():
    signer = certify(Profile(starts=NOW - timedelta(days=1), life=timedelta(days=2)), CSCA)
    text = seal(proof_of_test(), signer)
    assert isinstance(verify(text), Verified)
    assert said(text, now=NOW + timedelta(days=2)) == (Verdict.EXPIRED, Reason.EXPIRED)
    assert said(text, now=NOW - timedelta(days=2)) == (Verdict.NOT_YET_VALID, Reason.NOT_YET_VALID)
    assert said(text, now=NOW + timedelta(days=60)) == (Verdict.EXPIRED, Reason.EXPIRED)


def test_a_stale_list():
    later = NOW + timedelta(days=31)
    assert said(seal(proof_of_test(), SIGNER), now=later) == (Verdict.STALE_TRUST, Reason.TRUST_STALE)


def test_what_its_holder_cannot_change_withdraws_it():
    text = seal(vaccination(), SIGNER)
    claimed = vds_nc.parse(text)
    assert len(claimed.identifiers) == 3
    for identifier in claimed.identifiers:
        assert len(identifier) == SIZE
        assert said(text, trusting(CSCA, revoked=[identifier])) == (Verdict.REVOKED, Reason.REVOKED)
    assert isinstance(verify(text, trusting(CSCA, revoked=[bytes(SIZE)])), Verified)


@pytest.mark.parametrize("algorithm", ["ES384", "ES512", "EdDSA", "none", "HS256", "es256"])
def test_the_seal_cannot_choose_the_algorithm(algorithm):
    text = seal(vaccination(), SIGNER, alg=algorithm)
    assert said(text) == (Verdict.BAD_SIGNATURE, Reason.ALGORITHM_MISMATCH)


def test_changed_data_is_a_bad_signature():
    signature = seals.sign(vaccination(), SIGNER)
    for data in (proof_of_test(), vaccination(uvci="X"), changed(vaccination(), more=1), {**vaccination(), "more": 1}):
        text = json.dumps({"data": data, "sig": signature})
        assert said(text) == (Verdict.BAD_SIGNATURE, Reason.SIGNATURE_INVALID)


def test_without_its_certificate_a_seal_names_no_key():
    text = seal(vaccination(), SIGNER, cer=None, certref="SE01")
    assert said(text) == (Verdict.UNKNOWN_ISSUER, Reason.KEY_ID_MISSING)


@pytest.mark.parametrize(
    "part",
    [
        {"cer": "!!"}, {"cer": "AAAA"}, {"cer": 7}, {"cer": "A"}, {"cer": "AB"}, {"cer": "A" * 4},
        {"cer": seals.base64url(SIGNER.certificate[:-1])}, {"cer": seals.base64url(SIGNER.certificate + b"\0")},
        {"sigvl": "+/+/"}, {"sigvl": "AB=="}, {"sigvl": "AAA==="}, {"sigvl": None, "cer": "?"}, {"sigvl": []},
        {"alg": ""}, {"alg": 7}, {"alg": None},
    ],
    ids=count(),
)  # fmt: skip
def test_a_signature_that_cannot_be_read_is_malformed(part):
    with pytest.raises(MalformedError) as caught:
        vds_nc.parse(seal(vaccination(), SIGNER, **part))
    assert caught.value.reason is Reason.SCHEMA_INVALID


def test_padding_is_optional():
    signature = seals.sign(vaccination(), SIGNER)
    padded = {key: signature[key] + "=" * (-len(signature[key]) % 4) for key in ("cer", "sigvl")}
    assert padded["sigvl"].endswith("==")
    text = json.dumps({"data": vaccination(), "sig": signature | padded})
    assert isinstance(verify(text), Verified)


VD = {"dvc": "2026-02-03", "seq": 1, "ctr": "AUS"}
VE = {"des": "XM0GQ8", "nam": "Comirnaty", "dis": "RA01.0"}


@pytest.mark.parametrize(
    "message",
    [
        {"uvci": ""}, {"uvci": None}, {"uvci": " "}, {"uvci": "x" * 257}, {"uvci": 7}, {"pid": None}, {"pid": []},
        {"pid": {}}, {"pid": {"n": ""}}, {"pid": {"n": "A", "dob": "1990-13"}}, {"pid": {"n": "A", "dob": "90"}},
        {"pid": {"n": "A", "dob": "02-01-1990"}}, {"pid": {"n": "A", "dob": 1990}}, {"pid": {"n": "A", "dob": "١٩٩٠"}},
        {"pid": {"n": "A", "i": 7}},
        {"ve": []}, {"ve": {}}, {"ve": [7]}, {"ve": [VE]}, {"ve": [VE | {"vd": []}]}, {"ve": [VE | {"vd": [None]}]},
        {"ve": [VE | {"vd": [VD], "nam": ""}]}, {"ve": [{"vd": [VD], "nam": "x"}]},
        *({"ve": [VE | {"vd": [VD | change]}]} for change in (
            {"dvc": "soon"}, {"dvc": ""}, {"seq": 0}, {"seq": 100}, {"seq": "x"}, {"seq": "٣"}, {"seq": "100"},
            {"seq": 1.0}, {"seq": True}, {"seq": None}, {"ctr": ""}, {"ctr": 7},
        )),
        {"big": 2**53},
    ],
    ids=repr,
)  # fmt: skip
def test_a_message_that_is_not_laid_out_as_one_is_malformed(message):
    data = vaccination(**message)
    text = json.dumps({"data": data, "sig": seals.sign(vaccination(), SIGNER)})
    with pytest.raises(MalformedError) as caught:
        vds_nc.parse(text)
    assert caught.value.reason is Reason.SCHEMA_INVALID


@pytest.mark.parametrize(
    "message",
    [{"utci": ""}, {"sp": {}}, {"tr": {"tc": "antigen"}}, {"tr": {"r": "negative"}}, {"dat": {}},
     {"dat": {"sc": "soon"}}, {"dat": "2026-07-04"}],
    ids=repr,
)  # fmt: skip
def test_a_test_that_is_not_laid_out_as_one_is_malformed(message):
    assert malformed(proof_of_test(**message)) is Reason.SCHEMA_INVALID


@pytest.mark.parametrize("header", [{"t": "icao.other"}, {"v": 2}, {"v": True}, {"v": "1"}, {"v": 1.0}])
def test_other_types_and_versions_are_not_known(header):
    assert malformed(changed(vaccination(), **header)) is Reason.UNKNOWN_FORMAT


@pytest.mark.parametrize(
    "text",
    ['{"icao.vacc":', '{"a":"icao."}', '{"data":[],"sig":{},"icao.":1}', '{"data":{"hdr":{"t":"icao.vacc"}}}'],
)
def test_other_json_is_malformed(text):
    assert said(text) == (Verdict.MALFORMED, Reason.SCHEMA_INVALID)


def test_a_list_is_no_seal():
    with pytest.raises(MalformedError):
        vds_nc.parse("[]")
    for text in ("[]", "{}", "icao.vacc", '{"data":{}}', ' {"icao."}'[:0]):
        assert not vds_nc.matches(text)


TEXT = seal(vaccination(), SIGNER)


@given(st.integers(0, len(TEXT) - 1), st.integers(0, 4), st.text(max_size=3))
def test_a_seal_with_a_piece_replaced_is_never_believed(start, length, piece):
    found = verify(TEXT[:start] + piece + TEXT[start + length :])
    assert isinstance(found, Rejected) or found == verify(TEXT)


KEYS = st.sampled_from(["uvci", "pid", "ve", "vd", "n", "nam", "dvc", "seq", "alg", "cer"])
VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner),
    max_leaves=12,
)


@given(VALUES)
def test_any_json_is_refused_and_never_raises_otherwise(value):
    text = json.dumps({"data": {"hdr": {"t": "icao.vacc", "v": 1}, "msg": value}, "sig": value})
    assert isinstance(verify(text), Rejected)


def test_the_anchor_of_a_signer_is_a_signer():
    (authority,) = csca.anchors_in(CSCA.certificate)
    (signer,) = csca.anchors_in(SIGNER.certificate)
    assert (authority.role, signer.role) == (Role.AUTHORITY, Role.SIGNER)


def test_a_seal_is_as_fresh_as_the_source_of_its_authority():
    text = seal(vaccination(), SIGNER)
    anchors = csca.anchors_in(CSCA.certificate)

    def trust(days):
        ours = TrustList.of(anchors, version="7", imported_at=NOW - timedelta(days=days), name="csca")
        other = TrustList.of((), version="1", imported_at=NOW - timedelta(days=99), name="old and of no concern")
        return TrustList.merged([other, ours])

    assert verify(text, trust(1)).basis.source == "csca"
    assert said(text, trust(31)) == (Verdict.STALE_TRUST, Reason.TRUST_STALE)


def test_a_withdrawn_authority_certifies_nobody_and_a_withdrawn_signer_signs_nothing():
    text = seal(vaccination(), SIGNER)
    (authority,) = csca.anchors_in(CSCA.certificate)
    for key_id in (authority.key_id, SIGNER.key_id):
        trust = replace(TRUST, revoked_keys=frozenset({key_id}))
        assert said(text, trust) == (Verdict.UNKNOWN_ISSUER, Reason.KEY_REVOKED)


def test_a_signer_that_is_trusted_itself_can_be_withdrawn_by_the_id_in_the_list():
    text = seal(vaccination(), SIGNER)
    (signer,) = csca.anchors_in(SIGNER.certificate)
    trust = trusting(SIGNER)
    assert isinstance(verify(text, trust), Verified)
    withdrawn = replace(trust, revoked_keys=frozenset({signer.key_id}))
    assert said(text, withdrawn) == (Verdict.UNKNOWN_ISSUER, Reason.KEY_REVOKED)


def test_a_signer_may_do_no_more_and_no_longer_than_its_authority():
    text = seal(vaccination(), SIGNER)
    (authority,) = csca.anchors_in(CSCA.certificate)

    def trust(**limits):
        return TrustList.of([replace(authority, **limits)], version="7", imported_at=NOW)

    for_tests = trust(kinds=frozenset({Kind.TEST}))
    assert said(text, for_tests) == (Verdict.UNKNOWN_ISSUER, Reason.ISSUER_NOT_ENTITLED)
    assert isinstance(verify(text, trust(valid_until=NOW)), Verified)
    ended = trust(valid_until=NOW - timedelta(seconds=1))
    assert said(text, ended) == (Verdict.UNKNOWN_ISSUER, Reason.ISSUER_UNKNOWN)


@pytest.mark.parametrize("trusted", [CSCA, SIGNER], ids=["authority", "signer"])
def test_of_two_sources_with_a_key_the_fresher_counts(trusted):
    anchors = csca.anchors_in(trusted.certificate)
    old, new = (
        TrustList.of(anchors, version="1", imported_at=NOW - timedelta(days=days), name=name)
        for days, name in ((90, "old"), (1, "new"))
    )
    for lists in ([old, new], [new, old]):
        assert verify(seal(vaccination(), SIGNER), TrustList.merged(lists)).basis.source == "new"
