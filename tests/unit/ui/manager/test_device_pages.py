"""The machine at the touchscreen: network, clock, stick, update, brightness."""

from kiosk.api.manager import (
    AddressSet,
    CancelExport,
    DeviceRead,
    DeviceSet,
    DeviceShown,
    DeviceStart,
    ExportEvents,
    ExportState,
    NetworkRead,
    NetworkShown,
    Ok,
    ShowExport,
    TimeRead,
    TimeSet,
    TimeShown,
    TimeSync,
    UpdateBack,
    UpdateInstall,
    UpdateLook,
    UpdateRead,
    UpdateShown,
    UsbEject,
    UsbRead,
    UsbShown,
    WifiForget,
    WifiFound,
    WifiJoin,
    WifiScan,
)
from kiosk.api.manager.network import NetworkLine, WifiSeen
from kiosk.api.manager.update import Bundle
from kiosk.api.manager.usb import Stick
from kiosk.domain.staff import Refused
from ui.manager.blocks import Fields, Notice, Progress, Rows
from ui.manager.page import Act
from ui.manager.pages.about import AboutPage
from ui.manager.pages.device import DevicePage
from ui.manager.pages.export import ExportPage
from ui.manager.pages.network import NetworkPage
from ui.manager.pages.network_address import Address
from ui.manager.pages.network_join import JoinWifi
from ui.manager.pages.time import TimePage
from ui.manager.pages.update import UpdatePage
from ui.manager.words import manager_words

WORDS = manager_words("en")
WIFI = NetworkLine(medium="wifi", state="connected", network="Lobby", address="192.168.1.20/24")
LOBBY = WifiSeen(ssid="Lobby", signal=80, secured=True, joined=True)
OPEN = WifiSeen(ssid="Free", signal=60, secured=False)
WORK = WifiSeen(ssid="eduroam", signal=50, secured=True, joinable=False)
STICK, OTHER = Stick(id="sda1", label="KHO", size_mb=8_000), Stick(id="sdb1", size_mb=4_000)
CLOCK = TimeShown(now=1_795_570_200, zone="Asia/Ho_Chi_Minh", by_network=False, synced=False)
BUNDLE = Bundle(version="1.5.0", made="2026-11-20", signer="release", size_mb=84)


def blocks(page, kind):
    return [block for block in page.view(WORDS).blocks if isinstance(block, kind)]


def fields(page):
    return {one.id: one for block in blocks(page, Fields) for one in block.items}


def said(page):
    return [notice.text for notice in blocks(page, Notice)]


def after(page, *replies):
    for request, reply in replies:
        page = page.answered(request, reply).page
    return page


def test_without_the_service_for_it_each_page_says_so_and_asks_no_more():
    for page, request in (
        (NetworkPage(), NetworkRead()), (TimePage(), TimeRead()), (UpdatePage(), UpdateRead()),
        (DevicePage(), DeviceRead()), (ExportPage(), UsbRead()),
    ):  # fmt: skip
        assert page.opened().asks[0] == request
        gone = page.refused(request, Refused.UNAVAILABLE, "").page
        assert said(gone) == [WORDS["manager.device_service.missing"]]
        assert gone.ticked().asks == ()


# the network


def network(*found):
    shown = NetworkShown(reach="full", lines=(WIFI,))
    return after(NetworkPage(), (NetworkRead(), shown), (WifiScan(), WifiFound(networks=found)))


def test_wireless_networks_are_looked_for_and_one_is_opened():
    looking = network().acted(Act("look"))
    assert looking.asks == (WifiScan(),)
    assert blocks(looking.page, Progress)
    found = network(LOBBY, OPEN, WORK)
    assert found.acted(Act("wifi:Free")).to == JoinWifi(OPEN)
    assert found.acted(Act("wifi:eduroam")).to is None
    assert found.acted(Act("wifi:elsewhere")).to is None


def test_a_password_is_checked_before_it_is_asked_and_gone_when_it_was_right():
    page = JoinWifi(LOBBY)
    assert page.acted(Act("join")).asks == ()
    assert fields(page.acted(Act("password", "short")).page.acted(Act("join")).page)["password"].error
    turn = page.acted(Act("password", "long enough")).page.acted(Act("join"))
    assert turn.asks == (WifiJoin(ssid="Lobby", password="long enough"),)
    wrong = turn.page.refused(turn.asks[0], Refused.FAILED, "").page
    assert fields(wrong)["password"].error
    joined = turn.page.answered(turn.asks[0], Ok())
    assert (joined.page.password, joined.go, joined.say) == ("", "back", "network.joined")
    assert page.acted(Act("forget")).asks == (WifiForget(ssid="Lobby"),)


def test_an_open_network_is_warned_of_and_joined_without_a_password():
    assert said(JoinWifi(OPEN)) == [WORDS["manager.network.open"]]
    assert JoinWifi(OPEN).acted(Act("join")).asks == (WifiJoin(ssid="Free"),)


def test_a_fixed_address_is_checked_at_its_field():
    page = network().acted(Act("line:wifi")).to
    assert page == Address.of(WIFI)
    page = page.acted(Act("method", "fixed")).page.acted(Act("address", "192.168.1.300/24")).page
    wrong = page.acted(Act("set"))
    assert wrong.asks == ()
    assert fields(wrong.page)["address"].error
    right = page.acted(Act("address", "10.0.0.5/8")).page.acted(Act("dns", "10.0.0.1, 8.8.8.8")).page.acted(Act("set"))
    assert right.asks == (AddressSet(medium="wifi", address="10.0.0.5/8", dns=("10.0.0.1", "8.8.8.8")),)
    assert right.page.answered(right.asks[0], Ok()).go == "back"
    automatic = page.acted(Act("method", "automatic")).page.acted(Act("set"))
    assert automatic.asks == (AddressSet(medium="wifi"),)


# the clock


def test_the_clock_is_set_by_hand_or_by_the_network():
    page = after(TimePage(), (TimeRead(), CLOCK))
    assert page.acted(Act("network", "on")).asks == (TimeSync(on=True), TimeRead())
    wrong = page.acted(Act("time", "25:00")).page.acted(Act("set"))
    assert wrong.asks == ()
    assert fields(wrong.page)["time"].error
    turn = page.acted(Act("time", "08:31")).page.acted(Act("set"))
    assert turn.asks == (TimeSet(date="2026-11-25", time="08:31"), TimeRead())
    assert turn.page.answered(turn.asks[0], Ok()).say == "time.is_set"


def test_a_clock_that_the_network_sets_has_no_fields_to_set_it():
    page = after(TimePage(), (TimeRead(), CLOCK.model_copy(update={"by_network": True, "synced": True})))
    assert set(fields(page)) == {"network"}


def test_a_zone_that_is_not_known_here_is_shown_in_utc():
    page = after(TimePage(), (TimeRead(), CLOCK.model_copy(update={"zone": "Mars/Base"})))
    assert page.view(WORDS).blocks[0].items[0].value == "01:30"


# the stick


def export(*sticks, **state):
    return after(ExportPage(), (UsbRead(), UsbShown(sticks=sticks)), (ShowExport(), ExportState(**state)))


def test_events_are_written_to_the_chosen_stick():
    page = export(STICK, OTHER).acted(Act("first", "2026-11-01")).page
    assert page.acted(Act("write")).asks[0] == ExportEvents(first="2026-11-01", stick="sda1")
    assert page.acted(Act("sdb1")).page.acted(Act("write")).asks[0].stick == "sdb1"


def test_days_in_the_wrong_order_are_said_at_the_field():
    page = export(STICK).acted(Act("first", "2026-11-05")).page.acted(Act("last", "2026-11-01")).page
    wrong = page.acted(Act("write"))
    assert wrong.asks == ()
    assert fields(wrong.page)["last"].error
    assert page.acted(Act("all")).page.acted(Act("write")).asks[0] == ExportEvents(stick="sda1")


def test_an_export_shows_how_far_it_is_and_can_be_stopped():
    page = export(STICK, state="running", part=0.5, events=7)
    (progress,) = blocks(page, Progress)
    assert progress.part == 0.5
    assert page.acted(Act("stop")).asks == (CancelExport(), ShowExport())


def test_the_stick_may_be_taken_out_only_when_it_is_let_go():
    page = export(STICK, state="done", events=7, files=("events.csv",))
    turn = page.acted(Act("eject"))
    assert turn.asks == (UsbEject(stick="sda1"),)
    assert WORDS["manager.export.safe"] not in said(turn.page)
    gone = turn.page.answered(turn.asks[0], Ok()).page
    assert WORDS["manager.export.safe"] in said(gone)
    again = after(gone, (UsbRead(), UsbShown(sticks=(STICK,))))
    assert WORDS["manager.export.safe"] not in said(again)


def test_a_stick_that_cannot_be_written_is_none():
    page = export(STICK.model_copy(update={"usable": False}))
    assert WORDS["manager.export.plug_in"] in said(page)


# the update


def test_an_update_is_looked_for_and_the_one_that_was_shown_is_installed():
    page = after(UpdatePage(), (UpdateRead(), UpdateShown(version="1.4.0", before="1.3.0")))
    assert page.acted(Act("install")).asks == ()
    looking = page.acted(Act("look"))
    assert looking.asks == (UpdateLook(),)
    assert looking.page.ticked().asks == ()
    found = after(looking.page, (UpdateLook(), UpdateShown(version="1.4.0", bundle=BUNDLE)))
    assert blocks(found, Rows)[0].items[0].title == "Version 1.5.0"
    assert found.acted(Act("install")).asks == (UpdateInstall(version="1.5.0"), UpdateRead())
    assert page.acted(Act("before")).asks == (UpdateBack(), UpdateRead())


def test_why_there_is_nothing_to_install_is_said_once_somebody_has_looked():
    none = UpdateShown(version="1.4.0", code="forged")
    page = after(UpdatePage(), (UpdateRead(), none))
    assert WORDS["manager.update.code_forged"] not in said(page)
    looked = after(page.acted(Act("look")).page, (UpdateLook(), none))
    assert WORDS["manager.update.code_forged"] in said(looked)


def test_while_it_is_installed_nothing_else_can_be_done():
    page = after(UpdatePage(), (UpdateRead(), UpdateShown(version="1.4.0", state="installing")))
    assert len(blocks(page, Progress)) == 1
    assert blocks(page, Rows) == []


# the device, and what it is


def test_brightness_and_volume_are_set_within_their_bounds():
    page = after(DevicePage(), (DeviceRead(), DeviceShown(brightness=80, volume=45)))
    assert page.acted(Act("brightness", "0")).asks == (DeviceSet(brightness=5), DeviceRead())
    assert page.acted(Act("volume", "120")).asks == (DeviceSet(volume=100), DeviceRead())
    assert page.acted(Act("volume", "loud")).asks == ()
    only = after(DevicePage(), (DeviceRead(), DeviceShown(volume=45)))
    assert set(fields(only)) == {"volume"}


def test_a_new_start_is_said_until_it_is_refused():
    turn = after(DevicePage(), (DeviceRead(), DeviceShown())).acted(Act("machine"))
    assert turn.asks == (DeviceStart(what="machine"),)
    assert blocks(turn.page, Progress)
    assert said(turn.page.refused(turn.asks[0], Refused.NOT_NOW, "").page)[0] == WORDS["manager.refused.not_now"]


def test_the_version_is_the_gates_as_soon_as_it_is_known():
    page = AboutPage(version="1.0").answered(UpdateRead(), UpdateShown(version="2.0")).page
    assert page.view(WORDS).blocks[0].items[0].value == "2.0"
    assert AboutPage(version="1.0").refused(UpdateRead(), Refused.UNAVAILABLE, "").page.version == "1.0"
