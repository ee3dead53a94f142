"""What is said in the centre's name, and what is not."""

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.centre import Permission
from kiosk.testing.centre_keys import STORE, STRANGER, known, made_key
from kiosk.testing.seals import new_key
from kiosk.verify import cose, receipt, statement
from kiosk.verify.receipt import Receipt
from kiosk.verify.statement import StatementError, key_id_of, public_of

TOPIC = "gk/1/local/main/gate-1/down/ack"
ANNA, BINH = made_key(2), made_key(3)
KEYS = known(
    store=(STORE, [Permission.STORE]), anna=(ANNA, [Permission.OPEN, Permission.LOCKDOWN]),
    binh=(BINH, [Permission.LOCKDOWN]),
)  # fmt: skip
PAYLOAD = cbor2.dumps({1: "x"})


def refused(data, topic=TOPIC, keys=KEYS):
    with pytest.raises(StatementError) as caught:
        statement.opened(data, topic, keys)
    return caught.value.code


def test_a_statement_says_who_signed_it():
    said = statement.opened(statement.sign(PAYLOAD, ANNA, TOPIC), TOPIC, KEYS)
    assert said.payload == PAYLOAD
    assert [signer.name for signer in said.signers] == ["anna"]
    said.require(Permission.OPEN)
    with pytest.raises(StatementError, match="not_permitted"):
        said.require(Permission.STORE)


def test_two_who_agree_sign_one_around_the_other():
    twice = statement.countersign(statement.sign(PAYLOAD, ANNA, TOPIC), BINH, TOPIC)
    said = statement.opened(twice, TOPIC, KEYS)
    assert (said.payload, [signer.name for signer in said.signers]) == (PAYLOAD, ["anna", "binh"])
    said.require(Permission.LOCKDOWN)
    with pytest.raises(StatementError, match="not_permitted"):
        said.require(Permission.OPEN)


def test_nobody_is_two_people_and_three_are_too_many():
    once = statement.sign(PAYLOAD, ANNA, TOPIC)
    assert refused(statement.countersign(once, ANNA, TOPIC)) == "unknown_key"
    thrice = statement.countersign(statement.countersign(once, BINH, TOPIC), STORE, TOPIC)
    assert refused(thrice) == "malformed"


def test_a_statement_counts_on_its_own_topic_only():
    assert refused(statement.sign(PAYLOAD, ANNA, TOPIC), TOPIC.replace("gate-1", "gate-2")) == "bad_signature"
    inner_elsewhere = statement.countersign(statement.sign(PAYLOAD, ANNA, "elsewhere"), BINH, TOPIC)
    assert refused(inner_elsewhere) == "bad_signature"


def test_a_stranger_an_unknown_algorithm_and_nonsense_are_refused():
    assert refused(statement.sign(PAYLOAD, STRANGER, TOPIC)) == "unknown_key"
    assert refused(statement.sign(PAYLOAD, ANNA, TOPIC), keys={}) == "unknown_key"
    assert refused(b"no COSE") == "malformed"
    other = cose.sign(PAYLOAD, new_key(), key_id_of(public_of(ANNA)), TOPIC.encode())
    assert refused(other) == "bad_signature"


@given(st.data())
def test_no_flipped_bit_is_believed(data):
    signed = bytearray(statement.sign(PAYLOAD, ANNA, TOPIC))
    bit = data.draw(st.integers(8, len(signed) * 8 - 1))  # the first byte is the tag, which no signature covers
    signed[bit // 8] ^= 1 << bit % 8
    assert refused(bytes(signed)) in ("malformed", "unknown_key", "bad_signature")


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=64), st.integers(0, receipt.MAX_NUMBER))
def test_a_receipt_comes_back_as_it_was(epoch, upto):
    assert receipt.opened(receipt.sign(Receipt(epoch, upto), STORE, TOPIC), TOPIC, KEYS) == Receipt(epoch, upto)


@pytest.mark.parametrize(
    "content",
    [[], {}, {1: "e"}, {1: "e", 2: True}, {1: "e", 2: -1}, {1: "", 2: 1}, {1: "e", 2: 1.0}, {1: "e", 2: 1, 3: 1},
     {1: "e" * 65, 2: 1}, {1: "e", 2: 1 << 53}, {1: b"e", 2: 1}],
)  # fmt: skip
def test_what_is_no_receipt_is_refused_whoever_signed_it(content):
    with pytest.raises(StatementError, match="malformed"):
        receipt.opened(statement.sign(cbor2.dumps(content), STORE, TOPIC), TOPIC, KEYS)


def test_a_receipt_by_a_key_that_may_not_say_so_or_without_a_bound_is_refused():
    with pytest.raises(StatementError, match="not_permitted"):
        receipt.opened(receipt.sign(Receipt("e", 1), ANNA, TOPIC), TOPIC, KEYS)
    with pytest.raises(StatementError, match="malformed"):
        receipt.opened(bytes(receipt.MAX_RECEIPT + 1), TOPIC, KEYS)
    with pytest.raises(StatementError, match="malformed"):
        receipt.opened(statement.sign(b"\xff", STORE, TOPIC), TOPIC, KEYS)
