pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls
import Kiosk.Theme

// The staff's way in: a padlock in the corner, held for two seconds so that nobody gets there by chance.
Item {
    id: corner

    readonly property real seconds: 2
    property real part: 0
    readonly property string name: Visitor.labels.staffEnter
    // Whether the time of day stands beside the padlock.
    property bool clocked: true

    width: Math.max(Theme.target, clock.visible ? clock.width + Theme.mm(1.2) + shape.width : 0)
    height: Theme.target
    activeFocusOnTab: true
    Accessible.role: Accessible.Button
    Accessible.name: second.spoken
    Accessible.focusable: true
    Accessible.onPressAction: second.press()
    Keys.onReturnPressed: Manager.enter()
    Keys.onSpacePressed: Manager.enter()

    SecondPress {
        id: second

        name: corner.name
        words: Visitor.labels.pressAgain
        onConfirmed: Manager.enter()
    }

    Rectangle {
        y: Theme.mm(0.6)
        width: parent.width
        height: parent.height - 2 * y
        radius: Theme.radius
        color: "transparent"
        visible: corner.activeFocus || tap.pressed
        border.width: Theme.hairline
        border.color: Theme.ink
    }

    Label {
        id: clock

        y: Math.round(Theme.margin / 2)
        visible: corner.clocked && text !== ""
        text: Visitor.clock
        color: Theme.soft
        font.pixelSize: Theme.capMm(Theme.smallestTextMm)
    }

    Icon {
        id: shape

        x: corner.width - width
        y: Math.round(clock.y + (clock.height - height) / 2)
        name: "padlock"
        ink: tap.pressed ? Theme.ink : Theme.soft
        width: Theme.mm(5)
        height: width
    }

    Rectangle {
        x: Theme.mm(1)
        anchors.bottom: parent.bottom
        height: Theme.mm(1)
        radius: height / 2
        width: corner.part * (corner.width - 2 * x)
        color: Theme.ink
        visible: tap.pressed
    }

    NumberAnimation {
        target: corner
        property: "part"
        from: 0
        to: 1
        duration: corner.seconds * 1000
        running: tap.pressed
        onFinished: Manager.enter()
    }

    TapHandler {
        id: tap

        gesturePolicy: TapHandler.WithinBounds
    }
}
