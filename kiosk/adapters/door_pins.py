"""Everything that the board file names, taken at once or not at all."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING

from gpiozero.pins import Factory

from kiosk.adapters.gpio import PinError, PinLog, RelayOutput, SwitchOutput
from kiosk.adapters.senses import LineEdge, SenseInput
from kiosk.app.ports import EdgeCallback, GateOutput, Switch
from kiosk.board_file import Board, RelayPin
from kiosk.domain.lines import RELAYS, Out

if TYPE_CHECKING:
    from kiosk.adapters.modbus_relay import ModbusRelay

EdgeOf = Callable[[Out, bool, int], None]
"""Called with which relay, whether it is released, and CLOCK_MONOTONIC ns, from any thread."""


_Coils = Callable[[Out, int, int, EdgeCallback, Callable[[], None]], "ModbusRelay"]


def _coils(board: Board, taken: ExitStack) -> _Coils | None:
    """Return what makes relays of the board's coils; None: there is no relay board. Raises PinError."""
    if board.modbus is None:
        return None
    try:
        from kiosk.adapters.modbus_relay import ModbusLink, ModbusRelay
    except ImportError as error:
        raise PinError("[modbus] needs pymodbus: install the extra `modbus` (docs/remote-relay.md)") from error
    link = ModbusLink(board.modbus)
    taken.callback(link.close)

    def make(
        out: Out, coil: int, max_pulse_ms: int, on_edge: EdgeCallback, on_failure: Callable[[], None]
    ) -> ModbusRelay:
        return ModbusRelay(link, coil, max_pulse_ms, on_edge, name=out.value, on_failure=on_failure)

    return make


class DoorPins:
    """The relays, switches and sensors of a board."""

    relays: Mapping[Out, GateOutput]
    switches: Mapping[Out, Switch]

    def __init__(
        self, board: Board, factory: Factory, on_edge: EdgeOf, wake: Callable[[], None], log: PinLog | None = None,
        *, on_failure: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        """Take every line; relays locked, lamps dark. Raises PinError, and then holds none of them.

        `wake` is called, from any thread, when there is something to `poll`.
        """
        with ExitStack() as taken:
            coils = _coils(board, taken)

            def relay(out: Out, line: RelayPin) -> GateOutput:
                def edge(released: bool, at_ns: int) -> None:
                    on_edge(out, released, at_ns)

                made = (
                    RelayOutput(line, factory, edge, log, name=out.value, on_failure=on_failure)
                    if coils is None or line.coil is None
                    else coils(out, line.coil, line.max_pulse_ms, edge, on_failure)
                )
                taken.callback(made.close)
                return made

            self.relays = {out: relay(out, line) for out, line in board.relays.items()}
            switches: dict[Out, SwitchOutput] = {}
            for out, line in board.outputs.items():
                if out not in RELAYS:
                    switches[out] = SwitchOutput(out.value, line, factory)
                    taken.callback(switches[out].close)
            self.switches = switches
            self._inputs: list[SenseInput] = []
            for sense, wire in board.inputs.items():
                sensed = SenseInput(
                    sense, wire, active_high=board.active_high(sense), factory=factory, wake=wake,
                    on_failure=on_failure,
                )  # fmt: skip
                self._inputs.append(sensed)
                taken.callback(sensed.close)
            self._taken = taken.pop_all()

    def poll(self) -> list[LineEdge]:
        """Return what sensors have seen since the last call, in order for each of them. For the loop, often."""
        return [edge for sensed in self._inputs for edge in sensed.poll()]

    def close(self) -> None:
        """Lock, put out, and give every line back."""
        self._taken.close()
