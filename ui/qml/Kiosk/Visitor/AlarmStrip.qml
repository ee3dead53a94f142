pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls
import Kiosk.Theme

// An alarm stands: what people at the door can do about it, and the control by which staff confirms it.
Rectangle {
    id: strip

    readonly property int padding: Theme.mm(1.6)

    visible: Visitor.alarmText !== ""
    height: 2 * padding + Math.max(words.height, shape.height, hold.visible ? hold.height : 0)
    radius: Theme.radius
    color: Theme.alarmPaper

    Icon {
        id: shape

        anchors.verticalCenter: parent.verticalCenter
        x: strip.padding
        name: Visitor.alarmIcon
        ink: Theme.alarmInk
        paper: Theme.alarmPaper
        width: Theme.mm(9)
        height: width
    }

    Label {
        id: words

        anchors.verticalCenter: parent.verticalCenter
        x: shape.x + shape.width + Theme.gap
        width: (hold.visible ? hold.x - Theme.gap : strip.width - strip.padding) - x
        text: Visitor.alarmText
        color: Theme.alarmInk
        font.pixelSize: Theme.capMm(Theme.smallestTextMm)
        font.weight: Font.Bold
    }

    HoldButton {
        id: hold

        objectName: "alarmsSeen"
        anchors.verticalCenter: parent.verticalCenter
        visible: strip.visible && !Visitor.alarmConfirmed
        x: strip.width - width - strip.padding
        icon: "person"
        text: Visitor.labels.alarmHold
        name: Visitor.labels.alarmHoldStaff
        ring: Theme.alarmInk
        onHeld: Visitor.alarmsSeen()
    }
}
