import base64
import json
from pathlib import Path

import pytest

from kiosk.vision.sources.scene import Item, SceneError, load_scene, parse_scene

SCENE = """
start_ns = 5000
[[items]]
payload_b64 = "SEMxOg=="
medium = "paper"
at_s = 4
hold_s = 1.5
x = 0.3
approach = false
seed = 7
[[items]]
text = "Nguyễn"
at_s = 1
[[items]]
kind = "noise"
at_s = 9
"""


def test_a_scene_is_read_in_the_order_of_its_times(tmp_path: Path):
    path = tmp_path / "scene.toml"
    path.write_text(SCENE)
    scene = load_scene(path)
    assert scene.start_ns == 5000
    assert scene.items == (
        Item("Nguyễn".encode(), "phone", 1, 3, 0.5, approach=True, seed=0),
        Item(b"HC1:", "paper", 4, 1.5, 0.3, approach=False, seed=7),
        Item(None, "phone", 9, 3, 0.5, approach=True, seed=0),
    )


def test_a_scene_may_be_json(tmp_path: Path):
    path = tmp_path / "scene.json"
    path.write_text(json.dumps({"items": [{"payload_b64": base64.b64encode(b"\x00\xff").decode(), "at_s": 0}]}))
    assert load_scene(path).items[0].payload == b"\x00\xff"


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ([], "table with the key 'items'"),
        ({"itmes": []}, "unknown key 'itmes'"),
        ({"start_ns": -1}, "'start_ns'"),
        ({"repeat_s": "x"}, "'repeat_s' is a number"),
        ({"repeat_s": 5, "items": [{"text": "A", "at_s": 2}]}, "'repeat_s' must lie after the last item has left"),
        ({"items": {}}, "'items' is a list"),
        ({"items": [7]}, "item 1 is not a table"),
        ({"items": [{"text": "A"}]}, "item 1: 'at_s' is a number"),
        ({"items": [{"text": "A", "at_s": -1}]}, "item 1: 'at_s' lies between"),
        ({"items": [{"text": "A", "at_s": True}]}, "item 1: 'at_s' is a number"),
        ({"items": [{"text": "A", "at_s": 1, "medium": "wall"}]}, "'medium'"),
        ({"items": [{"text": "A", "at_s": 1, "approach": 1}]}, "'approach'"),
        ({"items": [{"text": "A", "payload_b64": "QQ==", "at_s": 1}]}, "give 'payload_b64' or 'text'"),
        ({"items": [{"at_s": 1}]}, "give 'payload_b64' or 'text'"),
        ({"items": [{"kind": "noise", "text": "A", "at_s": 1}]}, "give 'payload_b64' or 'text'"),
        ({"items": [{"payload_b64": "%", "at_s": 1}]}, "'payload_b64' is not valid"),
        ({"items": [{"text": "", "at_s": 1}]}, "holds 1 to 2953 bytes"),
        ({"items": [{"text": "A" * 2954, "at_s": 1}]}, "not 2954"),
        ({"items": [{"text": "A", "at_s": 1, "colour": "red"}]}, "item 1: unknown key 'colour'"),
    ],
)
def test_a_wrong_scene_is_refused_with_a_sentence(table: object, says: str):
    with pytest.raises(SceneError, match=says):
        parse_scene(table)


def test_a_scene_may_begin_anew():
    scene = parse_scene({"repeat_s": 10, "items": [{"text": "A", "at_s": 2}]})
    assert [scene.moment(t) for t in (-3.0, 4.0, 10.0, 34.0)] == [-3.0, 4.0, 0.0, 4.0]
    once = parse_scene({"items": []})
    assert once.moment(34.0) == 34.0


def test_a_file_that_is_no_scene_is_named(tmp_path: Path):
    (tmp_path / "a.toml").write_text("items = [")
    (tmp_path / "b.toml").write_bytes(b"\xff")
    for name in ("a.toml", "b.toml", "missing.toml"):
        with pytest.raises(SceneError, match=name):
            load_scene(tmp_path / name)
