pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend

// The glass as people see it, whatever way it is mounted: fills the window, turned; touch turns with it. Drifts by some
// pixels, so that nothing burns in, and is dark while nobody is there. Touches go through the dark: the first one counts.
Item {
    id: surface

    readonly property bool sideways: Appearance.rotation % 180 !== 0
    readonly property bool portrait: height > width

    default property alias content: content.data

    width: parent ? sideways ? parent.height : parent.width : 0
    height: parent ? sideways ? parent.width : parent.height : 0
    x: parent ? Math.round((parent.width - width) / 2) : 0
    y: parent ? Math.round((parent.height - height) / 2) : 0
    rotation: Appearance.rotation

    Item {
        id: content

        x: Appearance.right
        y: Appearance.down
        width: surface.width
        height: surface.height
    }

    Rectangle {
        objectName: "dark"
        anchors.fill: parent
        visible: Appearance.dimmed
        color: "#000000"
        opacity: 0.8
    }
}
