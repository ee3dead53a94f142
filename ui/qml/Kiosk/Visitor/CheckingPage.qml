pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls
import Kiosk.Theme

// The check takes longer than a moment. Three dots step along, twice a second: a sign of life that costs nothing.
MessagePage {
    id: page

    icon: Visitor.icon
    title: Visitor.title
    texts: [Visitor.hint]
    titleMm: 10
    control: Row {
        id: dots

        property int lit: 0

        spacing: Theme.mm(2.6)

        Repeater {
            model: 3

            Rectangle {
                required property int index

                width: Theme.mm(3)
                height: width
                radius: width / 2
                color: index === dots.lit ? Theme.accent : Theme.line
            }
        }

        Timer {
            interval: 500
            repeat: true
            running: true
            onTriggered: dots.lit = (dots.lit + 1) % 3
        }
    }
}
