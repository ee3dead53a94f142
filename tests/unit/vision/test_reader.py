import numpy as np
import pytest

from kiosk.config import ReadingSection
from kiosk.testing.codes import ScriptedEngine, code, drawn, in_frame, label, parts
from kiosk.vision.cascade import Cascade
from kiosk.vision.codes import Look, Part
from kiosk.vision.engines.zxing import ZxingEngine
from kiosk.vision.hints import Advice
from kiosk.vision.labels import LiveLabels
from kiosk.vision.reader import Reader, open_door_engine, open_reader

MS = 1_000_000
GREY = np.full((72, 128), 110, np.uint8)


def test_a_message_in_three_symbols_is_put_together_while_they_are_shown_one_after_the_other():
    reader, text = Reader(Cascade()), "Nguyễn Thị Ánh, Trần Văn Dũng, Lê Thị Hồng Nhung. " * 12
    shown = [reader.read(in_frame(luma), at * 500 * MS) for at, luma in enumerate(parts(text, 3))]
    assert [[found.text for found in reading.codes] for reading in shown] == [[], [], [text]]
    assert [reading.seen for reading in shown] == [True, True, True]
    assert [reading.advice for reading in shown] == [
        Advice("next_part", 1, 3),
        Advice("next_part", 2, 3),
        Advice(),
    ]


PART = Look((code(b"A", Part(0, 2, 0)),))


def test_whoever_puts_a_part_away_is_not_asked_for_the_next_for_long():
    reader = Reader(ScriptedEngine([PART, Look()]))
    assert reader.read(GREY, 1).advice.hint == "next_part"
    assert reader.read(GREY, 2_900 * MS).advice.hint == "next_part"
    assert reader.read(GREY, 3_100 * MS).advice == Advice()


def test_a_part_that_hangs_on_a_wall_asks_nobody():
    reader = Reader(ScriptedEngine([PART]))
    said = [reader.read(GREY, at * 1000 * MS).advice.hint for at in range(1, 12)]
    assert said[0] == "next_part"
    assert said[-2:] == ["", ""]


def test_a_whole_code_ends_the_question_for_the_next_part():
    reader = Reader(ScriptedEngine([PART, Look((*PART.codes, code(b"WHOLE"))), Look()]))
    reader.read(GREY, 1)
    assert reader.read(GREY, 2).advice == Advice()


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        ({}, Cascade),
        ({"second_opinion": "none"}, Cascade),
        ({"second_opinion": "zbar"}, Cascade),
        ({"engine": "zxing"}, ZxingEngine),
    ],
)
def test_the_engine_is_the_one_of_the_settings(settings: dict[str, str], kind: type):
    engine = open_door_engine(ReadingSection(**settings))
    assert isinstance(engine, kind)
    assert [found.text for found in engine.look(in_frame(drawn("SETTINGS"))).codes] == ["SETTINGS"]
    engine.close()


def test_labels_are_read_beside_qr_codes_only_where_the_settings_ask_for_them():
    frame = in_frame(drawn("SETTINGS"), label("NCOV-2108-000123"))
    asked = {"symbologies": ("qr", "code128"), "second_opinion": "none"}
    reader = open_reader(ReadingSection(**asked))
    assert [found.text for found in reader.read(frame, 0).codes] == ["SETTINGS"], "one look at a label is not enough"
    later = reader.read(frame, 100 * MS).codes
    assert [(found.text, found.symbology) for found in later] == [
        ("SETTINGS", "QRCode"), ("NCOV-2108-000123", "Code128"),
    ]  # fmt: skip
    plain = open_reader(ReadingSection(second_opinion="none"))
    for at in range(3):
        assert [found.text for found in plain.read(frame, at * 100 * MS).codes] == ["SETTINGS"]


def test_a_label_alone_is_something_that_was_seen():
    reader = Reader(ScriptedEngine([Look()]), LiveLabels())
    frame = in_frame(label("NCOV-2108-000123"))
    assert [reader.read(frame, at * 100 * MS).seen for at in range(3)] == [False, True, True]


def test_closing_the_reader_closes_the_engine():
    engine = ScriptedEngine([Look()])
    Reader(engine).close()
    assert engine.closed
