"""What is asked at the manager's screen, on its way to whoever answers it: the session, the right to ask, the answer.

Each feature brings its handlers, by the request that they answer. A handler runs on the loop and puts slow work into a
thread (`asyncio.to_thread`); whatever it does that somebody may have to answer for, it puts on record first.

Each question is answered in a task of its own: a look-up that takes its time must not keep a visitor's call for help
waiting, which comes over the same socket.
"""

import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from kiosk.api.faults import describe
from kiosk.api.manager import PERMITTED, Answer, Ask, Reply, Request, SignIn, SignOut, StillHere
from kiosk.app.manager_session import Sessions
from kiosk.app.ports import JournalError, Peer
from kiosk.domain.staff import Refused, RefusedError, Staff

MAX_OPEN = 8
"""Questions that are answered at a time; the screen asks one after another."""
FAULT = "fault"
"""The detail of an answer of which a handler's own fault is the reason."""
_log = logging.getLogger("kiosk")

Handler = Callable[[Any, Staff], Awaitable[Reply]]
"""Takes the request and who asks; returns the reply. Raises RefusedError, JournalError (answered as not recorded) and
OSError (answered as failed)."""
Handlers = Mapping[type[Request], Handler]


@dataclass(slots=True)
class ManagerDesk:
    """Answers the manager's screen."""

    sessions: Sessions
    handlers: dict[type[Request], Handler] = field(default_factory=dict)
    spawn: Callable[[Coroutine[Any, Any, None]], object] | None = None
    """Starts a task; None: each question is answered before the next message, where time is only played."""
    _open: int = 0

    def __post_init__(self) -> None:
        self.add({SignOut: self.sessions.signed_out, StillHere: self.sessions.still_here})

    def add(self, handlers: Handlers) -> None:
        """Let a feature answer its requests."""
        self.handlers.update(handlers)

    async def take(self, peer: Peer, ask: Ask) -> None:
        """Answer one question, sooner or later."""
        if self._open >= MAX_OPEN:
            peer.send(Answer(id=ask.id, code=Refused.BUSY))
            return
        self._open += 1
        if self.spawn is None:
            await self._answer(peer, ask)
        else:
            self.spawn(self._answer(peer, ask))

    async def _answer(self, peer: Peer, ask: Ask) -> None:
        try:
            reply = await self._reply(ask)
        except RefusedError as error:
            peer.send(Answer(id=ask.id, code=error.code, detail=error.detail[:64]))
        except JournalError:
            peer.send(Answer(id=ask.id, code=Refused.NOT_RECORDED))
        except OSError as error:
            _log.warning("%s at the touchscreen: not done (%s)", ask.request.ask, error.strerror or "error")
            peer.send(Answer(id=ask.id, code=Refused.FAILED))
        except Exception as error:  # noqa: BLE001 - the task's top: the door goes on, whatever the screen shows
            _log.error("%s at the touchscreen: stopped by a fault of its own (%s)", ask.request.ask, describe(error))
            peer.send(Answer(id=ask.id, code=Refused.FAILED, detail=FAULT))
        else:
            peer.send(Answer(id=ask.id, reply=reply))
        finally:
            self._open -= 1

    async def _reply(self, ask: Ask) -> Reply:
        if isinstance(ask.request, SignIn):
            return await self.sessions.sign_in(ask.request)
        kind = type(ask.request)
        staff = self.sessions.staff_of(ask.session)
        if staff is None:
            raise RefusedError(Refused.SIGNED_OUT)
        if staff.role not in PERMITTED.get(kind, ()):
            raise RefusedError(Refused.NOT_PERMITTED)
        handler = self.handlers.get(kind)
        if handler is None:
            raise RefusedError(Refused.UNAVAILABLE)
        return await handler(ask.request, staff)
