pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls
import Kiosk.Theme

// Why not, and what to do now; how long it stays, and more time for a touch.
MessagePage {
    id: page

    icon: Visitor.icon
    title: Visitor.title
    texts: [Visitor.reason, Visitor.nextStep]
    strong: Visitor.nextStep
    controlUnderIcon: true
    control: TouchButton {
        objectName: "moreTime"
        icon: "clock"
        text: Visitor.labels.moreSeconds
        name: Visitor.labels.moreTime
        onPressed: Visitor.touch()
    }

    Rectangle {
        parent: page.parent
        visible: Visitor.countdown > 0
        anchors.bottom: parent.bottom
        anchors.bottomMargin: -Math.round(Theme.margin / 2) - height / 2
        height: Theme.mm(1)
        radius: height / 2
        width: Math.round(parent.width * Visitor.countdown)
        color: Theme.ink
    }
}
