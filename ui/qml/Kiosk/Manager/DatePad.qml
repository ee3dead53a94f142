pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls
import Kiosk.Theme

// A day or a time of day, typed as it is said: day, month, year; hours, minutes. Its value is YYYY-MM-DD or HH:MM.
Rectangle {
    id: pad

    property string title
    property string value
    property bool time: false
    property string typed
    readonly property string mask: time ? "__:__" : "__/__/____"
    readonly property int whole: mask.split("_").length - 1
    readonly property bool ready: typed.length === whole && (time ? isTime() : isDay())
    readonly property bool portrait: height > width * 0.9
    readonly property real half: portrait ? width - 2 * Theme.margin : Math.floor((width - 2 * Theme.margin - 2 * Theme.gap) / 2)

    signal accepted(string value)
    signal cancelled()

    function isTime(): bool {
        return Number(typed.slice(0, 2)) < 24 && Number(typed.slice(2)) < 60;
    }

    function isDay(): bool {
        const [day, month, year] = [typed.slice(0, 2), typed.slice(2, 4), typed.slice(4)].map(Number);
        const there = new Date(year, month - 1, day);
        return year > 1800 && there.getMonth() === month - 1 && there.getDate() === day;
    }

    function add(digit: string) {
        if (pad.typed.length < pad.whole)
            pad.typed += digit;
    }

    function accept() {
        if (!pad.ready)
            return;
        const typed = pad.typed;
        pad.accepted(pad.time ? typed.slice(0, 2) + ":" + typed.slice(2) : [typed.slice(4), typed.slice(2, 4), typed.slice(0, 2)].join("-"));
    }

    // What has been typed, on the places that are still empty.
    function filled(): string {
        let next = 0;
        return pad.mask.replace(/_/g, place => next < pad.typed.length ? pad.typed[next++] : place);
    }

    color: Theme.paper
    Accessible.role: Accessible.Dialog
    Accessible.name: pad.title

    Component.onCompleted: {
        const old = pad.value.replace(/[^0-9]/g, "");
        pad.typed = pad.time ? old : old.slice(6, 8) + old.slice(4, 6) + old.slice(0, 4);
        pad.forceActiveFocus();
    }

    Keys.onPressed: event => {
        Manager.touch();
        event.accepted = true;
        if (event.text.length === 1 && event.text >= "0" && event.text <= "9")
            pad.add(event.text);
        else if (event.key === Qt.Key_Backspace)
            pad.typed = pad.typed.slice(0, -1);
        else if (event.key === Qt.Key_Return || event.key === Qt.Key_Enter)
            pad.accept();
        else if (event.key === Qt.Key_Escape || event.key === Qt.Key_Back)
            pad.cancelled();
        else
            event.accepted = false;
    }

    MouseArea {
        anchors.fill: parent
    }

    PressButton {
        id: cancel

        objectName: "datePadCancel"
        x: Theme.margin
        y: Theme.gap
        icon: "arrow-left"
        name: Manager.labels.back ?? ""
        onPressed: pad.cancelled()
    }

    Label {
        id: label

        x: cancel.x + cancel.width + Theme.gap
        y: cancel.y + Math.max(0, Math.round((cancel.height - height) / 2))
        width: (pad.portrait ? pad.width - Theme.margin : Theme.margin + pad.half) - x
        text: pad.title
        font.pixelSize: Theme.capMm(Theme.staffMm)
        font.weight: Font.Bold
        Accessible.role: Accessible.Heading
    }

    Rectangle {
        id: box

        x: Theme.margin
        y: Math.max(label.y + label.height, cancel.y + cancel.height) + Theme.gap
        width: pad.half
        height: Math.max(Theme.target, value.height + 2 * Theme.mm(1.6))
        radius: Theme.radius
        color: Theme.control
        border.width: 2 * Theme.hairline
        border.color: Theme.accent

        Label {
            id: value

            anchors.centerIn: parent
            text: pad.filled()
            font.pixelSize: Theme.capMm(Theme.smallestTitleMm)
            font.weight: Font.Bold
            wrapMode: Text.NoWrap
        }
    }

    Label {
        id: hint

        x: Theme.margin
        y: box.y + box.height + Theme.gap
        width: pad.half
        text: (pad.time ? Manager.labels.hours_minutes : Manager.labels.day_month_year) ?? ""
        color: Theme.soft
        font.pixelSize: Theme.capMm(Theme.smallestTextMm)
    }

    NumberPad {
        readonly property real from: pad.portrait ? hint.y + hint.height + Theme.gap : Theme.gap

        x: pad.portrait ? Math.round((pad.width - width) / 2) : pad.width - Theme.margin - width
        y: pad.height - height - Theme.margin
        room: pad.height - from - Theme.margin
        most: pad.half
        ready: pad.ready
        onDigit: digit => pad.add(digit)
        onErase: pad.typed = pad.typed.slice(0, -1)
        onEnter: pad.accept()
    }
}
