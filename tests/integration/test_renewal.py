"""`kiosk provision --renew` against the real service: the next certificate comes in time, or nothing changes."""

import shutil
from datetime import UTC, datetime, timedelta

import pytest

from kiosk.adapters.identity import Identity, pem_of
from kiosk.testing.provisioning import KIOSK, Counter, NewKiosk
from mqtt_bridge.central.provisioning.issuing import MOST_A_DAY
from mqtt_bridge.topics import KioskAddress

pytestmark = pytest.mark.system

NOW = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - TLS goes by the real clock


@pytest.fixture
def kiosk(tmp_path):
    return NewKiosk(tmp_path / "kiosk")


@pytest.fixture
def counter(tmp_path):
    with Counter(tmp_path / "centre", NOW) as counter:
        yield counter



def provisioned_days_ago(kiosk, counter, days):
    """Provision as if it had been that many days ago. A certificate lives for 90."""
    counter.clock.set_wall(NOW - timedelta(days=days))
    code = counter.claim()
    assert kiosk.provision(code)[0] == 0
    counter.clock.set_wall(NOW)


def test_a_certificate_is_kept_for_two_thirds_of_its_life(kiosk, counter):
    provisioned_days_ago(kiosk, counter, 59)
    before = kiosk.files()
    assert kiosk.renew() == (0, f"{KIOSK}: certificate kept, good until {NOW + timedelta(days=31):%Y-%m-%d}\n")
    assert kiosk.files() == before


def test_then_the_next_one_is_asked_for_with_a_new_key(kiosk, counter):
    provisioned_days_ago(kiosk, counter, 61)
    first, settings = kiosk.identity.read(), kiosk.settings.read_bytes()
    assert kiosk.renew() == (0, f"{KIOSK}: certificate renewed, good until {NOW + timedelta(days=90):%Y-%m-%d}\n")
    second = kiosk.identity.read()
    assert second.key.public_key() != first.key.public_key()
    assert second.certificate.public_key() == second.key.public_key()
    assert kiosk.settings.read_bytes() == settings
    assert kiosk.renew()[1] == f"{KIOSK}: certificate kept, good until {NOW + timedelta(days=90):%Y-%m-%d}\n"


def test_a_renewal_that_fails_leaves_the_certificate_of_before(kiosk, counter):
    provisioned_days_ago(kiosk, counter, 61)
    before = kiosk.identity.identity_file.read_bytes()
    counter.stop()
    status, said = kiosk.renew()
    assert (status, "does not answer" in said) == (3, True)
    assert kiosk.identity.identity_file.read_bytes() == before
    counter.start()
    assert "renewed" in kiosk.renew()[1]


def test_a_renewal_whose_answer_was_lost_gets_the_same_again(kiosk, counter):
    provisioned_days_ago(kiosk, counter, 61)
    old = kiosk.identity.identity_file.read_bytes()
    key = kiosk.identity.pending_key("renewal")
    assert "renewed" in kiosk.renew()[1]
    serial = kiosk.serial
    # As a power cut leaves it: the service has answered, and nothing of it is on the disk.
    kiosk.identity.identity_file.write_bytes(old)
    kiosk.identity.pending_file("renewal").write_bytes(pem_of(key))
    assert "renewed" in kiosk.renew()[1]
    assert kiosk.serial == serial
    assert len(counter.office.ledger.certificates()) == 2


def test_a_power_cut_before_the_keys_copy_was_removed(kiosk, counter):
    """The next renewal must not take the key that is in force for the next one."""
    provisioned_days_ago(kiosk, counter, 61)
    key = kiosk.identity.pending_key("renewal")
    kiosk.renew()
    kiosk.identity.pending_file("renewal").write_bytes(pem_of(key))
    assert "renewed" in kiosk.renew("--early")[1]
    assert kiosk.identity.read().key.public_key() != key.public_key()


def test_a_copied_key_is_noticed_when_both_renew(kiosk, counter, tmp_path):
    """The thief was quicker; the kiosk, which is told, keeps what it has, and one word of the operator ends both."""
    provisioned_days_ago(kiosk, counter, 61)
    thief = NewKiosk(tmp_path / "thief")
    shutil.copytree(kiosk.identity.folder, thief.identity.folder)
    assert "renewed, good until" in thief.renew()[1]
    status, said = kiosk.renew()
    assert (status, "another device has this kiosk's key" in said) == (1, True)
    assert counter.office.ledger.revoke(KIOSK, int(NOW.timestamp())) == 2
    assert "has withdrawn" in kiosk.renew()[1]
    assert "has withdrawn" in thief.renew("--early")[1]


def test_a_withdrawn_certificate_is_not_renewed(kiosk, counter):
    provisioned_days_ago(kiosk, counter, 61)
    assert counter.office.ledger.revoke(KIOSK, int(NOW.timestamp())) == 1
    status, said = kiosk.renew()
    assert (status, "has withdrawn this kiosk's certificate" in said) == (1, True)


def test_an_expired_certificate_needs_a_new_code(kiosk, counter):
    kiosk.provision(counter.claim())
    identity = kiosk.identity.read()
    address = KioskAddress(*KIOSK.split("/"))
    old = counter.office.authority.for_kiosk(address, identity.key.public_key(), NOW - timedelta(days=91))
    kiosk.identity.install(Identity(old, identity.key, identity.ca))
    status, said = kiosk.renew()
    assert (status, "has expired; ask the centre for a new code" in said) == (3, True)


def test_a_kiosk_does_not_ask_for_certificates_without_end(kiosk, counter):
    kiosk.provision(counter.claim())
    answers = [kiosk.renew("--early") for _ in range(MOST_A_DAY)]
    assert [status for status, _ in answers] == [0] * (MOST_A_DAY - 1) + [1]
    assert "too many certificates today" in answers[-1][1]


def test_the_centres_own_certificate_renews_nothing(kiosk, counter):
    """Signed by the same authority, and no kiosk's."""
    kiosk.provision(counter.claim())
    papers = [counter.office.folder / name for name in ("centre.pem", "centre.key")]
    kiosk.identity.identity_file.write_bytes(b"".join(path.read_bytes() for path in papers))
    status, said = kiosk.renew("--early")
    assert (status, "does not know this kiosk's certificate" in said) == (1, True)


def test_renewing_needs_a_certificate(kiosk):
    kiosk.identity.folder.mkdir()
    assert kiosk.renew()[0] == 2
    assert "provision this kiosk first" in kiosk.renew()[1]
