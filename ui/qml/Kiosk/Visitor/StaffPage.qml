pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls

// A person is coming; staff clears the page by holding the control. Who called says at the foot that it is over.
MessagePage {
    id: page

    icon: Visitor.icon
    title: Visitor.title
    texts: [Visitor.reason, Visitor.hint, Visitor.waited]
    strong: Visitor.hint
    control: HoldButton {
        objectName: "staffDone"
        text: Visitor.labels.staffHold
        onHeld: Visitor.staffDone()
    }
}
