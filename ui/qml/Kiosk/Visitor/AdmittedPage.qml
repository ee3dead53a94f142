pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls

// The gate is open; whoever needs longer to go through says so.
MessagePage {
    id: page

    icon: Visitor.icon
    title: Visitor.title
    texts: [Visitor.hint]
    titleMm: 14
    iconPart: 1.35
    control: Visitor.labels.longer !== "" ? more : null

    Component {
        id: more

        TouchButton {
            objectName: "longer"
            icon: "clock"
            text: Visitor.labels.longer
            onPressed: Visitor.needLonger()
        }
    }
}
