"""Settings made at the touchscreen: tried at a start, kept where it lasts, given up where it does not, and undone."""

import pytest

from kiosk.adapters.touchscreen_settings import KEPT, TouchscreenSettings
from kiosk.adapters.trial import TRIES


class Kiosk:
    """A kiosk that is started again and again."""

    def __init__(self, folder):
        self.folder, self.unfit = folder, b""
        self.start()

    def start(self):
        self.settings = TouchscreenSettings(self.folder / "touchscreen", lambda content: content != self.unfit)
        return self.settings.begin()

    def start_and_last(self):
        content = self.start()
        self.settings.confirm()
        return content


@pytest.fixture
def kiosk(tmp_path):
    kiosk = Kiosk(tmp_path)
    kiosk.unfit = b"unfit"
    return kiosk


def test_a_kiosk_at_which_nothing_was_set_has_none(kiosk):
    assert (kiosk.start(), kiosk.settings.newest(), kiosk.settings.can_undo) == (None, b"", False)
    assert kiosk.settings.before() is None


def test_what_is_set_waits_for_a_start_is_tried_and_then_in_force(kiosk):
    kiosk.settings.put(b"one")
    assert (kiosk.settings.restart_due, kiosk.settings.newest()) == (True, b"one")
    assert (kiosk.start(), kiosk.settings.is_trying, kiosk.settings.restart_due) == (b"one", True, False)
    assert [kiosk.settings.confirm() for _ in range(2)] == [True, False]
    assert (kiosk.start(), kiosk.settings.is_trying) == (b"one", False)


def test_what_no_start_survives_is_given_up_and_said_once(kiosk):
    kiosk.settings.put(b"good")
    kiosk.start_and_last()
    kiosk.settings.put(b"bad")
    assert [kiosk.start() for _ in range(TRIES)] == [b"bad"] * TRIES, "none of these lasted"
    assert (kiosk.start(), kiosk.settings.was_rejected) == (b"good", True)
    assert (kiosk.start_and_last(), kiosk.settings.was_rejected) == (b"good", False)


def test_what_does_not_fit_any_more_is_given_up_without_a_try(kiosk):
    kiosk.settings.put(b"good")
    kiosk.start_and_last()
    kiosk.settings.put(b"unfit")
    assert kiosk.start() == b"good"


def test_a_version_that_the_disk_has_damaged_is_passed_over(kiosk, tmp_path):
    kiosk.settings.put(b"good")
    kiosk.start_and_last()
    kiosk.settings.put(b"newer")
    kiosk.unfit = b"damaged"
    newest = max((tmp_path / "touchscreen").glob("*.toml"))
    newest.unlink()
    newest.mkdir()
    assert kiosk.start() == b"good"


def test_a_change_can_be_undone_back_to_the_kiosks_own(kiosk):
    kiosk.settings.put(b"one")
    kiosk.start_and_last()
    kiosk.settings.put(b"two")
    assert kiosk.settings.before() == b"one"
    kiosk.settings.undo()
    assert (kiosk.settings.newest(), kiosk.settings.restart_due) == (b"one", False), "nothing has come into force yet"
    kiosk.settings.undo()
    assert (kiosk.start_and_last(), kiosk.settings.can_undo) == (b"", False)
    kiosk.settings.undo()
    assert kiosk.settings.newest() == b"", "there is nothing before it"


def test_the_last_ten_changes_can_be_undone(kiosk, tmp_path):
    for number in range(1, 31):
        kiosk.settings.put(b"%d" % number)
    undone = 0
    while kiosk.settings.can_undo:
        kiosk.settings.undo()
        undone += 1
    assert (undone, kiosk.settings.newest()) == (KEPT, b"20")
    assert len(list((tmp_path / "touchscreen").iterdir())) == 1


def test_settings_whose_trial_cannot_be_noted_are_not_tried(kiosk, tmp_path):
    kiosk.settings.put(b"one")

    def full(_path, _data):
        raise OSError(28, "No space left on device")

    settings = TouchscreenSettings(tmp_path / "touchscreen", lambda _: True, full)
    assert settings.begin() is None
    with pytest.raises(OSError, match="No space"):
        settings.put(b"two")
    assert settings.newest() == b"one"
