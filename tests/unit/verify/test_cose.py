from dataclasses import replace

import cbor2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa, x25519
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.credential import HEALTH_KINDS
from kiosk.domain.reasons import Reason
from kiosk.domain.trust import Algorithm, Role, TrustAnchor
from kiosk.verify import cose, signature
from kiosk.verify.errors import MalformedError
from kiosk.verify.trust_list import anchor_of

PAYLOAD = b"\xa1\x01\x02"
ALG, CRIT, KID = 1, 2, 4
ES256, PS256, EDDSA = -7, -37, -8
LARGER = {Algorithm.ES384: -35, Algorithm.ES512: -36}


def anchor(signer):
    return anchor_of(signer.certificate)


def spki(key):
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def refusal(data):
    with pytest.raises(MalformedError) as caught:
        cose.parse(data)
    return caught.value.reason


@pytest.mark.parametrize("algorithm", Algorithm)
def test_signed_and_verified(signers, craft, algorithm):
    signer = signers[algorithm]
    for data in (cose.sign(PAYLOAD, signer.key, signer.key_id), craft(signer, PAYLOAD)):
        message = cose.parse(data)
        assert (message.payload, message.key_id, message.algorithm) == (PAYLOAD, signer.key_id, algorithm)
        assert signature.is_signed_by(message, anchor(signer))


@pytest.mark.parametrize("algorithm", Algorithm)
@pytest.mark.parametrize("other", Algorithm)
def test_another_key_does_not_fit(signers, stranger, algorithm, other):
    message = cose.parse(cose.sign(PAYLOAD, signers[algorithm].key, b"k"))
    wrong = stranger if other is algorithm else signers[other]
    assert not signature.is_signed_by(message, anchor(wrong))


@pytest.mark.parametrize("algorithm", LARGER)
def test_a_larger_curve_is_taken_with_sha_256_as_well(signers, craft, sign_raw, algorithm):
    def sign(key, data):
        return sign_raw(key, data, hashes.SHA256())

    signer = signers[algorithm]
    header = {ALG: ES256, KID: signer.key_id}
    message = cose.parse(craft(signer, PAYLOAD, protected=header, sign=sign))
    assert signature.is_signed_by(message, anchor(signer))
    # The hash is the one that the message names, and no other.
    message = cose.parse(craft(signer, PAYLOAD, sign=sign))
    assert not signature.is_signed_by(message, anchor(signer))
    assert not signature.is_signed_by(cose.parse(craft(signer, PAYLOAD, protected=header)), anchor(signer))


@pytest.mark.parametrize("algorithm", [Algorithm.ES256, *LARGER])
@pytest.mark.parametrize("named", LARGER)
def test_no_curve_is_taken_with_the_hash_of_another_large_one(signers, craft, sign_raw, algorithm, named):
    def sign(key, data):
        return sign_raw(key, data, signature.HASHES[named])

    signer = signers[algorithm]
    header = {ALG: LARGER[named], KID: signer.key_id}
    message = cose.parse(craft(signer, PAYLOAD, protected=header, sign=sign))
    assert signature.is_signed_by(message, anchor(signer)) is (named is algorithm)


def test_an_authority_signs_no_credential(signer):
    message = cose.parse(cose.sign(PAYLOAD, signer.key, signer.key_id))
    assert signature.is_signed_by(message, anchor(signer))
    assert not signature.is_signed_by(message, replace(anchor(signer), role=Role.AUTHORITY))


@pytest.mark.parametrize("number", [PS256, EDDSA, -35, -257, 5, 0, True])
def test_the_message_cannot_choose_the_algorithm(signer, craft, number):
    # The signature is mathematically right, over a header that names another algorithm than the key's.
    message = cose.parse(craft(signer, PAYLOAD, protected={ALG: number, KID: signer.key_id}))
    assert signature.check(anchor(signer), message.signature, message.signed_bytes)
    assert not signature.is_signed_by(message, anchor(signer))


def test_a_public_key_is_no_secret_for_hmac(signer, craft):
    def mac(_, data):
        tag = HMAC(anchor(signer).public_key, hashes.SHA256())
        tag.update(data)
        return tag.finalize()

    for number in (5, ES256):
        message = cose.parse(craft(signer, PAYLOAD, protected={ALG: number, KID: signer.key_id}, sign=mac))
        assert not signature.is_signed_by(message, anchor(signer))


def test_an_anchor_whose_algorithm_is_not_its_keys_verifies_nothing(signers):
    for algorithm, signer in signers.items():
        message = cose.parse(cose.sign(PAYLOAD, signer.key, b"k"))
        for other in set(Algorithm) - {algorithm}:
            wrong = TrustAnchor("VN", b"k", other, anchor(signer).public_key, HEALTH_KINDS)
            assert not signature.check(wrong, message.signature, message.signed_bytes)


@pytest.mark.parametrize("public_key", [b"", b"no key", bytes.fromhex("3000")])
def test_an_anchor_without_a_readable_key_verifies_nothing(public_key):
    broken = TrustAnchor("VN", b"k", Algorithm.ES256, public_key, HEALTH_KINDS)
    assert not signature.check(broken, bytes(64), PAYLOAD)


def test_ecdsa_signatures_are_raw(signer, craft):
    der = cose.parse(craft(signer, PAYLOAD, sign=lambda key, data: key.sign(data, ec.ECDSA(hashes.SHA256()))))
    assert not signature.is_signed_by(der, anchor(signer))


@pytest.mark.parametrize("change", [lambda s: s[:-1], lambda s: s + b"\0", lambda s: s + s, lambda _: b"",
                                    lambda _: bytes(64), lambda _: b"\xff" * 64], ids=range(6))  # fmt: skip
@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_signature_has_one_length(signers, algorithm, change):
    signer = signers[algorithm]
    message = cose.parse(cose.sign(PAYLOAD, signer.key, b"k"))
    assert not signature.check(anchor(signer), change(message.signature), message.signed_bytes)


@pytest.mark.parametrize(
    "scheme",
    [padding.PKCS1v15(), padding.PSS(padding.MGF1(hashes.SHA256()), 0), padding.PSS(padding.MGF1(hashes.SHA1()), 32)],  # noqa: S303
    ids=["PKCS1v15", "no salt", "MGF1 with SHA-1"],
)
def test_rsa_is_pss_as_ps256_says_only(signers, craft, scheme):
    signer = signers[Algorithm.PS256]
    message = cose.parse(craft(signer, PAYLOAD, sign=lambda key, data: key.sign(data, scheme, hashes.SHA256())))
    assert not signature.is_signed_by(message, anchor(signer))


@pytest.mark.parametrize(
    ("protected", "unprotected", "key_id"),
    [
        ({ALG: ES256, KID: b"in"}, {}, b"in"),
        ({ALG: ES256}, {KID: b"out"}, b"out"),
        ({ALG: ES256, KID: b"in"}, {KID: b"out"}, b"in"),
        ({KID: b"in"}, {ALG: ES256, KID: b"out"}, b"in"),
        (b"", {ALG: ES256, KID: b"out"}, b"out"),
        ({ALG: ES256}, {}, b""),
    ],
)
def test_the_key_id_may_be_in_either_header_and_the_protected_one_wins(signer, craft, protected, unprotected, key_id):
    message = cose.parse(craft(signer, PAYLOAD, protected=protected, unprotected=unprotected))
    assert message.key_id == key_id
    assert signature.is_signed_by(message, anchor(signer))


def test_the_protected_algorithm_wins(signer, craft):
    message = cose.parse(craft(signer, PAYLOAD, protected={ALG: EDDSA}, unprotected={ALG: ES256}))
    assert message.algorithm is Algorithm.ED25519


@pytest.mark.parametrize("tags", [(), (18,), (61, 18), (61,)])
def test_tags_are_optional(signer, craft, tags):
    assert signature.is_signed_by(cose.parse(craft(signer, PAYLOAD, tags=tags)), anchor(signer))


@pytest.mark.parametrize("tags", [(98,), (17,), (61, 98), (18, 98), (61, 61, 18), (18, 61, 18)])
def test_other_tags_are_refused(signer, craft, tags):
    assert refusal(craft(signer, PAYLOAD, tags=tags)) is Reason.COSE_INVALID


@pytest.mark.parametrize(
    "headers",
    [
        {"protected": {KID: b"k"}},
        {"protected": {ALG: "ES256"}},
        {"protected": {ALG: None}, "unprotected": {ALG: ES256}},
        {"protected": {ALG: ES256, KID: "k"}},
        {"protected": {ALG: ES256, KID: None}},
        {"protected": {ALG: ES256}, "unprotected": {KID: 7}},
        {"protected": cbor2.dumps([])},
        {"protected": cbor2.dumps(5)},
        {"protected": {ALG: ES256, CRIT: [99], 99: 1}},
        {"protected": {ALG: ES256}, "unprotected": {CRIT: [99]}},
    ],
    ids=repr,
)
def test_headers_that_say_nothing_clear_are_refused(signer, craft, headers):
    assert refusal(craft(signer, PAYLOAD, **headers)) is Reason.COSE_INVALID


@pytest.mark.parametrize("protected", [b"\xa2\x01\x26\x01\x26", b"\xa1\x01\x26\x00", b"\xff", b"\xa1"])
def test_a_protected_header_that_is_no_cbor_is_refused(signer, craft, protected):
    assert refusal(craft(signer, PAYLOAD, protected=protected)) is Reason.CBOR_INVALID


HEADER = cbor2.dumps({ALG: ES256, KID: b"k"})


@pytest.mark.parametrize(
    "message",
    [
        7,
        "text",
        {},
        [],
        [HEADER, {}, PAYLOAD],
        [HEADER, {}, PAYLOAD, bytes(64), b""],
        [HEADER, {}, None, bytes(64)],
        [HEADER, {}, "payload", bytes(64)],
        [HEADER, [], PAYLOAD, bytes(64)],
        [HEADER, None, PAYLOAD, bytes(64)],
        [{ALG: ES256}, {}, PAYLOAD, bytes(64)],
        [HEADER, {}, PAYLOAD, [bytes(64)]],
        [HEADER, {}, PAYLOAD, None],
    ],
    ids=repr,
)
def test_only_a_message_of_four_parts_is_one(message):
    assert refusal(cbor2.dumps(message)) is Reason.COSE_INVALID


@pytest.mark.parametrize("algorithm", Algorithm)
@given(data=st.data())
def test_no_bit_can_be_turned(signers, algorithm, data):
    signer = signers[algorithm]
    raw = bytearray(cose.sign(PAYLOAD, signer.key, signer.key_id))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        message = cose.parse(bytes(raw))
    except MalformedError:
        return
    # A turned bit in the key id is caught by the protected header, which the signature covers.
    assert not signature.is_signed_by(message, anchor(signer))


KEYS = {
    "P-256": (ec.generate_private_key(ec.SECP256R1()), Algorithm.ES256),
    "RSA 2048": (rsa.generate_private_key(65537, 2048), Algorithm.PS256),
    "Ed25519": (ed25519.Ed25519PrivateKey.generate(), Algorithm.ED25519),
    "P-384": (ec.generate_private_key(ec.SECP384R1()), Algorithm.ES384),
    "P-521": (ec.generate_private_key(ec.SECP521R1()), Algorithm.ES512),
    "brainpool": (ec.generate_private_key(ec.BrainpoolP256R1()), None),
    "secp256k1": (ec.generate_private_key(ec.SECP256K1()), None),
    "RSA 1024": (rsa.generate_private_key(65537, 1024), None),  # noqa: S505
    "Ed448": (ed448.Ed448PrivateKey.generate(), None),
    "X25519": (x25519.X25519PrivateKey.generate(), None),
}


@pytest.mark.parametrize("name", KEYS)
def test_each_type_of_key_has_one_algorithm_or_none(name):
    key, algorithm = KEYS[name]
    assert signature.algorithm_of(key) is algorithm
    assert signature.algorithm_of(key.public_key()) is algorithm


@pytest.mark.parametrize("name", [name for name, (_, algorithm) in KEYS.items() if algorithm is None])
def test_a_key_of_no_use_signs_nothing(name):
    with pytest.raises(ValueError, match="cannot sign"):
        cose.sign(PAYLOAD, KEYS[name][0], b"k")


def test_a_public_key_signs_nothing():
    with pytest.raises(AssertionError):
        cose.sign(PAYLOAD, KEYS["P-256"][0].public_key(), b"k")


def test_a_key_on_another_curve_verifies_nothing_under_a_short_signature():
    for name, algorithm in (("P-384", Algorithm.ES384), ("P-521", Algorithm.ES512), ("brainpool", Algorithm.ES256)):
        key = KEYS[name][0]
        wrong = TrustAnchor("VN", b"k", algorithm, spki(key), HEALTH_KINDS)
        assert not signature.check(wrong, bytes(64), PAYLOAD, Algorithm.ES256)


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_what_is_signed_is_what_another_encoder_writes(protected, payload):
    message = cose.Sign1(protected, Algorithm.ES256, b"", payload, b"")
    assert message.signed_bytes == cbor2.dumps(["Signature1", protected, b"", payload])


def test_a_key_id_has_a_bound(signer, craft):
    for length, fits in ((cose.MAX_KEY_ID, True), (cose.MAX_KEY_ID + 1, False)):
        message = craft(signer, PAYLOAD, protected={1: -7, 4: b"k" * length})
        if fits:
            assert len(cose.parse(message).key_id) == length
            continue
        with pytest.raises(MalformedError) as caught:
            cose.parse(message)
        assert caught.value.reason is Reason.COSE_INVALID
