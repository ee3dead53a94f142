pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Theme

// One key of the keyboard. It acts when the finger is lifted from it, so that a slip can be taken back; half of the gap
// around it belongs to it.
Rectangle {
    id: key

    required property string does
    required property string types
    required property string name
    // 0 small letters, 1 one capital, 2 capitals
    property int shift: 0
    property bool on: false
    // What is typed is not shown above the finger.
    property bool secret: false
    property real gap: 0
    property string word
    property bool pressedByHand: tap.pressed

    readonly property bool primary: key.does === "accept"
    readonly property bool letter: key.does === "type" && key.types !== " "
    readonly property string shown: key.letter ? (key.shift ? key.types.toUpperCase() : key.types) : key.word
    readonly property string icon: {
        switch (key.does) {
        case "erase": return "key-erase";
        case "left": return "key-left";
        case "right": return "key-right";
        case "cancel": return "key-cancel";
        case "shift": return ["key-shift", "key-shift-once", "key-shift-locked"][key.shift];
        case "type": return key.types === " " ? "key-space" : "";
        default: return "";
        }
    }
    readonly property bool filled: key.primary || key.on || tap.pressed

    signal used()

    readonly property bool there: key.does !== "nothing"

    // A place without a key keeps its width.
    opacity: key.there ? 1 : 0
    radius: Theme.mm(1.6)
    color: key.filled ? Theme.ink : Theme.control
    border.width: Theme.hairline
    border.color: key.filled ? Theme.ink : Theme.line

    Accessible.role: Accessible.Button
    Accessible.name: key.letter ? key.shown : key.name
    Accessible.ignored: !key.there
    Accessible.checkable: key.does === "telex" || key.does === "shift"
    Accessible.checked: key.on
    Accessible.focusable: true
    Accessible.onPressAction: key.used()

    Icon {
        anchors.centerIn: parent
        visible: key.icon !== ""
        name: key.icon
        ink: words.color
        paper: key.color
        height: Theme.mm(6.5)
        width: height
    }

    Text {
        id: words

        anchors.centerIn: parent
        text: key.icon === "" ? key.shown : ""
        color: key.filled ? Theme.paper : Theme.ink
        font.pixelSize: Theme.capMm(key.letter ? Theme.smallestTextMm * 1.1 : Theme.smallestTextMm)
        font.weight: Font.Bold
        textFormat: Text.PlainText
        Accessible.ignored: true
    }

    TapHandler {
        id: tap

        enabled: key.there
        margin: key.gap / 2
        gesturePolicy: TapHandler.ReleaseWithinBounds
        longPressThreshold: 0
        onTapped: if (!again.repeated) key.used()
        onPressedChanged: again.begin(tap.pressed)
    }

    // Held down, Delete goes on deleting.
    Timer {
        id: again

        property bool repeated: false

        function begin(pressed: bool) {
            if (pressed)
                again.repeated = false;
            again.interval = 500;
            again.running = pressed && key.does === "erase";
        }

        repeat: true
        onTriggered: {
            again.repeated = true;
            again.interval = 80;
            key.used();
        }
    }
}
