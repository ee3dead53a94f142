"""What ends a wait: a byte in a socket pair, from a signal or from another thread."""

import contextlib
import signal
import socket


class Waker:
    """Wakes a `select` over its descriptor, and keeps in mind that the process shall stop."""

    def __init__(self) -> None:
        self._inner, self._outer = socket.socketpair()
        self._inner.setblocking(False)
        self._outer.setblocking(False)
        self.stopping = False

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self._inner.fileno()

    def wake(self) -> None:
        """End the wait. May be called from any thread."""
        # A full pair wakes as well; a closed one has nobody left to wake.
        with contextlib.suppress(OSError):
            self._outer.send(b"w")

    def clear(self) -> None:
        """Take out what has been written."""
        with contextlib.suppress(BlockingIOError):
            while self._inner.recv(4096):
                pass

    def stop_on_signals(self) -> None:
        """Let SIGTERM and SIGINT set `stopping`. Main thread only."""
        signal.set_wakeup_fd(self._outer.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)

    def _stop(self, *_: object) -> None:
        self.stopping = True

    def close(self) -> None:
        """Close both ends."""
        with contextlib.suppress(ValueError):
            signal.set_wakeup_fd(-1)
        self._inner.close()
        self._outer.close()
