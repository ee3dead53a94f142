"""`kiosk provision` against the real service: what a kiosk gets for its code, and what can go wrong on the way."""

import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest
import segno
from cryptography import x509

from kiosk.config import load_config
from kiosk.testing.provisioning import KIOSK, SETTINGS, Counter, Cutter, NewKiosk

pytestmark = pytest.mark.system

NOW = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - TLS goes by the real clock


@pytest.fixture
def kiosk(tmp_path):
    return NewKiosk(tmp_path / "kiosk")


@pytest.fixture
def counter(tmp_path):
    with Counter(tmp_path / "centre", NOW) as counter:
        yield counter


def test_one_code_makes_a_kiosk_that_the_centre_knows(kiosk, counter):
    status, said = kiosk.provision(counter.claim())
    assert (status, said.splitlines()[0]) == (
        0, f"{KIOSK} is provisioned, its certificate good until {NOW + timedelta(days=90):%Y-%m-%d}",
    )  # fmt: skip
    config = load_config(kiosk.settings)
    assert config.kiosk.address == KIOSK
    assert (config.mqtt.host, config.mqtt.port) == ("localhost", counter.office.settings.broker_port)
    assert config.mqtt.cert_file == kiosk.identity.identity_file
    assert (kiosk.folder / "centre-keys.toml").read_text() == counter.desk.delivery.centre_keys
    identity = kiosk.identity.read()
    assert identity.kiosk == KIOSK
    assert f"{identity.certificate.serial_number:x}" == counter.office.ledger.certificates()[0].serial


def test_the_key_was_made_here_and_only_its_owner_reads_it(kiosk, counter):
    kiosk.provision(counter.claim())
    assert kiosk.identity.identity_file.stat().st_mode & 0o777 == 0o600
    assert kiosk.settings.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in kiosk.identity.folder.iterdir() if "pending" in path.name] == []
    everything = b"".join(path.read_bytes() for path in counter.office.folder.iterdir())
    key = kiosk.identity.identity_file.read_bytes().partition(b"-----BEGIN PRIVATE KEY-----\n")[2]
    assert key.splitlines()[1] not in everything


def test_what_the_venue_wrote_stays(kiosk, counter):
    kiosk.provision(counter.claim())
    text = kiosk.settings.read_text()
    assert text.startswith("# What the venue wrote stays.\n")
    assert 'id = "gate-7"          # which door\n' in text
    assert load_config(kiosk.settings).centre.remote_opening


def test_a_broker_that_speaks_the_older_mqtt(kiosk, tmp_path):
    with Counter(tmp_path / "centre", NOW, broker_version=311) as counter:
        assert kiosk.provision(counter.claim())[0] == 0
    assert load_config(kiosk.settings).mqtt.version == 311


def test_a_picture_of_the_code_is_enough(kiosk, counter):
    segno.make(counter.claim(), error="m").save(str(kiosk.folder / "code.png"), scale=6)
    assert kiosk.run(str(kiosk.folder / "code.png"), "--config", str(kiosk.settings))[0] == 0
    assert load_config(kiosk.settings).kiosk.address == KIOSK


# Asked twice


def test_the_same_kiosk_may_ask_again_and_gets_the_same(kiosk, counter):
    code = counter.claim()
    kiosk.provision(code)
    before = kiosk.files()
    assert kiosk.provision(code)[0] == 0
    assert kiosk.files() == before
    assert len(counter.office.ledger.certificates()) == 1


def test_another_device_gets_nothing_for_a_used_code(kiosk, counter, tmp_path):
    code = counter.claim()
    kiosk.provision(code)
    second = NewKiosk(tmp_path / "second")
    status, said = second.provision(code)
    assert status == 1
    assert "another device has used this code" in said
    assert second.settings.read_text() == SETTINGS
    assert not second.identity.identity_file.exists()


def test_a_new_code_withdraws_what_the_kiosk_had_before(kiosk, counter):
    kiosk.provision(counter.claim())
    first = kiosk.serial
    assert kiosk.provision(counter.claim())[0] == 0
    assert kiosk.serial != first
    assert [serial for serial, _ in counter.office.ledger.revoked(int(NOW.timestamp()))] == [first]
    crl = x509.load_pem_x509_crl((counter.office.folder / "crl.pem").read_bytes())
    assert [one.serial_number for one in crl] == [first]


@pytest.mark.parametrize(
    ("until", "told"),
    [(NOW - timedelta(seconds=1), "this code has expired"), (NOW + timedelta(hours=1), "is provisioned")],
)
def test_a_code_is_good_until_its_time(kiosk, counter, until, told):
    assert told in kiosk.provision(counter.claim(until=until))[1]


def test_a_code_of_nobody_is_unknown(kiosk, counter):
    status, said = kiosk.provision(counter.claim(token=bytes(range(16))))
    assert (status, "does not know this code" in said) == (1, True)


def test_a_withdrawn_claim_is_expired(kiosk, counter):
    code = counter.claim()
    counter.office.ledger.revoke(KIOSK, int(NOW.timestamp()))
    assert "this code has expired" in kiosk.provision(code)[1]


# Not the service that the code means


def test_another_authority_is_not_believed_and_hears_no_token(kiosk, counter):
    code = counter.claim(ca_sha256=bytes(32))
    status, said = kiosk.provision(code)
    assert (status, "another service than the one of this code answers" in said) == (3, True)
    assert counter.log == []  # nobody has asked for anything


def test_who_shows_the_right_authority_without_its_signature_hears_no_token(kiosk, counter, tmp_path):
    """The authority's certificate is public: a man in the middle can show it too."""
    with Counter(tmp_path / "thief", NOW) as thief:
        thief.stop()
        thief.desk = counter.desk
        thief.start()
        status, said = kiosk.provision(counter.claim(port=thief.port))
    assert (status, "cannot prove that it is the one of this code" in said) == (3, True)
    assert thief.log == []
    assert counter.office.ledger.certificates() == []


def test_a_service_that_is_down_is_no_harm(kiosk, counter):
    code = counter.claim()
    counter.stop()
    before = kiosk.files()
    status, said = kiosk.provision(code)
    assert (status, "does not answer" in said) == (3, True)
    assert set(kiosk.files()) - set(before) == {f"mqtt/{path.name}" for path in kiosk.identity.folder.iterdir()}
    counter.start()
    assert kiosk.provision(code)[0] == 0


LIES = {
    "another kiosk": lambda answer: answer | {"kiosk": "hanoi/north/gate-8"},
    "no certificate": lambda answer: answer | {"certificate": "-----BEGIN CERTIFICATE-----\n"},
    "its own certificate": lambda answer: answer | {"certificate": answer["ca"]},
    "a number for a text": lambda answer: answer | {"certificate": 7},
    "nobody commands": lambda answer: answer | {"centre_keys": ""},
    "keys that are none": lambda answer: answer | {"centre_keys": '[[key]]\nname = "x"\npublic = "AA=="\nmay = []\n'},
    "a setting in the host": lambda answer: answer | {"broker": answer["broker"] | {"host": 'x"\ntls = false\n#'}},
    "a port that is none": lambda answer: answer | {"broker": answer["broker"] | {"port": 70_000}},
    "a version that is none": lambda answer: answer | {"broker": answer["broker"] | {"version": 4}},
    "no broker": lambda answer: {key: value for key, value in answer.items() if key != "broker"},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_an_answer_that_is_not_right_changes_nothing(kiosk, counter, lie):
    code = counter.claim()
    before = kiosk.files()
    counter.lie(lie)
    status, said = kiosk.provision(code)
    assert status in (2, 3)
    assert said.startswith("kiosk: ")
    assert said.count("\n") == 1
    pending = {name for name in kiosk.files() if "pending" in name}
    assert {name: data for name, data in kiosk.files().items() if name not in pending} == before
    counter.lie(dict)
    assert kiosk.provision(code)[0] == 0


# Broken off


def test_a_line_that_breaks_at_any_byte_is_no_harm(kiosk, counter):
    """The code is used by then or not; the next try gets the certificate either way, and there is only ever one."""
    with Cutter(counter.port, 1 << 60) as line:
        assert kiosk.provision(counter.claim(port=line.port))[0] == 0
        whole = line.passed
    for after in range(0, whole, whole // 11):
        with Cutter(counter.port, after) as line:
            code = counter.claim(port=line.port)
            certificates = len(counter.office.ledger.certificates())
            was = kiosk.files()
            status, said = kiosk.provision(code)
            assert (status, said.startswith("kiosk: ")) == (3, True), after
            assert {name: data for name, data in kiosk.files().items() if "pending" not in name} == was
            line.mend()
            assert kiosk.provision(code)[0] == 0
        assert len(counter.office.ledger.certificates()) == certificates + 1
        assert f"{kiosk.serial:x}" in {one.serial for one in counter.office.ledger.certificates()}


def test_a_power_cut_between_key_and_certificate(kiosk, counter):
    """The process is killed while it waits for an answer that the service has on record already."""
    issued, killed = threading.Event(), threading.Event()

    def late(answer):
        issued.set()
        killed.wait(10)
        return answer

    counter.lie(late)
    (kiosk.folder / "code.txt").write_text(code := counter.claim())
    command = [sys.executable, "-m", "kiosk.cli", "provision", str(kiosk.folder / "code.txt")]
    command += ["--config", str(kiosk.settings), "--into", str(kiosk.identity.folder)]
    with subprocess.Popen(command) as process:
        assert issued.wait(20)
        process.kill()
    killed.set()
    (pending,) = kiosk.identity.folder.iterdir()
    secret = pending.read_bytes()
    assert kiosk.provision(code)[0] == 0
    assert secret in kiosk.identity.identity_file.read_bytes()
    assert len(counter.office.ledger.certificates()) == 1


def test_a_power_cut_before_the_settings_were_written(kiosk, counter):
    code = counter.claim()
    kiosk.provision(code)
    kiosk.settings.write_text(SETTINGS)
    (kiosk.folder / "centre-keys.toml").unlink()
    (kiosk.folder / ".kiosk.toml.new").write_text("half a fi")
    assert kiosk.provision(code)[0] == 0
    assert load_config(kiosk.settings).kiosk.address == KIOSK
    assert not (kiosk.folder / ".kiosk.toml.new").exists()


# What is no code


@pytest.mark.parametrize(
    "text",
    ["", "GKP1:", "GKP1:$(reboot)", "../../etc/passwd", "GKP1:" + "0" * 100_000, "\x1b[2J\x00", "GK1:ABC", "ü" * 5000],
    ids=["nothing", "prefix", "shell", "path", "long", "control", "pass", "wide"],
)
def test_hostile_content_is_refused_in_one_sentence(kiosk, text):
    before = kiosk.files()
    status, said = kiosk.provision(text)
    assert (status, said.count("\n"), "holds no provisioning code" in said) == (2, 1, True)
    assert len(said) < 300
    assert kiosk.files() == before


def test_a_picture_of_another_code_is_refused(kiosk):
    segno.make("https://example.org/").save(str(kiosk.folder / "other.png"), scale=6)
    status, said = kiosk.run(str(kiosk.folder / "other.png"), "--config", str(kiosk.settings))
    assert (status, "holds no provisioning code" in said) == (2, True)


def test_a_kiosk_with_a_journal_keeps_its_name(kiosk, counter):
    """Its events name their kiosk, and the chain of their hashes with it."""
    (kiosk.folder / "state").mkdir()
    (kiosk.folder / "state" / "journal.db").touch()
    status, said = kiosk.provision(counter.claim())
    assert (status, "this kiosk has been local/main/gate-1" in said) == (2, True)
    assert kiosk.provision(counter.claim("local/main/gate-1"))[0] == 0


def test_without_settings_there_is_nothing_to_provision(kiosk, counter):
    kiosk.settings.unlink()
    assert kiosk.provision(counter.claim())[0] == 2
    assert counter.office.ledger.certificates() == []
