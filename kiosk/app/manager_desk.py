"""What is asked at the manager's screen, on its way to whoever answers it: the session, the right to ask, the answer.

Each feature brings its handlers, by the request that they answer. A handler runs on the loop and puts slow work into a
thread (`asyncio.to_thread`); whatever it does that somebody may have to answer for, it puts on record first.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kiosk.api.manager import PERMITTED, Answer, Ask, Reply, Request
from kiosk.app.ports import Peer
from kiosk.domain.staff import Refused, RefusedError, Staff

Handler = Callable[[Any, Staff], Awaitable[Reply]]
"""Takes the request and who asks; returns the reply, or raises RefusedError."""
Handlers = Mapping[type[Request], Handler]


@dataclass(slots=True)
class ManagerDesk:
    """Answers the manager's screen. `staff_of` returns who a session belongs to, and counts it as used."""

    staff_of: Callable[[str], Staff | None]
    handlers: dict[type[Request], Handler] = field(default_factory=dict)

    def add(self, handlers: Handlers) -> None:
        """Let a feature answer its requests."""
        self.handlers.update(handlers)

    async def take(self, peer: Peer, ask: Ask) -> None:
        """Answer one question."""
        try:
            reply = await self._reply(ask)
        except RefusedError as error:
            peer.send(Answer(id=ask.id, code=error.code, detail=error.detail))
        else:
            peer.send(Answer(id=ask.id, reply=reply))

    async def _reply(self, ask: Ask) -> Reply:
        kind = type(ask.request)
        staff = self.staff_of(ask.session)
        if staff is None:
            raise RefusedError(Refused.SIGNED_OUT)
        if staff.role not in PERMITTED.get(kind, ()):
            raise RefusedError(Refused.NOT_PERMITTED)
        handler = self.handlers.get(kind)
        if handler is None:
            raise RefusedError(Refused.UNAVAILABLE)
        return await handler(ask.request, staff)
