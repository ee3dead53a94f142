"""What the probe of the simulated lines makes of a log, and which pulses it holds against the gate."""

import subprocess
import sys
import time

from kiosk.testing.gpio_probe import BELONGS_NS, Probe, Pulse, pulses, traced, undecided

MS = 1_000_000


def test_a_log_becomes_pulses():
    found = pulses(["0 5", f"1 {10 * MS}", f"0 {310 * MS}", f"1 {500 * MS}"])
    assert found == [Pulse(10 * MS, 310 * MS), Pulse(500 * MS)]
    assert [pulse.ms for pulse in found] == [300, 0]


def test_a_line_that_is_up_from_the_beginning_is_a_pulse():
    assert pulses(["1 5", "0 9"]) == [Pulse(5, 9)]


def test_the_kernels_account_becomes_pulses():
    trace = """\
# tracer: nop
          python-60      [000] .....    12.000001: gpio_value: 475 set 0
          relay-61       [000] .....    12.500000: gpio_value: 475 set 1
          relay-61       [000] .....    12.500100: gpio_value: 475 set 1
          relay-61       [000] .....    12.600000: gpio_value: 476 get 0
          relay-61       [000] .....    12.800000: gpio_value: 475 set 0
"""
    assert traced(trace) == [Pulse(12_500_000_000, 12_800_000_000)]


def test_each_record_stands_behind_one_pulse():
    first, second = Pulse(10 * MS, 20 * MS), Pulse(30 * MS, 40 * MS)
    assert undecided([first, second], [9 * MS, 29 * MS]) == []
    assert undecided([first, second], [9 * MS]) == [second]
    assert undecided([second, first], [29 * MS]) == [first]


def test_a_record_that_comes_after_its_pulse_or_long_before_it_stands_behind_none():
    pulse = Pulse(10 * MS, 20 * MS)
    assert undecided([pulse], [10 * MS]) == [pulse]
    assert undecided([pulse], [10 * MS - BELONGS_NS - 1]) == [pulse]
    assert undecided([pulse], [10 * MS - BELONGS_NS]) == []


def test_the_probe_sees_a_line_change(tmp_path):
    line = tmp_path / "value"
    line.write_text("0\n")
    probe = Probe(line, tmp_path / "log")
    before = time.monotonic_ns()
    for level in "10":
        seen = len(probe.edges())
        # In place, as the kernel does it: the probe holds the file open.
        with line.open("r+") as file:
            file.write(level)
        end = time.monotonic() + 30
        while len(probe.edges()) == seen:
            assert time.monotonic() < end, "the probe has not seen it"
    (pulse,) = probe.pulses()
    per_second, longest_ms = probe.stop()
    assert before < pulse.rise_ns < pulse.fall_ns < time.monotonic_ns()
    assert per_second > 0
    assert longest_ms >= 0


def test_a_probe_that_cannot_look_is_said(tmp_path):
    log = tmp_path / "log"
    command = [sys.executable, "-m", "kiosk.testing.gpio_probe", str(tmp_path / "none"), str(log)]
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0
    assert not log.exists()
