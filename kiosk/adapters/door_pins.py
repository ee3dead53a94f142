"""Everything that the board file names, taken at once or not at all."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack

from gpiozero.pins import Factory

from kiosk.adapters.gpio import PinLog, RelayOutput, SwitchOutput
from kiosk.adapters.senses import LineCallback, SenseInput
from kiosk.app.ports import GateOutput, Switch
from kiosk.board_file import Board, RelayPin
from kiosk.domain.lines import RELAYS, Out

EdgeOf = Callable[[Out, bool, int], None]
"""Called with which relay, whether it is released, and CLOCK_MONOTONIC ns, from any thread."""


class DoorPins:
    """The relays, switches and sensors of a board."""

    relays: Mapping[Out, GateOutput]
    switches: Mapping[Out, Switch]

    def __init__(
        self, board: Board, factory: Factory, on_edge: EdgeOf, on_line: LineCallback, log: PinLog | None = None,
        *, on_failure: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        """Take every line; relays locked, lamps dark. Raises PinError, and then holds none of them."""
        with ExitStack() as taken:
            def relay(out: Out, line: RelayPin) -> GateOutput:
                made = RelayOutput(
                    line, factory, lambda released, at_ns: on_edge(out, released, at_ns), log, name=out.value,
                    on_failure=on_failure,
                )  # fmt: skip
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
                    sense, wire, active_high=board.active_high(sense), factory=factory, on_line=on_line
                )
                self._inputs.append(sensed)
                taken.callback(sensed.close)
            self._taken = taken.pop_all()

    def poll(self) -> None:
        """Say what sensors have seen since the last call. For the loop, often."""
        for sensed in self._inputs:
            sensed.poll()

    def close(self) -> None:
        """Lock, put out, and give every line back."""
        self._taken.close()
