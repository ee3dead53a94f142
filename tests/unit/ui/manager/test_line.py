"""Questions and answers over the screen's line to the gate process: real sockets, the gate's end played by the test."""

import socket

import pytest

from kiosk.api.framing import LineBuffer
from kiosk.api.manager import Answer, Ask, Ok, SignIn
from kiosk.api.messages import Hello, decode, encode
from ui.gatelink import GateLink


@pytest.fixture
def line(tmp_path):
    """The screen's end, the gate's end, and the pipe that rings when there is something new."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "ui.sock"))
    server.listen()
    server.settimeout(10)
    ears, mouth = socket.socketpair()
    ears.settimeout(10)
    link = GateLink(tmp_path, mouth)
    link.start()
    gate, _ = server.accept()
    gate.settimeout(10)
    yield link, gate, ears
    link.stop()
    for end in (gate, server, ears, mouth):
        end.close()


def test_a_question_goes_out_and_its_answer_is_taken_once(line):
    link, gate, ears = line
    lines, heard = LineBuffer(), []
    ask = Ask(id=1, request=SignIn(pin="271828"))
    while not heard:
        heard += map(decode, lines.feed(gate.recv(65536)))
    assert isinstance(heard.pop(0), Hello)
    while not link.send(ask):
        pass  # the thread is about to say that the line is there
    while not heard:
        heard += map(decode, lines.feed(gate.recv(65536)))
    assert heard == [ask]
    answers = [Answer(id=1, reply=Ok()), Answer(id=2, reply=Ok())]
    gate.sendall(b"".join(map(encode, answers)))
    taken = ()
    while len(taken) < 2:
        ears.recv(64)
        taken += link.take_answers()
    assert list(taken) == answers
    assert link.take_answers() == ()


def test_answers_of_a_line_that_is_gone_are_dropped(line):
    link, gate, ears = line
    gate.sendall(encode(Answer(id=1, reply=Ok())))
    gate.close()
    while link.heard().gone_ns is None:
        ears.recv(64)
    assert link.take_answers() == ()
