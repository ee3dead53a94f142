"""Claims and certificates: a token is used once, a name is one kiosk's, and what is withdrawn stays so."""

import sqlite3

import pytest

from mqtt_bridge.central.provisioning.ledger import Issued, Ledger, LedgerError, Refusal, address_of
from mqtt_bridge.topics import KioskAddress

TOKEN = b"sixteen secret b"
GATE = KioskAddress("hanoi", "north", "gate-7")
PLACE = "hanoi/north/gate-7"
DAY = 86_400


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / "ledger.db")


class Press:
    """Makes certificates that are numbered, and counts them."""

    def __init__(self, key=b"key", now=100):
        self.key, self.now, self.made = key, now, 0

    def __call__(self, address):
        self.made += 1
        place = f"{address.tenant}/{address.site}/{address.kiosk}"
        return Issued(f"{self.now:x}{self.made:x}", place, self.key, f"pem {self.made}", self.now, self.now + 90 * DAY)


def refused(call, *arguments, **named):
    with pytest.raises(Refusal) as caught:
        call(*arguments, **named)
    return caught.value.why


def test_the_token_itself_is_not_kept(ledger, tmp_path):
    ledger.claim(TOKEN, GATE, 100, 200)
    assert TOKEN not in (tmp_path / "ledger.db").read_bytes()
    assert (tmp_path / "ledger.db").stat().st_mode & 0o777 == 0o600


def test_a_token_is_used_once(ledger):
    ledger.claim(TOKEN, GATE, 100, 200)
    press = Press()
    issued, is_new = ledger.enrol(TOKEN, b"key", 150, press)
    assert (issued.address, is_new, press.made) == (PLACE, True, 1)
    assert ledger.enrol(TOKEN, b"key", 150, press) == (issued, False)
    assert refused(ledger.enrol, TOKEN, b"other", 150, press) == "used"
    assert press.made == 1


def test_an_answer_that_was_lost_can_be_had_after_the_claims_time(ledger):
    ledger.claim(TOKEN, GATE, 100, 200)
    issued, _ = ledger.enrol(TOKEN, b"key", 200, Press())
    assert ledger.enrol(TOKEN, b"key", 201, Press())[0] == issued


def test_an_old_token_and_one_of_nobody(ledger):
    ledger.claim(TOKEN, GATE, 100, 200)
    assert refused(ledger.enrol, TOKEN, b"key", 201, Press()) == "expired"
    assert refused(ledger.enrol, b"another one 16 b", b"key", 150, Press()) == "unknown_token"


def test_a_certificate_that_cannot_be_made_leaves_the_token_good(ledger):
    ledger.claim(TOKEN, GATE, 100, 200)

    def broken(address):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ledger.enrol(TOKEN, b"key", 150, broken)
    assert ledger.enrol(TOKEN, b"key", 150, Press())[1]


def test_a_name_belongs_to_one_kiosk_of_the_fleet(ledger):
    """Brokers bind topics to the last part alone: two with one name could speak for each other."""
    ledger.claim(TOKEN, GATE, 100, 200)
    with pytest.raises(LedgerError, match="gate-7 is the name of hanoi/north/gate-7 already"):
        ledger.claim(b"another one 16 b", KioskAddress("hue", "north", "gate-7"), 100, 200)
    ledger.claim(b"another one 16 b", GATE, 100, 200)
    assert refused(ledger.enrol, b"never on record", b"key", 150, Press()) == "unknown_token"


def test_a_withdrawn_certificate_is_neither_given_again_nor_renewed(ledger):
    ledger.claim(TOKEN, GATE, 100, 200)
    issued, _ = ledger.enrol(TOKEN, b"key", 150, Press())
    assert ledger.revoke(PLACE, 160) == 1
    assert ledger.revoke(PLACE, 170) == 0
    assert ledger.revoked(170) == [(int(issued.serial, 16), 160)]
    assert refused(ledger.enrol, TOKEN, b"key", 150, Press()) == "revoked"
    assert refused(ledger.renew, issued.serial, b"next", 180, Press(), most_a_day=9) == "revoked"


def test_what_has_expired_leaves_the_list_of_withdrawn_ones(ledger):
    ledger.claim(TOKEN, GATE, 100, 200)
    issued, _ = ledger.enrol(TOKEN, b"key", 150, Press())
    ledger.revoke(issued.serial.upper(), 160)
    assert len(ledger.revoked(issued.not_after)) == 1
    assert ledger.revoked(issued.not_after + 1) == []


def test_withdrawing_a_kiosk_withdraws_its_open_claims(ledger):
    ledger.claim(TOKEN, GATE, 100, 200)
    assert ledger.revoke(PLACE, 110) == 0
    assert refused(ledger.enrol, TOKEN, b"key", 150, Press()) == "expired"


def test_renewing(ledger):
    ledger.claim(TOKEN, GATE, 100, 200)
    first, _ = ledger.enrol(TOKEN, b"key", 150, Press())
    second = ledger.renew(first.serial, b"next", 300, Press(b"next", 300), most_a_day=3)
    assert second.serial != first.serial
    # Asked again with the same key, for the answer may have been lost; the proof of before is still good.
    assert ledger.renew(first.serial, b"next", 400, Press(b"next", 400), most_a_day=3) == second
    assert refused(ledger.renew, "abc", b"next", 300, Press(), most_a_day=3) == "not_ours"


def test_a_kiosk_gets_so_many_in_a_day(ledger):
    ledger.claim(TOKEN, GATE, 100, 200)
    proof = ledger.enrol(TOKEN, b"key", 150, Press(now=150))[0].serial
    for number in range(2):
        now = 300 + number
        ledger.renew(proof, bytes([number]), now, Press(bytes([number]), now), most_a_day=3)
    assert refused(ledger.renew, proof, b"more", 400, Press(), most_a_day=3) == "too_many"
    assert ledger.renew(proof, b"more", 302 + DAY, Press(b"more", 302 + DAY), most_a_day=3)


def test_what_the_operator_sees(ledger):
    ledger.claim(TOKEN, GATE, 100, 200)
    ledger.claim(b"another one 16 b", GATE, 110, 300)
    issued, _ = ledger.enrol(TOKEN, b"key", 150, Press())
    assert ledger.certificates() == [issued]
    assert [(one.address, one.until, one.used_at) for one in ledger.claims()] == [(PLACE, 200, 150), (PLACE, 300, None)]


def test_who_is_to_be_let_in_at_a_broker(ledger):
    other = KioskAddress("hanoi", "north", "gate-8")
    ledger.claim(TOKEN, GATE, 100, 200)
    ledger.claim(b"another one 16 b", other, 110, 300)
    assert ledger.kiosks(200) == [GATE, other]
    issued, _ = ledger.enrol(TOKEN, b"key", 150, Press())
    assert ledger.kiosks(301) == [GATE]
    assert ledger.kiosks(issued.not_after + 1) == []
    ledger.revoke(PLACE, 160)
    assert ledger.kiosks(200) == [other]


def test_a_file_that_is_no_ledger(tmp_path):
    (tmp_path / "ledger.db").write_bytes(b"no database, but long enough to be taken for one" * 100)
    with pytest.raises(LedgerError, match="cannot be used as the ledger"):
        Ledger(tmp_path / "ledger.db")
    with pytest.raises(LedgerError):
        Ledger(tmp_path / "nowhere" / "ledger.db")


def test_a_claim_without_its_certificate_is_a_damaged_ledger(ledger, tmp_path):
    ledger.claim(TOKEN, GATE, 100, 200)
    ledger.enrol(TOKEN, b"key", 150, Press())
    with sqlite3.connect(tmp_path / "ledger.db") as database:
        database.execute("DELETE FROM certificates")
    database.close()
    with pytest.raises(LedgerError, match="restore your copy"):
        ledger.enrol(TOKEN, b"key", 150, Press())


@pytest.mark.parametrize("text", ["gate-7", "a/b/c/d", "A/b/c", "a/b/", "a/b/kiosk_centre", "a/b/c\n"])
def test_what_is_no_kiosk(text):
    with pytest.raises(LedgerError, match="write TENANT/SITE/KIOSK"):
        address_of(text)
