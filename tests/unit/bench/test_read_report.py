import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import segno

from kiosk.bench.read.chart import draw
from kiosk.bench.read.engines import PlainZbar, open_named, present
from kiosk.bench.read.frames import AXES, Frame
from kiosk.bench.read.measure import Score, in_turn, measure_frames
from kiosk.bench.read.payloads import Payload
from kiosk.bench.read.photos import PhotoFigures
from kiosk.bench.read.replay import ClipScore
from kiosk.bench.read.report import (
    AXIS_HEADER,
    CLIP_HEADER,
    SCORE_HEADER,
    ReadFigures,
    as_object,
    axis_rows,
    clip_rows,
    score_rows,
    seed_line,
    targets,
)
from kiosk.vision.codes import Code, Engine, Look, Luma
from kiosk.vision.engines import EngineMissingError

BOX = ((0, 0), (1, 0), (1, 1), (0, 1))


class Fixed:
    """Reads the same in every frame."""

    def __init__(self, *contents: bytes) -> None:
        self.contents = contents

    def look(self, _: Luma) -> Look:
        return Look(tuple(Code(data, data.decode(), "QRCode", BOX) for data in self.contents))


def score(read: int, ms: float = 1.0, empty_ms: float = 1.0, false: int = 0) -> Score:
    made = Score(of=100, read=read, negatives=10, false=false, ms=[ms] * 110, empty_ms=[empty_ms] * 4)
    made.by = {"blur 1": [read // 2, 50], "blur 2": [read // 2, 50]}
    return made


def figures(**changes: object) -> ReadFigures:
    frames = {"cascade": score(66, 2.0, 2.0), "zxing": score(60, 1.5, 1.5), "pyzbar": score(40, 20.0, 20.0)}
    photos = PhotoFigures({name: replace(one, ms=[1.0]) for name, one in frames.items()}, 0, ())
    clips = {"cascade": [ClipScore(1.4, 18, 17, 0, 540.0, (*[540.0] * 17, None), 300)]}
    return replace(ReadFigures(1, ("cascade", "zxing", "pyzbar"), {}, photos, frames, clips), **changes)


def outcome(one: ReadFigures) -> dict[str, bool]:
    return {target.what: target.reached for target in targets(one)}


def test_reads_count_only_with_exactly_these_bytes():
    empty = np.zeros((4, 4), np.uint8)
    code = Payload("pass", b"RIGHT", "M")
    frames = [Frame(empty, code, "blur", 1, "pass"), Frame(empty, None, "empty", 0, "hall")]
    engines = {"good": Fixed(b"RIGHT"), "bad": Fixed(b"WRONG"), "both": Fixed(b"RIGHT", b"WRONG"), "blind": Fixed()}
    scores = measure_frames(frames, 2, list(engines), engines.__getitem__, lambda _: None)
    counts = {name: (one.of, one.read, one.wrong, one.negatives, one.false) for name, one in scores.items()}
    assert counts == {
        "good": (1, 1, 0, 1, 1),
        "bad": (1, 0, 1, 1, 1),
        "both": (1, 1, 1, 1, 1),
        "blind": (1, 0, 0, 1, 0),
    }
    assert all(len(one.ms) == 2 and len(one.empty_ms) == 1 for one in scores.values())


def test_engines_take_turns_in_being_first():
    scores = {name: Score() for name in "abc"}
    assert ["".join(name for name, _ in in_turn(scores, number)) for number in range(4)] == ["abc", "bca", "cab", "abc"]


def test_everything_that_is_to_be_reached_is_judged():
    assert outcome(figures()) == {
        "photographs read, × pyzbar": True,
        "photographs read, × zxing": True,
        "frames read, × pyzbar": True,
        "frames read, × zxing": True,
        "frame, CPU ms p95": True,
        "empty frame, CPU × pyzbar": True,
        "false reads in 20 negatives": True,
        "inexact reads beside 83 exact ones": True,
        "clips read, slowed 1.4": True,
        "time to decode, ms, slowed 1.4": True,
    }


def test_what_is_not_reached_is_said():
    frames = {"cascade": score(55, 13.0, 9.0, false=1), "zxing": score(60), "pyzbar": score(40, 20.0, 20.0)}
    frames["cascade"].wrong = 1
    clips = {"cascade": [ClipScore(1.4, 18, 16, 0, 561.0, (561.0,), 300), ClipScore(2.5, 18, 1, 0, 1.0, (1.0,), 9)]}
    assert set(outcome(figures(photos=None, frames=frames, clips=clips)).values()) == {False}


def test_without_the_cascade_or_the_yardstick_nothing_is_claimed():
    assert outcome(figures(photos=None, frames={"zxing": score(60)}, clips=None)) == {}
    assert outcome(figures(photos=None, frames=None, clips={"zxing": []})) == {}


def test_the_tables_have_as_many_columns_as_heads_and_name_what_is_missing():
    one = figures()
    rows = score_rows(one.frames, {"opencv": "opencv is not installed"})
    assert {len(row) for row in rows} == {len(SCORE_HEADER)}
    assert rows[0][:6] == ("cascade", "66", "100", "66.0", "0", "0 of 10")
    assert rows[-1][:2] == ("opencv", "missing")
    assert {len(row) for row in axis_rows(one.frames)} == {len(AXIS_HEADER)}
    assert axis_rows(one.frames)[0][2] == "66.0"
    assert axis_rows(one.frames)[0][-1] == "0.100"
    assert clip_rows(one.clips) == [("cascade", "1.4", "17", "18", "540", "300", "0")]
    assert len(CLIP_HEADER) == len(clip_rows(one.clips)[0])


def test_the_object_for_machines_holds_everything():
    one = json.loads(json.dumps(as_object(figures(missing={"opencv": "install it"}))))
    assert (one["seed"], one["tuning"], one["missing"]) == (1, False, {"opencv": "install it"})
    cascade = one["frames"]["cascade"]
    assert cascade["cpu_ms"] == {"n": 110, "median": 2.0, "p95": 2.0, "highest": 2.0}
    assert cascade["by"]["blur 1"] == {"read": 33, "of": 50}
    assert cascade["empty_ratio"] == pytest.approx(0.1)
    assert one["photos"]["engines"]["pyzbar"]["read"] == 40
    assert one["clips"]["cascade"][0]["decode_ms"][-1] is None
    assert all(target["reached"] for target in one["targets"])


def test_the_seed_says_what_it_is_for():
    assert "for reporting" in seed_line(1)
    assert "for tuning" in seed_line(2)


def test_an_engine_that_is_not_installed_is_named_and_the_others_go_on():
    def opened(name: str) -> Engine:
        if name == "zxing":
            return Fixed()
        raise EngineMissingError(f"{name} is not installed")

    assert present(("cascade", "zxing"), opened) == (("zxing",), {"cascade": "cascade is not installed"})


def test_the_yardstick_is_pyzbar_as_it_comes_garbled_or_not():
    code = segno.make(b"\xff\xfe\x80", mode="byte", micro=False)
    rows = np.array([list(row) for row in code.matrix_iter(scale=4, border=4)], bool)
    luma = np.where(rows, 0, 255).astype(np.uint8)
    (found,) = open_named("pyzbar").look(luma).codes
    assert isinstance(open_named("pyzbar"), PlainZbar)
    assert found.data != b"\xff\xfe\x80"
    assert open_named("zbar").look(luma).codes == ()


@pytest.mark.parametrize("without", [(), ("photos",), ("photos", "frames"), ("photos", "clips"), ("frames", "clips")])
def test_the_chart_shows_what_was_measured(tmp_path: Path, without: tuple[str, ...]):
    draw(figures(**dict.fromkeys(without)), tmp_path / "chart.svg")
    text = (tmp_path / "chart.svg").read_text()
    assert ("<!-- Photographs read, % -->" in text) is ("photos" not in without)
    assert ("<!-- 17 of 18 read, median 540 ms -->" in text) is ("clips" not in without)
    assert [axis for axis in AXES if f"<!-- {axis} -->" in text] == ([] if "frames" in without else list(AXES))
