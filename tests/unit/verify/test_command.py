"""Remote commands as bytes: what is signed, what is read back, and what is no command."""

from dataclasses import replace

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.centre import Permission
from kiosk.domain.command import Command, CommandName, Refusal, Signed, topic_of
from kiosk.domain.situation import Direction
from kiosk.testing.centre_keys import STRANGER, known, made_key
from kiosk.testing.seals import new_key
from kiosk.verify import command as commands
from kiosk.verify import cose
from kiosk.verify.errors import MalformedError
from kiosk.verify.statement import countersign, key_id_of, public_of, sign

HERE = "local/main/gate-1"
ANNA, BINH, CHI = made_key(2), made_key(3), made_key(4)
MAY = [Permission(name.value) for name in CommandName]
KEYS = known(anna=(ANNA, MAY), binh=(BINH, MAY), chi=(CHI, [Permission.OPEN]))
OPEN = Command("0f" * 16, CommandName.OPEN, HERE, 1_780_000_000, 1_780_000_010, 7, reason="visitor_at_the_door")
LOCKDOWN = replace(OPEN, name=CommandName.LOCKDOWN, reason="")
NORMAL = replace(OPEN, name=CommandName.NORMAL, reason="")
CLAIMS = cbor2.loads(commands.encode(OPEN))


def topic(command):
    return topic_of(HERE, command.name)


def signed(command, *keys):
    data = sign(commands.encode(command), keys[0], topic(command))
    for key in keys[1:]:
        data = countersign(data, key, topic(command))
    return data


def verified(data, command=OPEN, *, on="", retained=False, keys=KEYS):
    return commands.verify(data, on or topic(command), keys, retained=retained)


@pytest.mark.parametrize(
    "command",
    [
        OPEN,
        replace(OPEN, direction=Direction.EXIT, reason=""),
        replace(OPEN, nonce=b"n" * 16),
        *(replace(LOCKDOWN, name=name) for name in CommandName if name is not CommandName.OPEN),
    ],
    ids=lambda command: command.name.value,
)
def test_a_command_is_read_as_it_was_written(command):
    assert commands.read(commands.encode(command)) == command


@pytest.mark.parametrize(
    "command",
    [
        replace(LOCKDOWN, reason="fire"),
        replace(LOCKDOWN, direction=Direction.EXIT),
        replace(OPEN, audience="gate-1"),
        replace(OPEN, expires_at=OPEN.issued_at),
        replace(OPEN, counter=0),
        replace(OPEN, id="0f"),
    ],
)
def test_nobody_signs_what_no_kiosk_would_read(command):
    with pytest.raises(ValueError):  # noqa: PT011 - whoever calls says what is wrong
        commands.encode(command)


AUD, EXP, IAT, CTI, NONCE = 3, 4, 6, 7, 10
COUNTER, NAME, ARGUMENTS = -70021, -70022, -70023


@pytest.mark.parametrize(
    "claims",
    [
        *({key: value for key, value in CLAIMS.items() if key != gone} for gone in CLAIMS),
        *(CLAIMS | {key: wrong} for key, wrong in [
            (1, "an issuer"), ("x", 1), (NAME, "burn"), (NAME, 7), (NAME, []), (AUD, HERE.encode()), (AUD, "a/b"),
            (AUD, f"{HERE}/x"), (AUD, "A/b/c"), (NONCE, b""), (NONCE, b"n" * 15), (NONCE, "n" * 16), (CTI, b"x"),
            (CTI, "0f" * 16), (IAT, "1780000000"), (IAT, 1.5), (IAT, -1), (IAT, True),
            (EXP, 1 << 53), (EXP, CLAIMS[IAT]),
            (COUNTER, 0), (COUNTER, 1 << 53), (COUNTER, None), (ARGUMENTS, None), (ARGUMENTS, []), (ARGUMENTS, {}),
            (ARGUMENTS, {"direction": "up"}), (ARGUMENTS, {"direction": []}), (ARGUMENTS, {"reason": "x"}),
            (ARGUMENTS, {"direction": "entry", "reason": ""}), (ARGUMENTS, {"direction": "entry", "reason": "a" * 33}),
            (ARGUMENTS, {"direction": "entry", "reason": "Nguyễn"}), (ARGUMENTS, {"direction": "entry", "reason": 7}),
            (ARGUMENTS, {"direction": "entry", "seconds": 60}), (NAME, "lockdown"),
        ]),
        [],
        "open",
    ],
    ids=str,
)  # fmt: skip
def test_claims_of_another_kind_are_no_command(claims):
    with pytest.raises(MalformedError):
        commands.read(cbor2.dumps(claims))


def test_these_claims_are_a_command():
    assert commands.read(cbor2.dumps(CLAIMS)) == OPEN


def test_a_command_says_who_signed_it_and_whose_counter_it_has():
    assert verified(signed(OPEN, CHI)) == Signed(OPEN, key_id_of(public_of(CHI)).hex(), ("chi",))
    both = verified(signed(LOCKDOWN, ANNA, BINH), LOCKDOWN)
    assert both == Signed(LOCKDOWN, key_id_of(public_of(ANNA)).hex(), ("anna", "binh"))


@pytest.mark.parametrize("name", [CommandName.LOCKDOWN, CommandName.FREE_PASSAGE])
def test_what_shuts_everybody_out_or_lets_everybody_in_takes_two(name):
    command = replace(LOCKDOWN, name=name)
    assert verified(signed(command, ANNA), command) is Refusal.ONE_KEY_IS_NOT_ENOUGH
    assert verified(signed(command, ANNA, ANNA), command) is Refusal.UNKNOWN_KEY
    assert verified(signed(command, ANNA, CHI), command) is Refusal.NOT_PERMITTED
    assert isinstance(verified(signed(command, BINH, ANNA), command), Signed)


def _other_algorithm():
    return cose.sign(commands.encode(OPEN), new_key(), key_id_of(public_of(ANNA)), external=topic(OPEN).encode())


@pytest.mark.parametrize(
    ("data", "said", "answer"),
    [
        (signed(OPEN, ANNA), {"retained": True}, Refusal.RETAINED),
        (b"", {}, Refusal.MALFORMED),
        (b"\xd2\x84", {}, Refusal.MALFORMED),
        (b"x" * 2049, {}, Refusal.MALFORMED),
        (sign(commands.encode(OPEN) + b"\0" * 2048, ANNA, topic(OPEN)), {}, Refusal.MALFORMED),
        (sign(cbor2.dumps({1: "epoch", 2: 7}), ANNA, topic(OPEN)), {}, Refusal.MALFORMED),
        (signed(OPEN, STRANGER), {}, Refusal.UNKNOWN_KEY),
        (signed(OPEN, ANNA), {"keys": {}}, Refusal.UNKNOWN_KEY),
        (signed(OPEN, ANNA), {"on": topic_of("local/main/gate-2", "open")}, Refusal.BAD_SIGNATURE),
        (signed(OPEN, ANNA), {"on": topic_of(HERE, "normal")}, Refusal.BAD_SIGNATURE),
        (sign(commands.encode(OPEN), ANNA, ""), {}, Refusal.BAD_SIGNATURE),
        (_other_algorithm(), {}, Refusal.BAD_SIGNATURE),
        (signed(NORMAL, CHI), {"on": topic(NORMAL)}, Refusal.NOT_PERMITTED),
    ],
)  # fmt: skip
def test_what_is_forged_or_out_of_place_is_refused(data, said, answer):
    assert verified(data, **said) is answer


def test_a_command_with_any_bit_flipped_is_none():
    data = signed(OPEN, ANNA)
    for bit in range(8 * len(data)):
        forged = bytearray(data)
        forged[bit // 8] ^= 1 << bit % 8
        assert isinstance(verified(bytes(forged)), Refusal)


@given(st.binary(max_size=300))
def test_any_bytes_at_all_are_refused(data):
    assert isinstance(verified(data), Refusal)


def test_whoever_is_to_sign_too_can_read_what_it_says():
    assert commands.claimed(signed(LOCKDOWN, ANNA)) == LOCKDOWN
    assert commands.claimed(signed(LOCKDOWN, ANNA, STRANGER)) == LOCKDOWN
    with pytest.raises(MalformedError):
        commands.claimed(countersign(sign(cbor2.dumps({1: 2}), ANNA, "t"), BINH, "t"))
    with pytest.raises(MalformedError):
        commands.claimed(b"lockdown")
