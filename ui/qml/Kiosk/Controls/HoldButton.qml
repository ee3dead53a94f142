pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Theme

// A control for staff: acts only after it has been held for two seconds, and shows how far it is.
Rectangle {
    id: hold

    property string icon
    property string text
    property string name: text
    readonly property real seconds: 2

    signal held()

    implicitWidth: row.implicitWidth + 2 * Theme.mm(2.6)
    implicitHeight: Theme.target
    width: implicitWidth
    height: implicitHeight
    radius: Theme.radius
    color: Theme.control
    border.width: Theme.hairline
    border.color: tap.pressed ? Theme.ink : Theme.line

    Accessible.role: Accessible.Button
    Accessible.name: hold.name
    Accessible.focusable: true

    Rectangle {
        x: Theme.hairline
        anchors.bottom: parent.bottom
        anchors.bottomMargin: Theme.hairline
        height: Theme.mm(1.2)
        radius: height / 2
        color: Theme.ink
        width: Math.min(1, tap.timeHeld / hold.seconds) * (parent.width - 2 * Theme.hairline)
        visible: tap.pressed && tap.timeHeld > 0
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
            font.pixelSize: Theme.capMm(Theme.smallestTextMm)
            font.weight: Font.Bold
            textFormat: Text.PlainText
            Accessible.ignored: true
        }
    }

    TapHandler {
        id: tap

        gesturePolicy: TapHandler.ReleaseWithinBounds
        longPressThreshold: hold.seconds
        onLongPressed: hold.held()
    }
}
