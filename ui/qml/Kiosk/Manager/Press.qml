pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls
import Kiosk.Theme

// Whatever the staff can touch: by finger, mouse or key. With `holdSeconds` it acts only after it has been held for that
// long, and a bar at its foot shows how far it is.
Rectangle {
    id: press

    property string name
    property real holdSeconds: 0
    property string tone
    property bool on: false
    // A line of a list: no border until it is touched.
    property bool plain: false
    readonly property bool down: enabled && (tap.pressed || keyed)
    readonly property var hues: Theme.palettes[press.tone || "calm"]
    readonly property color ink: !press.enabled ? Theme.soft : press.on ? Theme.paper : press.tone ? press.hues.ink : Theme.ink
    property bool keyed: false
    property real part: 0

    signal pressed()

    implicitHeight: Theme.target
    implicitWidth: Theme.target
    radius: Theme.radius
    color: !press.enabled ? Theme.paper : press.on ? Theme.ink : press.tone ? press.hues.paper : Theme.control
    border.width: press.activeFocus ? 2 * Theme.hairline : Theme.hairline
    border.color: press.down || press.activeFocus ? press.on ? Theme.accent : Theme.ink : press.plain ? press.color : Theme.line

    activeFocusOnTab: press.enabled
    Accessible.role: Accessible.Button
    Accessible.name: second.spoken
    Accessible.focusable: true
    Accessible.onPressAction: press.holdSeconds > 0 ? second.press() : press.pressed()

    Keys.onPressed: event => {
        if (event.key !== Qt.Key_Space && event.key !== Qt.Key_Return && event.key !== Qt.Key_Enter)
            return;
        event.accepted = true;
        if (event.isAutoRepeat)
            return;
        press.keyed = true;
        if (press.holdSeconds === 0)
            press.pressed();
    }
    Keys.onReleased: event => {
        if (!event.isAutoRepeat)
            press.keyed = false;
    }

    SecondPress {
        id: second

        name: press.name
        words: Manager.labels.press_again ?? ""
        onConfirmed: press.pressed()
    }

    Rectangle {
        x: Theme.hairline
        anchors.bottom: parent.bottom
        anchors.bottomMargin: Theme.hairline
        height: Theme.mm(1.4)
        radius: height / 2
        color: press.ink
        width: press.part * (parent.width - 2 * Theme.hairline)
        visible: press.holdSeconds > 0 && press.down
    }

    NumberAnimation {
        target: press
        property: "part"
        from: 0
        to: 1
        duration: press.holdSeconds * 1000
        running: press.holdSeconds > 0 && press.down
        onFinished: press.pressed()
    }

    TapHandler {
        id: tap

        // What is only tapped gives way to a finger that scrolls; what is held keeps the finger.
        gesturePolicy: press.holdSeconds > 0 ? TapHandler.WithinBounds : TapHandler.DragThreshold
        longPressThreshold: 10
        onTapped: if (press.holdSeconds === 0) press.pressed()
        onLongPressed: {}
    }
}
