"""What the screen says aloud: the tone of each change, the sentences of each page, and a file for everything said."""

import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.api.messages import Page, Snapshot
from kiosk.api.sentences import languages
from ui.choices import Choices
from ui.shots import NOW_NS, PAGES
from ui.sound.speech import Sound, clip, sentences, spoken, spoken_on_request, tone_of
from ui.viewmodel import look

ROOT = Path(__file__).resolve().parents[3]
VI = Choices("vi")


def screen(page, **more):
    return look(Snapshot(page=page, camera="ok", **more), VI, NOW_NS)


IDLE = screen(Page.IDLE)


@pytest.mark.parametrize(
    ("page", "more", "sound"),
    [
        (Page.QR_READ, {"since_ns": NOW_NS}, Sound.READ),
        (Page.ADMITTED, {}, Sound.ADMITTED),
        (Page.REFUSED, {"reasons": ("expired",)}, Sound.REFUSED),
        (Page.REFUSED, {"reasons": ("unsigned_card",), "more": True}, Sound.MORE),
        (Page.STAFF, {}, Sound.STAFF),
        (Page.OUT_OF_ORDER, {}, Sound.CLOSED),
        (Page.LOCKDOWN, {}, None),
        (Page.FIRE, {}, None),
    ],
)
def test_each_answer_has_a_tone_of_its_own(page, more, sound):
    assert tone_of(IDLE, screen(page, **more), fresh=False) is sound


def test_a_page_that_stays_is_heard_once():
    admitted = screen(Page.ADMITTED)
    assert tone_of(admitted, admitted, fresh=False) is None
    assert tone_of(admitted, admitted, fresh=True) is Sound.ADMITTED


def test_a_check_that_takes_longer_is_no_second_reading():
    read, checking = screen(Page.QR_READ, since_ns=NOW_NS), screen(Page.QR_READ, since_ns=1)
    assert checking.page is Page.CHECKING
    assert tone_of(read, checking, fresh=False) is None


def test_a_start_makes_no_sound():
    assert tone_of(None, screen(Page.OUT_OF_ORDER), fresh=False) is None


def test_a_refusal_is_said_with_its_reason_and_what_to_do():
    said = spoken(screen(Page.REFUSED, reasons=("expired",), next_step="renew"))
    assert said[:2] == ("Bạn chưa vào được", "Mã này đã hết hạn")
    assert len(said) == 3
    asked = spoken_on_request(screen(Page.REFUSED, reasons=("expired",)))
    assert asked[-5:] == (
        "Bạn có thể chạm vào, ở cuối màn hình:", IDLE.footer.language, "Tôi cần giúp đỡ", "Cỡ chữ", "Tương phản"
    )  # fmt: skip


@pytest.mark.parametrize("language", languages())
def test_everything_that_a_page_says_is_rendered(language):
    known = set(sentences(language))
    for snapshot in PAGES.values():
        assert set(spoken(look(snapshot, Choices(language), NOW_NS))) <= known
    assert not [text for text in known if "{" in text]


def test_another_wording_is_another_file(tmp_path):
    one = clip(tmp_path, "vi", "Mời vào")
    assert one.parent == tmp_path / "vi"
    assert one == clip(tmp_path, "vi", "Mời vào")
    assert one != clip(tmp_path, "vi", "Mời ra")


def test_the_tones_in_the_repository_are_what_the_script_makes(tmp_path):
    subprocess.run([sys.executable, ROOT / "scripts" / "earcons", tmp_path], check=True)
    kept = {path.name: path.read_bytes() for path in (ROOT / "ui" / "assets" / "sounds").iterdir()}
    assert kept == {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert {Path(name).stem for name in kept} == set(Sound)
