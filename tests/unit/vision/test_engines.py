import numpy as np
import pytest

from kiosk.testing.codes import drawn, in_frame, parts
from kiosk.vision.codes import Look
from kiosk.vision.engines import ENGINES, open_engine
from kiosk.vision.engines.zbar import ZbarEngine, exact


@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_reads_a_plain_code_and_nothing_where_nothing_is(name: str):
    engine = open_engine(name)
    assert [code.data for code in engine.look(in_frame(drawn("PLAIN", 6))).codes] == [b"PLAIN"]
    assert engine.look(np.full((360, 640), 128, np.uint8)) == Look()
    engine.close()


def test_an_unknown_engine_is_not_guessed():
    with pytest.raises(KeyError):
        open_engine("zxign")


def test_zbar_is_believed_only_where_it_cannot_have_guessed():
    data = bytes(range(128, 168))
    luma = in_frame(drawn(data, 6))
    assert ZbarEngine().look(luma).codes == ()
    (said,) = ZbarEngine(everything=True).look(luma).codes
    assert said.data != data, "zbar gives bytes as they are now: look at the reason for `exact` again"


@pytest.mark.parametrize(
    ("data", "believed"),
    [(b"HC1:6BF", True), (b"two\r\nlines\t", True), (b"", False), (b"caf\xe9", False), (b"\x00", False)],
)
def test_exact_is_printable_ascii(data: bytes, believed: bool):
    assert exact(data) is believed


def test_a_part_of_a_message_is_nothing_that_zbar_can_answer():
    assert ZbarEngine().look(in_frame(parts("PART OF A LONGER MESSAGE " * 8, 3)[0])).codes == ()
