pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Theme

// A button with an icon, a text or both; never smaller than a finger. By touch, mouse, or Tab and Enter.
Rectangle {
    id: button

    property string icon
    property string text
    property string name: text
    property int pixelSize: Theme.capMm(Theme.smallestTextMm)
    property bool on: false
    readonly property int padding: Theme.mm(2.2)
    readonly property int decoration: 2 * padding + (icon ? iconSize + row.spacing : 0)
    readonly property int iconSize: Math.round(Theme.target * 0.55)

    signal pressed()

    implicitWidth: Math.max(Theme.target, row.implicitWidth + (button.text ? 2 * padding : 0))
    implicitHeight: Theme.target
    radius: Theme.radius
    color: button.on ? Theme.ink : Theme.control
    border.width: Theme.hairline
    border.color: tap.pressed ? Theme.ink : button.on ? Theme.ink : Theme.line

    activeFocusOnTab: true
    Accessible.role: Accessible.Button
    Accessible.name: button.name
    Accessible.checkable: button.on
    Accessible.checked: button.on
    Accessible.focusable: true
    Accessible.onPressAction: button.pressed()
    Keys.onReturnPressed: button.pressed()
    Keys.onEnterPressed: button.pressed()
    Keys.onSpacePressed: button.pressed()

    FocusRing {
        shown: button.activeFocus
    }

    Row {
        id: row

        anchors.centerIn: parent
        spacing: Theme.mm(1.4)

        Icon {
            anchors.verticalCenter: parent.verticalCenter
            visible: button.icon !== ""
            name: button.icon
            ink: words.color
            paper: button.color
            width: button.iconSize
            height: button.iconSize
        }

        Text {
            id: words

            anchors.verticalCenter: parent.verticalCenter
            visible: button.text !== ""
            text: button.text
            color: button.on ? Theme.paper : Theme.ink
            font.pixelSize: button.pixelSize
            font.weight: Font.Bold
            textFormat: Text.PlainText
            Accessible.ignored: true
        }
    }

    TapHandler {
        id: tap

        gesturePolicy: TapHandler.ReleaseWithinBounds
        // A hand that takes its time is heard as well: without this nothing happens after 0.8 s.
        longPressThreshold: 0
        onTapped: button.pressed()
    }
}
