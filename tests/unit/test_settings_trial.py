"""Settings from the centre: tried at a start, kept where it lasts, set aside where it does not."""

import pytest

from kiosk.adapters.documents import Centre
from kiosk.adapters.settings_trial import SettingsTrial, SettingsUse, lay_out
from kiosk.adapters.trial import TRIES
from kiosk.adapters.trust_memory import write_whole
from kiosk.config import ConfigError, load_config, load_own
from kiosk.domain.document import DocumentKind
from kiosk.testing.centre_documents import KEYS, KIOSK, NOW, OWN_SETTINGS, document, signed


def offer(version, pulse_ms):
    return signed(document(DocumentKind.SETTINGS, version, b"[gate]\npulse_ms = %d\n" % pulse_ms))


class Kiosk:
    """A kiosk that is started again and again."""

    def __init__(self, folder):
        self.path, self.full, self.keys, self.longest = folder / "kiosk.toml", False, KEYS, 30_000
        self.path.write_text(OWN_SETTINGS)
        for name in ("state", "run"):
            (folder / name).mkdir()
        self.start()

    def start(self):
        """Start the gate process; return the pulse that it goes by."""
        own = load_own(self.path)
        self.trial = SettingsTrial(
            own.paths.state / "documents", SettingsUse(self.path, self.fits),
            Centre(KIOSK, lambda: self.keys, lambda: NOW), self.write,
        )  # fmt: skip
        lay_out(self.trial.begin(), own.paths)
        return load_config(self.path).gate.pulse_ms

    def fits(self, config):
        if config.gate.pulse_ms > self.longest:
            raise ConfigError("the board file does not allow that")

    def write(self, path, data):
        if self.full:
            raise OSError(28, "No space left on device")
        write_whole(path, data)

    def take(self, data):
        answer = self.trial.take(data)
        return answer.outcome if not answer.code else answer.code


@pytest.fixture
def kiosk(tmp_path):
    return Kiosk(tmp_path)


def test_they_wait_for_a_start_are_tried_and_then_in_force(kiosk, tmp_path):
    assert kiosk.take(offer(1, 4000)) == "pending"
    assert kiosk.trial.restart_due
    assert kiosk.take(offer(1, 4000)) == "pending", "asked again, and nothing else happens"
    assert load_config(kiosk.path).gate.pulse_ms == 3000

    assert kiosk.start() == 4000
    assert (kiosk.take(offer(1, 4000)), kiosk.trial.restart_due) == ("pending", False)
    found = kiosk.trial.confirm()
    assert (found.document.version, found.by) == (1, "office")
    assert [kiosk.take(offer(1, 4000)) for _ in range(2)] == ["taken", "known"]
    assert kiosk.trial.confirm() is None

    assert kiosk.start() == 4000
    assert (kiosk.trial.trying, kiosk.take(offer(1, 4000))) == (None, "known")
    assert (tmp_path / "run" / "settings.toml").read_bytes() == b"[gate]\npulse_ms = 4000\n", "for the other processes"


def test_what_no_start_survives_is_set_aside_and_said(kiosk):
    kiosk.take(offer(1, 4000))
    kiosk.start()
    kiosk.trial.confirm()
    assert kiosk.take(offer(2, 5000)) == "pending"
    assert [kiosk.start() for _ in range(TRIES)] == [5000] * TRIES, "none of these lasted"
    assert kiosk.start() == 4000, "what was confirmed before"
    assert kiosk.trial.was_rejected
    assert kiosk.take(offer(2, 5000)) == "not_in_force"
    assert (kiosk.trial.restart_due, kiosk.start(), kiosk.trial.was_rejected) == (False, 4000, False)
    assert kiosk.take(offer(2, 5000)) == "not_in_force", "the retained document does not begin it all again"
    assert kiosk.take(offer(1, 4000)) == "known"
    assert kiosk.take(offer(3, 2500)) == "pending"
    assert kiosk.start() == 2500


def test_the_first_ones_that_fail_leave_the_kiosks_own(kiosk, tmp_path):
    kiosk.take(offer(1, 4000))
    for _ in range(TRIES):
        kiosk.start()
    assert kiosk.start() == 3000
    assert not (tmp_path / "state" / "settings.toml").exists()
    assert not (tmp_path / "run" / "settings.toml").exists()
    assert kiosk.take(offer(1, 4000)) == "not_in_force"


def test_newer_ones_that_come_while_others_are_tried_go_back_to_what_was_confirmed(kiosk):
    kiosk.take(offer(1, 4000))
    kiosk.start()
    kiosk.trial.confirm()
    kiosk.take(offer(2, 5000))
    kiosk.start()  # tried, and not confirmed when the next ones come
    assert kiosk.take(offer(3, 6000)) == "pending"
    assert kiosk.take(offer(2, 5000)) == "pending", "it still is what this process tries"
    assert [kiosk.start() for _ in range(TRIES)] == [6000] * TRIES
    assert kiosk.start() == 4000


def test_ones_that_no_longer_fit_are_set_aside_without_a_try(kiosk):
    kiosk.take(offer(1, 4000))
    kiosk.longest = 3500  # somebody has changed the board file meanwhile
    assert kiosk.start() == 3000
    assert kiosk.trial.was_rejected


@pytest.mark.parametrize(("said", "code"), [
    (b'[gate]\npins = "lgpio"\n', "not_permitted"), (b'[trust]\naccept_stale_DANGEROUS = ["x"]\n', "not_permitted"),
    (b"[centre]\nremote_opening = true\n", "not_permitted"),
    (b"[gate]\npulse_ms = 1\n", "invalid"), (b"[gate]\npuls = 3000\n", "invalid"), (b"\xff", "invalid"),
    (b"[gate]\npulse_ms = 30000\n", "invalid"),
])  # fmt: skip
def test_what_must_not_come_from_the_centre_never_gets_near_a_start(kiosk, said, code):
    kiosk.longest = 20_000
    assert kiosk.take(signed(document(DocumentKind.SETTINGS, 1, said))) == code
    assert (kiosk.trial.restart_due, kiosk.start()) == (False, 3000)


def test_on_a_full_disk_nothing_is_tried_and_nothing_lost(kiosk):
    kiosk.take(offer(1, 4000))
    kiosk.full = True
    own = load_own(kiosk.path)
    kiosk.trial = SettingsTrial(
        own.paths.state / "documents", SettingsUse(kiosk.path, kiosk.fits),
        Centre(KIOSK, lambda: KEYS, lambda: NOW), kiosk.write,
    )  # fmt: skip
    assert kiosk.trial.begin() is None, "a try that cannot be counted might have no end"
    assert "cannot be tried" in kiosk.trial.problem
    kiosk.full = False
    assert kiosk.start() == 4000
    kiosk.full = True
    assert kiosk.trial.confirm() is None
    kiosk.full = False
    assert kiosk.trial.confirm() is not None


def test_with_the_key_that_signed_them_they_are_gone(kiosk):
    kiosk.take(offer(1, 4000))
    kiosk.start()
    kiosk.trial.confirm()
    kiosk.keys = {}
    assert kiosk.start() == 3000
    assert "not in force" in kiosk.trial.problem


@pytest.mark.parametrize("damage", [b"", b"\xff", b"[]", b"{}", b'{"starts": "x"}', b'{"confirmed": 3}', b'{"a": 1}'])
def test_a_damaged_note_means_that_they_are_tried_anew(kiosk, tmp_path, damage):
    kiosk.take(offer(1, 4000))
    kiosk.start()
    kiosk.trial.confirm()
    (tmp_path / "state" / "documents" / "settings.json").write_bytes(damage)
    assert kiosk.start() == 4000
    assert kiosk.trial.trying is not None
