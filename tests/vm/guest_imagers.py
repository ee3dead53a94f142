"""What runs inside the guest: scanners on devices that its own kernel made (uinput, and a USB cable of dummy_hcd)."""

import asyncio
import errno
import fcntl
import grp
import os
import re
import string
import struct
import subprocess
import time
import tty
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.scanners.assembly import Discard
from kiosk.adapters.scanners.devices import Keyboard, ScannerLostError, SerialLine, open_device
from kiosk.adapters.scanners.scanner import Scanner
from kiosk.config import ScannerSection
from kiosk.testing.scanners import RecordingTaker, reading, strokes, until

PASS = "HC1:6BF+70790T9WJWG.FKY*4GO0.O1CV2 O5 N2FBBRW1*70HS8WY04AC*WIFN0AHCD8KD97TK0F90KECTHGWJC0FDC:5AIA%G7X+"
PRINTABLE = string.ascii_letters + string.digits + string.punctuation + " "
VIETNAMESE = "079185001234||Nguyễn Thị Ánh|01011985|Nữ|Phường Bến Nghé".encode()

# a keyboard of uinput

_UI_SET_EVBIT, _UI_SET_KEYBIT, _UI_DEV_SETUP = 0x40045564, 0x40045565, 0x405C5503
_UI_DEV_CREATE, _UI_DEV_DESTROY = 0x5501, 0x5502
_EVENT = struct.Struct("@llHHi")


class VirtualKeyboard:
    """A keyboard that the kernel believes in."""

    def __init__(self):
        before = set(Path("/dev/input").glob("event*"))
        self._fd = os.open("/dev/uinput", os.O_WRONLY)
        fcntl.ioctl(self._fd, _UI_SET_EVBIT, 1)
        for key in range(1, 128):
            fcntl.ioctl(self._fd, _UI_SET_KEYBIT, key)
        fcntl.ioctl(self._fd, _UI_DEV_SETUP, struct.pack("HHHH80sI", 3, 0x0C2E, 0x0B61, 1, b"kiosk test imager", 0))
        fcntl.ioctl(self._fd, _UI_DEV_CREATE)
        new = set()
        while not new:
            new = set(Path("/dev/input").glob("event*")) - before
            time.sleep(0.01)
        (self.path,) = new

    def stroke(self, key, value):
        os.write(self._fd, _EVENT.pack(0, 0, 1, key, value) + _EVENT.pack(0, 0, 0, 0, 0))

    def type(self, text, pause_s=0.001):
        for key, value in strokes(text):
            self.stroke(key, value)
            time.sleep(pause_s)

    def unplug(self):
        with suppress(OSError):
            fcntl.ioctl(self._fd, _UI_DEV_DESTROY)
            os.close(self._fd)


@pytest.fixture
def keyboard():
    keyboard = VirtualKeyboard()
    yield keyboard
    keyboard.unplug()


class Reader:
    """A scanner, and what it has passed on."""

    def __init__(self, kind, path, **settings):
        self.taker = RecordingTaker()
        self.settings = ScannerSection(name="desk", kind=kind, device=str(path), **settings)
        self.scanner = Scanner(self.settings, self.taker, SystemClock())

    def reading(self):
        return reading(self.scanner)

    async def is_(self, *states):
        await until(lambda: [state for _, state in self.taker.states] == list(states))

    async def got(self, count):
        await until(lambda: len(self.taker.scans) >= count)
        return [scan.data for scan in self.taker.scans]


def test_a_keyboard_types_a_pass(keyboard):
    reader = Reader("keyboard", keyboard.path)

    async def play():
        async with reader.reading():
            await reader.is_("ok")
            before = time.monotonic_ns()
            await asyncio.to_thread(keyboard.type, PASS + "\n")
            await asyncio.to_thread(keyboard.type, PRINTABLE + "\n")
            got = await reader.got(2)
            return got, before

    got, before = asyncio.run(play())
    assert got == [PASS.encode(), PRINTABLE.encode()]
    scan = reader.taker.scans[0]
    assert before <= scan.frame_ns < scan.read_ns <= time.monotonic_ns(), "the kernel's times are of the same clock"


def drained(fd):
    """Return what another reader of the device gets."""
    got = b""
    with suppress(BlockingIOError):
        while True:
            got += os.read(fd, 4096)
    return got


def test_a_grabbed_keyboard_types_for_nobody_else(keyboard):
    other = os.open(keyboard.path, os.O_RDONLY | os.O_NONBLOCK)
    device = Keyboard(str(keyboard.path))
    keyboard.type("secret\n")
    assert device.read()
    assert drained(other) == b""
    device.close()
    keyboard.type("a")
    assert drained(other), "without the grab the other one reads it: the test can fail"
    os.close(other)


def test_a_keyboard_that_somebody_else_holds_is_said(keyboard):
    first = Keyboard(str(keyboard.path))
    with pytest.raises(ScannerLostError) as caught:
        open_device(ScannerSection(name="x", kind="keyboard", device=str(keyboard.path)))
    assert caught.value.busy
    first.close()
    Keyboard(str(keyboard.path)).close()


def test_a_keyboard_is_unplugged_and_plugged_in_again(keyboard):
    reader = Reader("keyboard", "/dev/input/event*")

    async def play():
        async with reader.reading():
            await reader.is_("ok")
            keyboard.type("one\nhalf")
            await reader.got(1)
            keyboard.unplug()
            await reader.is_("ok", "lost")
            again = VirtualKeyboard()
            await reader.is_("ok", "lost", "ok")
            again.type("two\n")
            got = await reader.got(2)
            again.unplug()
            await reader.is_("ok", "lost", "ok", "lost")
            return got

    assert asyncio.run(play()) == [b"one", b"two"]


def test_keys_that_the_kernel_drops_never_make_a_wrong_code(keyboard):
    reader = Reader("keyboard", keyboard.path)

    async def play():
        async with reader.reading():
            await reader.is_("ok")
            keyboard.type("a" * 5000 + "\n", pause_s=0)  # while the loop stands still: more than the kernel keeps
            await until(lambda: reader.scanner.discarded)
            await asyncio.sleep(1.2)
            keyboard.type("whole\n")
            return await reader.got(1)

    assert asyncio.run(play()) == [b"whole"]
    assert reader.scanner.discarded == {Discard.LOST: 1}


def test_a_key_that_is_held_is_one_key(keyboard):
    reader = Reader("keyboard", keyboard.path)

    async def play():
        async with reader.reading():
            await reader.is_("ok")
            keyboard.stroke(30, 1)
            for _ in range(10):
                keyboard.stroke(30, 2)
            keyboard.stroke(30, 0)
            keyboard.type("\n")
            return await reader.got(1)

    assert asyncio.run(play()) == [b"a"]


# a USB imager: both its modes at the end of a virtual cable

GADGET = Path("/sys/kernel/config/usb_gadget/imager")
_BOOT_KEYBOARD = bytes.fromhex(
    "05010906a101050719e029e71500250175019508810295017508810395057501050819012905910295017503910395067508"
    "150025650507190029658100c0"
)
"""The report descriptor of a boot keyboard (HID 1.11, appendix B.1)."""
_USAGES = {
    **{letter: 4 + n for n, letter in enumerate(string.ascii_lowercase)},
    **{digit: 30 + n for n, digit in enumerate("1234567890")},
    **{char: usage for usage, char in enumerate("\n\x1b\b\t -=[]\\", 40)},
    **{char: usage for usage, char in enumerate(";'`,./", 51)},
}  # fmt: skip
_SHIFTED = dict(zip('!@#$%^&*()_+{}|:"~<>?', "1234567890-=[]\\;'`,./", strict=True))


def reports(text):
    """Return the HID reports of typing a text (HID usage tables, page 7)."""
    made = []
    for char in text:
        low = _SHIFTED.get(char, char.lower())
        made += [bytes([2 if low != char else 0, 0, _USAGES[low], 0, 0, 0, 0, 0]), bytes(8)]
    return made


def write(path, text):
    (GADGET / path).write_text(text)


@pytest.fixture(scope="module")
def gadget():
    for folder in ("", "strings/0x409", "configs/c.1", "functions/acm.usb0", "functions/hid.usb0"):
        (GADGET / folder).mkdir(parents=True)
    for path, text in {
        "idVendor": "0x1d6b", "idProduct": "0x0104", "strings/0x409/product": "Test Imager",
        "strings/0x409/manufacturer": "Kiosk", "strings/0x409/serialnumber": "0042",
        "functions/hid.usb0/protocol": "1", "functions/hid.usb0/subclass": "1",
        "functions/hid.usb0/report_length": "8",
    }.items():  # fmt: skip
        write(path, text)
    (GADGET / "functions/hid.usb0/report_desc").write_bytes(_BOOT_KEYBOARD)
    for function in ("acm.usb0", "hid.usb0"):
        (GADGET / "configs/c.1" / function).symlink_to(GADGET / "functions" / function)


@contextmanager
def plugged_in():
    """Plug the cable in, and out again."""
    (controller,) = Path("/sys/class/udc").iterdir()
    write("UDC", controller.name)
    try:
        wait_for("/dev/ttyACM0", there=True)
        yield
    finally:
        write("UDC", "\n")
        wait_for("/dev/ttyACM0", there=False)


def wait_for(path, *, there):
    end = time.monotonic() + 10
    while Path(path).exists() is not there:
        assert time.monotonic() < end, path
        time.sleep(0.01)


def send(data):
    """Let the imager send over its serial line."""
    fd = os.open("/dev/ttyGS0", os.O_RDWR | os.O_NOCTTY)
    tty.setraw(fd)
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
    os.close(fd)


def hid_type(text):
    """Let the imager type."""
    fd = os.open("/dev/hidg0", os.O_RDWR)
    for report in reports(text):
        os.write(fd, report)
    os.close(fd)


def test_a_usb_serial_imager_sends_every_byte_and_is_hot_plugged(gadget):
    reader = Reader("serial", "/dev/ttyACM*")
    every = bytes(byte for byte in range(256) if byte not in b"\r\n") * 4

    async def play():
        async with reader.reading():
            await reader.is_("lost")
            with plugged_in():
                await reader.is_("lost", "ok")
                await asyncio.to_thread(send, VIETNAMESE + b"\r" + every + b"\r\n")
                await reader.got(2)
                await asyncio.to_thread(send, b"x" * 1_000_000 + b"\rafter\r")
                await reader.got(3)
            await reader.is_("lost", "ok", "lost")
            with plugged_in():
                await reader.is_("lost", "ok", "lost", "ok")
                await asyncio.to_thread(send, b"again\r")
                return await reader.got(4)

    assert asyncio.run(play()) == [VIETNAMESE, every, b"after", b"again"]
    assert reader.scanner.discarded == {Discard.TOO_LONG: 1}


def test_a_usb_serial_imager_without_a_suffix(gadget):
    reader = Reader("serial", "/dev/ttyACM0", suffix="none", prefix="aim")

    async def play():
        with plugged_in():
            async with reader.reading():
                await reader.is_("ok")
                await asyncio.to_thread(send, b"]Q1\x00\r\n" + VIETNAMESE * 20)
                return await reader.got(1)

    assert asyncio.run(play()) == [b"\x00\r\n" + VIETNAMESE * 20]


def test_a_usb_keyboard_imager_types_everything_printable(gadget):
    reader = Reader("keyboard", "/dev/input/event*")

    async def play():
        async with reader.reading():
            await reader.is_("lost")
            with plugged_in():
                await reader.is_("lost", "ok")
                await asyncio.to_thread(hid_type, PRINTABLE + "\n" + PASS + "\n")
                await reader.got(2)
                await asyncio.to_thread(hid_type, "es\x1bc\n" + "next\n")
                got = await reader.got(3)
            await reader.is_("lost", "ok", "lost")
            return got

    assert asyncio.run(play()) == [PRINTABLE.encode(), PASS.encode(), b"next"]
    assert reader.scanner.discarded == {Discard.BROKEN: 1}


def test_a_device_of_the_other_kind_is_said(gadget):
    with plugged_in():
        wait_for("/dev/input/event0", there=True)
        for kind, device, found in (
            ("serial", "/dev/input/event0", "is no serial line"),
            ("keyboard", "/dev/ttyACM0", "is no keyboard"),
        ):
            with pytest.raises(ScannerLostError, match=found):
                open_device(ScannerSection(name="x", kind=kind, device=device))


def test_a_serial_line_is_opened_for_this_process_alone(gadget):
    with plugged_in():
        line = SerialLine("/dev/ttyACM0", 115200)
        Path("/dev/ttyACM0").chmod(0o666)
        pid = os.fork()
        if pid == 0:  # as somebody else: the administrator may always open it
            os.setgid(65534)
            os.setuid(65534)
            try:
                os.open("/dev/ttyACM0", os.O_RDONLY | os.O_NONBLOCK)
            except OSError as error:
                os._exit(error.errno)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == errno.EBUSY
        line.close()


# the rule that scripts/install writes

ROOT = Path(__file__).resolve().parents[2]
SERIAL = "/dev/serial/by-id/usb-Kiosk_Test_Imager_0042-if*"
KEYBOARD = "/dev/input/by-id/usb-Kiosk_Test_Imager_0042-*event-kbd"


@pytest.fixture(scope="module")
def udev():
    """The device manager, with the rules of a venue that has named two scanners, and the group that they name."""
    image = Path("/tmp/image")  # noqa: S108 -- the guest's own
    settings = image / "etc/kiosk/kiosk.toml"
    settings.parent.mkdir(parents=True)
    tables = [("desk", "serial", SERIAL), ("ramp", "keyboard", KEYBOARD)]
    settings.write_text("".join(f'[[scanner]]\nname = "{n}"\nkind = "{k}"\ndevice = "{d}"\n' for n, k, d in tables))
    subprocess.run([ROOT / "scripts/install", "--root", image, "--no-boot"], check=True)
    rules = Path("/run/udev/rules.d")
    rules.mkdir(parents=True)
    for rule in (image / "etc/udev/rules.d").iterdir():
        (rules / rule.name).write_text(rule.read_text())
    accounts = Path("/tmp/group")  # noqa: S108
    accounts.write_text(Path("/etc/group").read_text() + "kiosk-scanner:x:990:\n")
    subprocess.run(["mount", "--bind", accounts, "/etc/group"], check=True)
    subprocess.run(["/lib/systemd/systemd-udevd", "--daemon"], check=True)
    yield
    subprocess.run(["udevadm", "control", "--exit"], check=True)
    subprocess.run(["umount", "/etc/group"], check=True)


def as_gate(kind, device):
    """Open a device as an account that is in the group of the scanners and in no other; return what was found."""
    read, write_end = os.pipe()
    if os.fork() == 0:
        os.setgroups([grp.getgrnam("kiosk-scanner").gr_gid])
        os.setgid(65534)
        os.setuid(65534)
        try:
            open_device(ScannerSection(name="x", kind=kind, device=device)).close()
            os.write(write_end, b"open")
        except ScannerLostError as error:
            os.write(write_end, error.found.encode())
        os._exit(0)
    os.wait()
    os.close(write_end)
    said = os.read(read, 1000).decode()
    os.close(read)
    return said


def test_the_gate_may_read_what_the_settings_name_and_no_other_keyboard(gadget, udev, keyboard):
    with plugged_in():
        subprocess.run(["udevadm", "trigger", "--settle"], check=True)
        assert as_gate("serial", SERIAL) == "open"
        assert as_gate("keyboard", KEYBOARD) == "open"
        assert as_gate("keyboard", str(keyboard.path)) == f"{keyboard.path} may not be read"
        (named,) = Path("/dev/input/by-id").glob("usb-Kiosk_Test_Imager_0042-*event-kbd")
        said = subprocess.run(["udevadm", "info", named], check=True, capture_output=True, text=True).stdout
        assert "LIBINPUT_IGNORE_DEVICE=1" in said
        assert not re.search(r"CURRENT_TAGS=.*:power-switch:", said)
        plain = subprocess.run(["udevadm", "info", keyboard.path], check=True, capture_output=True, text=True).stdout
        assert re.search(r"CURRENT_TAGS=.*:power-switch:", plain), "any other keyboard still has its power key"
        assert named.stat().st_mode & 0o777 == 0o640
    with plugged_in():  # as it comes by itself, without anybody's trigger
        wait_for(Path("/dev/serial/by-id/usb-Kiosk_Test_Imager_0042-if00"), there=True)
        subprocess.run(["udevadm", "settle"], check=True)
        assert as_gate("serial", SERIAL) == "open"
        assert as_gate("keyboard", KEYBOARD) == "open"
