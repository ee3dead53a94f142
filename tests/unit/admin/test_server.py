"""What the process answers, whatever a verb does."""

import socket
import threading

import pytest

from kiosk.admin.server import AdminServer
from kiosk.admin.tools import ToolError
from kiosk.api.admin_messages import AdminAsk, line_of
from kiosk.api.manager.device import DeviceRead, DeviceSet, DeviceShown, DeviceStart
from kiosk.api.manager.session import Ok
from kiosk.api.messages import WireError
from kiosk.domain.staff import Refused, RefusedError


@pytest.fixture
def listener():
    with socket.socket(socket.AF_UNIX) as listener:
        yield listener


def raising(error):
    def verb(_):
        raise error

    return verb


def answer(server, request):
    said = server.answer(line_of(AdminAsk(request=request)))
    return said.code, said.detail


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RefusedError(Refused.INVALID, "password"), (Refused.INVALID, "password")),
        (ToolError(4), (Refused.FAILED, "status_4")),
        (ToolError(-9), (Refused.FAILED, "killed")),
        (OSError(28, "No space left on device"), (Refused.FAILED, "")),
        (KeyError("secret"), (Refused.FAILED, "fault")),
    ],
)
def test_whatever_a_verb_does_there_is_an_answer(listener, error, said, caplog):
    server = AdminServer(listener, frozenset(), {DeviceRead: raising(error)})
    assert answer(server, DeviceRead()) == said
    assert "secret" not in caplog.text


def test_what_is_no_verb_here_is_unavailable_and_what_is_no_question_is_refused(listener):
    server = AdminServer(listener, frozenset(), {})
    assert answer(server, DeviceStart(what="off")) == (Refused.UNAVAILABLE, "")
    with pytest.raises(WireError):
        server.answer(b"{}")


def test_who_only_looks_does_not_wait_for_what_is_being_done(listener):
    begun, end = threading.Event(), threading.Event()

    def slowly(_):
        begun.set()
        end.wait(20)
        return Ok()

    server = AdminServer(listener, frozenset(), {DeviceSet: slowly, DeviceRead: lambda _: DeviceShown(volume=30)})
    doing = threading.Thread(target=answer, args=(server, DeviceSet(volume=30)))
    doing.start()
    assert begun.wait(20)
    assert answer(server, DeviceRead()) == (None, "")
    end.set()
    doing.join(20)
