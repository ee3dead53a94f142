from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.board_file import load_board
from kiosk.config import ConfigError, load_config
from kiosk.domain.credential import Credential, Format, Kind, TrustBasis, Verified
from kiosk.domain.decision import Deny
from kiosk.domain.events import ClockConfidence
from kiosk.domain.policy import AdmitRule, weigh
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Situation
from kiosk.policy_file import load_policy

MINIMUM = """
[kiosk]
id = "gate-1"
[paths]
policy = "policy.toml"
trust = "/etc/kiosk/trust"
[gate]
board = "boards/pi5.toml"
pins = "mock"
"""


@pytest.fixture
def write(tmp_path):
    def file(content, name="kiosk.toml"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return file


@pytest.fixture
def refusal(write):
    """Return a function that gives the sentence with which a file is refused, without the file's name."""

    def text(content, load=load_config):
        path = write(content)
        with pytest.raises(ConfigError) as caught:
            load(path)
        said = str(caught.value)
        assert said.startswith(f"{path}: ")
        assert "\n" not in said
        return said.removeprefix(f"{path}: ")

    return text


def test_the_least_that_a_kiosk_needs(write):
    config = load_config(write(MINIMUM))
    assert (config.kiosk.id, config.kiosk.tenant, config.gate.pulse_ms) == ("gate-1", "local", 3000)
    assert config.mqtt is None
    assert config.privacy.authority_key is None
    assert config.monitor is False


def test_relative_paths_start_at_the_file(write, tmp_path):
    config = load_config(write(MINIMUM + 'pin_log = "pins.txt"\n[camera]\nscene = "scene.toml"\n'))
    assert config.paths.policy == tmp_path / "policy.toml"
    assert config.gate.board == tmp_path / "boards/pi5.toml"
    assert config.gate.pin_log == tmp_path / "pins.txt"
    assert config.camera.scene == tmp_path / "scene.toml"
    assert config.paths.trust == Path("/etc/kiosk/trust")
    assert config.paths.state == Path("/var/lib/kiosk")


def test_relative_paths_start_at_the_file_wherever_one_stands(write, tmp_path):
    write(MINIMUM)
    (tmp_path / "inside").mkdir()
    config = load_config(tmp_path / "inside" / ".." / "kiosk.toml")
    assert config.paths.policy == tmp_path / "policy.toml"


@pytest.mark.parametrize(
    ("added", "key", "meant"),
    [
        ("pulse = 5\n", "gate.pulse", "pulse_ms"),
        ("Pins = 5\n", "gate.Pins", "pins"),
        ("[camra]\n", "camra", "camera"),
        ("[mqtt]\nhosts = 'x'\n", "mqtt.hosts", "host"),
        ("[privacy]\nauthority = 'x'\n", "privacy.authority", "authority_key"),
    ],
)
def test_an_unknown_key_is_an_error_that_says_what_was_meant(refusal, added, key, meant):
    assert refusal(MINIMUM + added) == f"unknown key '{key}'; did you mean '{meant}'?"


def test_an_exposure_range_is_two_times_the_shorter_first(write, refusal):
    config = load_config(write(MINIMUM + "[camera]\nexposure_ms = [1, 4.5]\n"))
    assert config.camera.exposure_ms == (1.0, 4.5)
    assert "the first is longer than the second" in refusal(MINIMUM + "[camera]\nexposure_ms = [8, 2]\n")
    assert "camera.exposure_ms.1" in refusal(MINIMUM + "[camera]\nexposure_ms = [8, 2000]\n")


def test_a_key_like_no_other_is_just_unknown(refusal):
    assert refusal(MINIMUM + "[zzzzzzzz]\n") == "unknown key 'zzzzzzzz'"


@pytest.mark.parametrize(
    ("line", "key"),
    [('id = "gate-1"', "kiosk.id"), ('policy = "policy.toml"', "paths.policy"), ('pins = "mock"', "gate.pins"),
     ('[kiosk]\nid = "gate-1"\n', "kiosk")],
)  # fmt: skip
def test_a_missing_key_is_named(refusal, line, key):
    assert refusal(MINIMUM.replace(line, "")) == f"the key '{key}' is missing"


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('id = "gate-1"', "id = 5", "kiosk.id"),
        ('id = "gate-1"', 'id = "Gate 1"', "kiosk.id"),
        ('id = "gate-1"', 'id = "gate/1"', "kiosk.id"),
        ('id = "gate-1"', 'id = "gate-1\\n"', "kiosk.id"),
        ('id = "gate-1"', 'id = ""', "kiosk.id"),
        ('id = "gate-1"', 'id = "#"', "kiosk.id"),
        ('pins = "mock"', 'pins = "auto"', "gate.pins"),
        ('pins = "mock"', 'pins = "mock"\npulse_ms = "long"', "gate.pulse_ms"),
        ('pins = "mock"', 'pins = "mock"\npulse_ms = 30001', "gate.pulse_ms"),
        ('pins = "mock"', 'pins = "mock"\npulse_ms = 0', "gate.pulse_ms"),
        ('pins = "mock"', 'pins = "mock"\n[trust]\nmax_age_days = 0', "trust.max_age_days"),
        ('pins = "mock"', 'pins = "mock"\n[screen]\nlanguage = "xx"', "screen.language"),
        ('pins = "mock"', 'pins = "mock"\n[mqtt]\nport = 70000', "mqtt.port"),
        ('policy = "policy.toml"', "policy = 5", "paths.policy"),
        ('[kiosk]\nid = "gate-1"\n', 'kiosk = "gate-1"\n', "kiosk"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named(refusal, old, new, key):
    assert refusal(MINIMUM.replace(old, new)).startswith(f"'{key}': ")


@pytest.mark.parametrize(
    "content", [b"\xff\xfe", "kiosk = ", "[kiosk", "[kiosk]\n[kiosk]\n", b"\0", "a = 1\na = 2\n"], ids=repr
)
def test_what_is_no_settings_file_is_refused(refusal, content):
    assert refusal(content)


def test_a_file_that_nests_without_end_is_refused(refusal):
    assert refusal("a = " + "[" * 5000)


def test_a_file_beyond_1_mb_is_not_read_as_settings(refusal, write):
    assert refusal(MINIMUM + "#" * (1 << 20))
    room = (1 << 20) - len(MINIMUM.encode())
    assert load_config(write(MINIMUM + "#" * room)).kiosk.id == "gate-1"


@pytest.mark.parametrize("name", ["missing.toml", "."])
def test_a_file_that_cannot_be_read_is_named(tmp_path, name):
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path / name)


# boards


def test_a_board(write):
    board = load_board(write('name = "Pi 5"\n[relay]\npin = 17\nactive_high = false\n'))
    relay = board.relay
    assert (board.name, relay.pin, relay.active_high, relay.max_pulse_ms) == ("Pi 5", 17, False, 10_000)


@pytest.mark.parametrize("pin", ["28", "-1", "'GPIO17'"])
def test_a_pin_that_the_header_lacks_is_refused(refusal, pin):
    assert refusal(f"name = 'x'\n[relay]\npin = {pin}\n", load_board).startswith("'relay.pin': ")


# policies

NOW = datetime(2026, 7, 5, 9, tzinfo=UTC)


def test_an_empty_policy_loads_and_denies(write):
    policy = load_policy(write('version = "1"\n'))
    assert policy.admit == ()
    guest = Credential(Format.PASS, Kind.VISIT, "Hotel A", details={"zone": "*"})
    found = Verified(guest, "00", TrustBasis("1", 0))
    decision, _ = weigh(policy, [found], Situation(NOW, ClockConfidence.SYNCED))
    assert decision == Deny((Reason.POLICY_EMPTY,), call_staff=True)


def test_a_policy(write):
    policy = load_policy(
        write("""
        version = "house-3"
        zone = "lobby"
        when_unsure = "deny"
        [[admit]]
        name = "guests"
        kinds = ["visit", "staff"]
        issuers = ["Hotel A"]
        [[admit]]
        name = "vaccinated"
        kinds = ["vaccination"]
        min_doses = 2
        min_age_days = 14
        max_age_days = 270
        [[admit]]
        name = "tested"
        kinds = ["test"]
        max_age_hours = 48
        identity_card = true
        """)
    )
    assert (policy.version, policy.zone, policy.staff_when_unsure) == ("house-3", "lobby", False)
    assert policy.admit == (
        AdmitRule("guests", frozenset({Kind.VISIT, Kind.STAFF}), frozenset({"Hotel A"})),
        AdmitRule("vaccinated", frozenset({Kind.VACCINATION}), min_doses=2, min_age_hours=336, max_age_hours=6480),
        AdmitRule("tested", frozenset({Kind.TEST}), max_age_hours=48, identity_card=True),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the key 'version' is missing"),
        ('version = "1"\nadmits = []\n', "unknown key 'admits'; did you mean 'admit'?"),
        ('version = "1"\n[[admit]]\nname = "x"\n', "the key 'admit.0.kinds' is missing"),
        ('version = "1"\n[[admit]]\nname = "x"\nkinds = ["visit"]\nissuer = ["A"]\n',
         "unknown key 'admit.0.issuer'; did you mean 'issuers'?"),
        ('version = "1"\n[[admit]]\nname = "x"\nkinds = "visit"\n',
         """'admit.0.kinds': input should be a list, ["like", "this"]"""),
    ],
)  # fmt: skip
def test_a_policy_with_a_slip_is_refused(refusal, text, said):
    assert refusal(text, load_policy) == said


@pytest.mark.parametrize(
    ("rule", "key"),
    [("kinds = []", "admit.0.kinds"), ('kinds = ["everybody"]', "admit.0.kinds.0"),
     ('kinds = ["test"]\nmax_age_hours = 0', "admit.0.max_age_hours"),
     ('kinds = ["vaccination"]\nmin_doses = -1', "admit.0.min_doses")],
)  # fmt: skip
def test_a_rule_that_makes_no_sense_is_refused(refusal, rule, key):
    assert refusal(f'version = "1"\n[[admit]]\nname = "x"\n{rule}\n', load_policy).startswith(f"'{key}': ")


def test_two_ages_of_which_one_would_be_ignored_are_refused(tmp_path):
    (tmp_path / "p.toml").write_text(
        'version = "1"\n[[admit]]\nname = "a"\nkinds = ["test"]\nmax_age_days = 1\nmax_age_hours = 12\n'
    )
    with pytest.raises(ConfigError, match="not both"):
        load_policy(tmp_path / "p.toml")


def test_a_misspelt_key_that_has_to_be_there_is_answered_with_the_right_one(tmp_path):
    (tmp_path / "p.toml").write_text('versoin = "1"\n')
    with pytest.raises(ConfigError, match="did you mean 'version'"):
        load_policy(tmp_path / "p.toml")


def test_a_line_whose_receipts_nobody_could_check_is_refused(tmp_path):
    text = '[kiosk]\nid = "k"\n[paths]\npolicy = "p"\ntrust = "t"\n[gate]\nboard = "b"\npins = "mock"\n[mqtt]\n'
    (tmp_path / "k.toml").write_text(text)
    with pytest.raises(ConfigError, match=r"k\.toml: \[mqtt\] needs \[centre\] keys"):
        load_config(tmp_path / "k.toml")


def test_plain_text_is_for_a_broker_on_this_machine_only(tmp_path):
    text = '[kiosk]\nid = "k"\n[paths]\npolicy = "p"\ntrust = "t"\n[gate]\nboard = "b"\npins = "mock"\n'
    text += '[centre]\nkeys = "keys.toml"\n[mqtt]\ntls = false\n'
    (tmp_path / "k.toml").write_text(text)
    assert load_config(tmp_path / "k.toml").mqtt.host == "127.0.0.1"
    (tmp_path / "k.toml").write_text(text + 'host = "broker.example"\n')
    with pytest.raises(ConfigError, match="tls = false"):
        load_config(tmp_path / "k.toml")


# scanners

SERIAL = '[[scanner]]\nname = "desk"\nkind = "serial"\ndevice = "/dev/ttyACM0"\n'
KEYBOARD = '[[scanner]]\nname = "ramp"\nkind = "keyboard"\ndevice = "/dev/input/by-id/usb-Honeywell*-event-kbd"\n'


@pytest.mark.parametrize("section", ["[reading]\n", SERIAL + 'prefix = "aim"\n'])
def test_labels_are_read_where_that_is_asked_for(write, section):
    def symbologies(content):
        config = load_config(write(MINIMUM + content))
        return config.scanner[0].symbologies if config.scanner else config.reading.symbologies

    assert symbologies(section) == ("qr",)
    assert symbologies(section + 'symbologies = ["qr", "code128"]\n') == ("qr", "code128")


@pytest.mark.parametrize("value", ["[]", '["code128"]', '["qr", "ean13"]', '["qr", "unknown"]', '["qr", "qr"]', '"qr"'])
def test_no_other_kinds_of_code_can_be_asked_for(refusal, value):
    assert refusal(f"{MINIMUM}[reading]\nsymbologies = {value}\n").startswith("'reading.symbologies")


def test_without_scanners_there_are_none(write):
    assert load_config(write(MINIMUM)).scanner == ()


def test_two_scanners(write):
    desk, ramp = load_config(write(MINIMUM + SERIAL + 'suffix = "none"\ngap_ms = 60\n' + KEYBOARD)).scanner
    assert (desk.name, desk.baud, desk.prefix, desk.suffix, desk.gap_ms) == ("desk", 115200, "none", "none", 60)
    assert (ramp.device, ramp.layout, ramp.suffix) == (KEYBOARD.split('"')[5], "us", "enter")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SERIAL.replace("desk", "camera"), "'camera'"),
        (SERIAL.replace("desk", "Desk"), "'scanner.0.name': "),
        (SERIAL.replace("/dev/ttyACM0", "ttyACM0"), "'scanner.0.device': "),
        (SERIAL.replace("ttyACM0", "tty ACM0"), "'scanner.0.device': "),
        (SERIAL.replace('"/dev/ttyACM0"', "'/dev/x\"y'"), "'scanner.0.device': "),
        (SERIAL.replace("serial", "usb"), "'scanner.0.kind': "),
        (SERIAL + 'symbologies = ["qr", "code128"]\n', "'scanner.0': value error, code128 needs prefix"),
        (SERIAL + 'prefix = "aim"\nsymbologies = ["code128"]\n', "'scanner.0.symbologies': "),
        (SERIAL + "baud = 110\n", "'scanner.0.baud': "),
        (SERIAL + 'layout = "us"\n', "'layout' is not for"),
        (SERIAL + "gap_ms = 80\n", "'gap_ms' is for"),
        (SERIAL + 'suffix = "none"\ngap_ms = 5\n', "'scanner.0.gap_ms': "),
        (SERIAL + 'sufix = "none"\n', "did you mean 'suffix'?"),
        (KEYBOARD + "baud = 9600\n", "'baud' is not for"),
        (KEYBOARD + 'suffix = "none"\n', "leave suffix as 'enter'"),
        (KEYBOARD + 'layout = "fr"\n', "'scanner.0.layout': "),
        (SERIAL + SERIAL.replace("ACM0", "ACM1"), "the same name"),
        (SERIAL + SERIAL.replace("desk", "ramp"), "the same device"),
        ("[scanner]\nname = 'desk'\n", "'scanner': "),
        ("".join(SERIAL.replace("desk", f"s{n}").replace("ACM0", f"ACM{n}") for n in range(9)), "'scanner': "),
    ],
)
def test_a_scanner_with_a_slip_is_refused(refusal, text, said):
    assert said in refusal(MINIMUM + text)


@pytest.mark.parametrize(("content", "says"), [
    (MINIMUM + ".".join(["a"] * 400_000) + " = 1", "points"),
    (MINIMUM + "[camera]\nfps = " + "9" * 5000, "a number in it is too long"),
    (MINIMUM + "[camera]\n" + "k" * 500_000 + " = 1", "unknown key 'camera.kkk"),
    (MINIMUM + "x = " + "[" * 100_000, "nested too deep"),
])  # fmt: skip
def test_what_would_take_the_machine_is_refused_in_a_short_sentence(refusal, content, says):
    said = refusal(content)
    assert says in said
    assert len(said) < 250
