pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Theme

// A control for staff: acts only after it has been held for two seconds, by a finger, the mouse or the Enter key, and
// shows how far it is.
Rectangle {
    id: hold

    property string icon
    property string text
    property string name: text
    property int pixelSize: Theme.capMm(Theme.smallestTextMm)
    readonly property real seconds: 2
    // On ground of another colour than the page's.
    property color ring: Theme.ink
    property bool keyed: false
    property real part: 0
    readonly property bool down: tap.pressed || (keyed && activeFocus)

    signal held()

    implicitWidth: row.implicitWidth + 2 * Theme.mm(2.6)
    implicitHeight: Theme.target
    width: implicitWidth
    height: implicitHeight
    radius: Theme.radius
    color: Theme.control
    border.width: Theme.hairline
    border.color: hold.down ? Theme.ink : Theme.line

    activeFocusOnTab: true
    Accessible.role: Accessible.Button
    Accessible.name: second.spoken
    Accessible.focusable: true
    Accessible.onPressAction: second.press()
    onActiveFocusChanged: hold.keyed = false
    Keys.onPressed: event => {
        if (![Qt.Key_Return, Qt.Key_Enter, Qt.Key_Space].includes(event.key))
            return;
        event.accepted = true;
        if (!event.isAutoRepeat)
            hold.keyed = true;
    }
    Keys.onReleased: event => {
        if (!event.isAutoRepeat)
            hold.keyed = false;
    }

    SecondPress {
        id: second

        name: hold.name
        words: Visitor.labels.pressAgain
        onConfirmed: hold.held()
    }

    FocusRing {
        shown: hold.activeFocus
        tint: hold.ring
    }

    Rectangle {
        x: Theme.hairline
        anchors.bottom: parent.bottom
        anchors.bottomMargin: Theme.hairline
        height: Theme.mm(1.2)
        radius: height / 2
        color: Theme.ink
        width: hold.part * (parent.width - 2 * Theme.hairline)
        visible: hold.down
    }

    Row {
        id: row

        anchors.centerIn: parent
        spacing: Theme.mm(1.4)

        Icon {
            anchors.verticalCenter: parent.verticalCenter
            visible: hold.icon !== ""
            name: hold.icon
            paper: hold.color
            width: Math.round(Theme.target * 0.55)
            height: width
        }

        Text {
            anchors.verticalCenter: parent.verticalCenter
            text: hold.text
            color: Theme.ink
            font.pixelSize: hold.pixelSize
            font.weight: Font.Bold
            textFormat: Text.PlainText
            Accessible.ignored: true
        }
    }

    NumberAnimation {
        target: hold
        property: "part"
        from: 0
        to: 1
        duration: hold.seconds * 1000
        running: hold.down
        onFinished: hold.held()
    }

    TapHandler {
        id: tap

        gesturePolicy: TapHandler.WithinBounds
    }
}
