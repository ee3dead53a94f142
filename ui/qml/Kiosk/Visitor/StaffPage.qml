pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls

// A person is coming; staff clears the page by holding the control.
MessagePage {
    id: page

    icon: Visitor.icon
    title: Visitor.title
    texts: [Visitor.reason, Visitor.hint]
    control: HoldButton {
        objectName: "staffDone"
        text: Visitor.labels.staffHold
        onHeld: Visitor.staffDone()
    }
}
