import json
import sys
from pathlib import Path

import cv2
import pytest

from kiosk.bench.read.show import save_pictures
from kiosk.cli import main


def run(capsys: pytest.CaptureFixture, *words: str) -> tuple[int, str, str]:
    status = main(["bench", "read", *words])
    out, err = capsys.readouterr()
    return status, out, err


def test_a_small_run_gives_one_object(capsys):
    status, out, err = run(capsys, "--frames", "36", "--only", "frames", "--json", "--engines", "cascade,zxing,pyzbar")
    one = json.loads(out)
    assert (status, one["seed"], one["tuning"], one["engines"]) == (0, 1, False, ["cascade", "zxing", "pyzbar"])
    assert (one["photos"], one["clips"]) == (None, None)
    for score in one["frames"].values():
        assert (score["of"], score["negatives"], score["false"]) == (36, 6, 0)
        assert 5 <= score["read"] <= 31
        assert len(score["by"]) == 36
        assert score["cpu_ms"]["n"] == 42
    assert "frame 0 of 42" in err
    assert {target["what"] for target in one["targets"]} >= {"frames read, × pyzbar", "empty frame, CPU × pyzbar"}


def test_people_get_tables_and_what_is_to_be_reached(capsys, tmp_path: Path):
    chart = tmp_path / "chart.png"
    status, out, _ = run(
        capsys, "--only", "clips", "--clips", "1", "--slow", "1.4", "--engines", "cascade", "--chart", str(chart)
    )
    assert status == 0
    assert "for reporting" in out
    assert "clips read, slowed 1.4" in out
    assert cv2.imread(str(chart)).shape[1] == 1540


def test_a_damaged_picture_is_named_and_the_rest_is_measured(capsys, tmp_path: Path):
    (tmp_path / "1.png").write_bytes(b"no picture")
    (tmp_path / "1.txt").write_bytes(b"label")
    status, out, err = run(capsys, str(tmp_path), "--only", "photos", "--engines", "zxing")
    assert status == 2
    assert "1 unreadable" in out
    assert str(tmp_path / "1.png") in err


def test_without_matplotlib_one_sentence_says_what_to_install(capsys, tmp_path: Path, monkeypatch):
    monkeypatch.setitem(sys.modules, "kiosk.bench.read.chart", None)
    status, out, err = run(capsys, "--only", "frames", "--frames", "1", "--chart", str(tmp_path / "chart.png"))
    assert (status, out, err.count("\n")) == (3, "", 1)
    assert "matplotlib" in err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--engines", "zxing,nobody"), "no engine 'nobody'"),
        (("--frames", "0"), "--frames"),
        (("--clips", "0"), "--clips"),
        (("--seed", "-1"), "--seed"),
        (("--slow", "0"), "--slow"),
        (("--only", "photos"), "needs a folder"),
        (("--only", "clips", "folder"), "no photographs"),
        (("nowhere",), "'nowhere' is no folder"),
        (("--chart", "chart.pdf"), "chart.pdf"),
        (("--chart", "nowhere/chart.png"), "nowhere"),
    ],
)
def test_wrong_usage_is_one_sentence(capsys, words: tuple[str, ...], says: str):
    status, out, err = run(capsys, *words)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert says in err


def test_what_belongs_to_the_path_is_refused(capsys):
    assert main(["bench", "--visits", "3", "read"]) == 2
    assert "--visits" in capsys.readouterr().err


def test_frames_can_be_looked_at(tmp_path: Path):
    count = save_pictures(tmp_path / "frames", 2, rounds=1)
    names = {path.name for path in (tmp_path / "frames").iterdir()}
    assert count == len(names) == 42 + 36
    assert {"frame-000-distance-1.png", "frame-036-empty.png", "clip-1-blur-at-13.png"} <= names
