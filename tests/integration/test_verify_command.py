"""`kiosk verify` as people and machines use it: verdicts, exit status, one sentence, never a traceback."""

from datetime import UTC, datetime, timedelta

import cv2
import pytest
import segno

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.keys import make_signer
from kiosk.demo.script import CITIZEN_CARD
from kiosk.domain.trust import Algorithm
from kiosk.testing import health_cards as cards
from kiosk.testing import health_certificates as health
from kiosk.testing.codes import drawn, in_frame, label
from kiosk.testing.command import kiosk, objects, one_sentence, picture

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def ministry():
    return make_signer("Ministry", Algorithm.ES256, NOW - timedelta(days=400), country="VN", for_passes=False)


@pytest.fixture(scope="module")
def trust(tmp_path_factory, ministry):
    folder = tmp_path_factory.mktemp("trust")
    (folder / "ministry.der").write_bytes(ministry.certificate)
    return folder


@pytest.fixture(scope="module")
def passport(ministry):
    return health.certificate(ministry, health.vaccination(NOW - timedelta(days=90)), NOW - timedelta(days=30))


def test_a_valid_picture(tmp_path, trust, passport):
    process = kiosk("verify", picture(tmp_path, passport), "--trust", trust, "--at", "2026-06-01", "--json")
    (answer,) = objects(process)
    assert process.returncode == 0
    assert (answer["format"], answer["verdict"], answer["reasons"]) == ("HC1", "valid", [])
    assert answer["verified"]["kind"] == "vaccination"


def test_over_many_files_the_worst_status_counts_and_each_has_its_object(tmp_path, trust, passport):
    good, card = picture(tmp_path, passport, "a.png"), picture(tmp_path, CITIZEN_CARD, "b.png")
    blank = tmp_path / "blank.png"
    segno.make_qr("x").save(str(blank), scale=1, dark="white")
    words = ("--trust", trust, "--at", "2026-06-01", "--json")
    process = kiosk("verify", good, card, blank, *words)
    assert [a["verdict"] for a in objects(process)] == ["valid", "unsigned", "malformed"]
    assert objects(process)[2]["reasons"] == ["no_code"]
    assert process.returncode == 1
    process = kiosk("verify", good, tmp_path / "missing.png", *words)
    assert [a["verdict"] for a in objects(process)] == ["valid", "malformed"]
    assert process.returncode == 2
    one_sentence(process)


def test_text_by_argument_and_by_standard_input(trust, passport):
    words = ("--trust", trust, "--at", "2026-06-01", "--json")
    assert objects(kiosk("verify", "--text", passport, *words))[0]["verdict"] == "valid"
    assert objects(kiosk("verify", "-", *words, text=passport.encode() + b"\n"))[0]["verdict"] == "valid"


def test_a_card_in_several_files_is_answered_once(tmp_path, trust):
    issuer = cards.CardIssuer()
    card = issuer.card(issuer.claims(cards.bundle(cards.patient(), cards.dose("2026-01-01")), NOW))
    parts = cards.in_parts(card, 3)
    two, three = picture(tmp_path, parts[1], "2.png"), tmp_path / "3.txt"
    three.write_text(parts[2] + "\n")
    words = ("--trust", trust, "--at", "2026-06-01", "--json")
    (alone,) = objects(kiosk("verify", "--text", parts[0], *words))
    assert (alone["verdict"], alone["reasons"], alone["format"]) == ("malformed", ["part_of_more"], "SHC")
    whole, other = objects(kiosk("verify", three, two, tmp_path / "none.png", "--text", parts[0], *words))[::-1]
    assert (whole["verdict"], whole["format"]) == ("unknown_issuer", "SHC")
    assert whole["file"] == f"--text + {three} + {two}"
    assert other["reasons"] == ["unreadable"]
    (joined,) = objects(kiosk("verify", "-", *words, text="\n".join(parts).encode()))
    assert joined["verdict"] == "unknown_issuer"


def test_parts_beside_each_other_in_a_picture_are_one_card(tmp_path, trust):
    issuer = cards.CardIssuer()
    card = issuer.card(issuer.claims(cards.bundle(cards.patient(), cards.dose("2026-01-01")), NOW))
    one, two = (drawn(part, 3) for part in cards.in_parts(card, 2))
    page = tmp_path / "page.png"
    frame = in_frame(two, drawn("https://qr.tokhaiyte.vn/1", 3), one, size=(1600, 720), left=40)
    assert cv2.imwrite(str(page), frame)
    (answer,) = objects(kiosk("verify", page, "--trust", trust, "--at", "2026-06-01", "--json"))
    assert (answer["verdict"], answer["format"], answer["file"]) == ("unknown_issuer", "SHC", str(page))


def test_a_text_of_a_megabyte_is_answered(trust):
    process = kiosk("verify", "-", "--trust", trust, "--json", text=b"A" * 1_000_000)
    assert process.returncode == 1
    assert objects(process)[0]["reasons"] == ["too_long"]


def test_broken_cbor_is_answered(trust):
    process = kiosk("verify", "--text", "HC1:6BF", "--trust", trust, "--json")
    assert process.returncode == 1
    assert objects(process)[0]["verdict"] == "malformed"


def test_the_policy_turns_valid_into_rule_failed(tmp_path, trust, passport):
    policy = tmp_path / "policy.toml"
    policy.write_text('version = "1"\n[[admit]]\nname = "three doses"\nkinds = ["vaccination"]\nmin_doses = 3\n')
    words = ("--trust", trust, "--at", "2026-06-01", "--json", "--policy", policy)
    (answer,) = objects(kiosk("verify", "--text", passport, *words))
    assert (answer["verdict"], answer["reasons"]) == ("rule_failed", ["doses_missing"])


CITIZEN = "001190012345|123456789|Nguyễn Thị Ánh|15081990|Nữ|12 Phố Huế|20052021"


@pytest.mark.parametrize(
    ("denied", "shot", "card"),
    [
        ("01:VN:NOBODY", ("valid", [], "admit"), ("unsigned", ["unsigned_card"])),
        ("CERTIFICATE", ("rule_failed", ["deny_listed"], "deny"), ("unsigned", ["unsigned_card"])),
        ("123 456 789", ("valid", [], "admit"), ("unsigned", ["deny_listed", "unsigned_card"])),
    ],
)
def test_a_venues_deny_list_goes_before_its_policy(tmp_path, trust, passport, denied, shot, card):
    words = ("--trust", trust, "--at", "2026-06-01", "--json")
    (plain,) = objects(kiosk("verify", "--text", passport, *words))
    policy, deny = tmp_path / "policy.toml", tmp_path / "deny.toml"
    policy.write_text('version = "1"\n[[admit]]\nname = "a dose"\nkinds = ["vaccination"]\n')
    identifier = denied.replace("CERTIFICATE", plain["verified"]["credential_id"].lower())
    deny.write_text(f'[[deny]]\nid = "{identifier}"\n')
    words = (*words, "--policy", policy, "--deny-list", deny)
    (answer,) = objects(kiosk("verify", "--text", passport, *words))
    assert (answer["verdict"], answer["reasons"], answer["decision"]) == shot
    (answer,) = objects(kiosk("verify", "--text", CITIZEN, *words))
    assert (answer["verdict"], answer["reasons"]) == card


def test_a_deny_list_needs_a_policy_and_has_to_be_one(tmp_path, trust):
    deny = tmp_path / "deny.toml"
    deny.write_text('[[deny]]\nid = "1"\n')
    policy = tmp_path / "policy.toml"
    policy.write_text('version = "1"\n')
    for more, said in (((), "--policy"), (("--policy", policy), "less than four characters")):
        process = kiosk("verify", "--text", "x", "--trust", trust, "--deny-list", deny, *more)
        assert process.returncode == 2
        assert said in one_sentence(process)


def test_an_old_trust_list_makes_nobody_valid(trust, passport):
    at = (SystemClock().now() + timedelta(days=31)).isoformat()
    (answer,) = objects(kiosk("verify", "--text", passport, "--trust", trust, "--at", at, "--json"))
    assert answer["verdict"] == "stale_trust"


@pytest.mark.parametrize("make", [lambda p: p.mkdir(), lambda _: None], ids=["empty folder", "no folder"])
def test_a_trust_folder_without_certificates(tmp_path, make):
    make(tmp_path / "t")
    process = kiosk("verify", "--text", "x", "--trust", tmp_path / "t")
    assert process.returncode == 2
    one_sentence(process)


def test_a_wrong_key_in_the_policy_is_answered_with_the_right_one(tmp_path, trust):
    policy = tmp_path / "policy.toml"
    policy.write_text('version = "1"\nzones = "lobby"\n')
    process = kiosk("verify", "--text", "x", "--trust", trust, "--policy", policy)
    assert process.returncode == 2
    assert "did you mean 'zone'?" in one_sentence(process)


def test_the_table_for_people_has_a_sentence(trust, passport):
    out = kiosk("verify", "--text", passport, "--trust", trust, "--at", "2030-01-01").stdout.decode()
    assert "expired" in out
    assert "This code has expired" in out


def test_a_label_verifies_as_what_it_is(tmp_path, trust):
    tube = tmp_path / "tube.png"
    assert cv2.imwrite(str(tube), label("NCOV-2108-000123"))
    words = ("verify", tube, "--trust", trust, "--json", "--symbologies", "qr,code128")
    (answer,) = objects(process := kiosk(*words))
    assert (answer["format"], answer["verdict"], answer["reasons"]) == ("tube", "unsigned", ["sample_label"])
    assert process.returncode == 1


@pytest.mark.parametrize("words", [
    ("--at", "9999-12-31T23:59:59"), ("--at", "0001-01-01T00:00+10:00"), ("--max-age", "9" * 30), ("--max-age", "-1"),
])  # fmt: skip
def test_a_time_beyond_reckoning_is_said(trust, words):
    process = kiosk("verify", "--text", "x", "--trust", trust, *words)
    assert process.returncode == 2
    one_sentence(process)


def test_a_standard_input_that_is_closed_is_said(trust):
    process = kiosk("verify", "-", "--trust", trust, "--json", before=("sh", "-c", 'exec "$@" <&-', "sh"))
    assert process.returncode == 2
    one_sentence(process)
    assert objects(process)[0]["reasons"] == ["unreadable"]


def test_a_direction_that_there_is_not(trust):
    process = kiosk("verify", "--text", "x", "--trust", trust, "--direction", "up")
    assert process.returncode == 2
    assert "choose from 'entry', 'exit'" in one_sentence(process)
