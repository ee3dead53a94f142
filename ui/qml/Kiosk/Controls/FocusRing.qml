import QtQuick
import Kiosk.Theme

// Shows which control the keyboard would use: just outside it, in the colour of words, with the page's ground between.
Rectangle {
    property bool shown: false
    property color tint: Theme.ink

    visible: shown
    anchors.fill: parent
    anchors.margins: -2 * Theme.hairline
    radius: Theme.radius + 2 * Theme.hairline
    color: "transparent"
    border.width: Math.round(1.5 * Theme.hairline)
    border.color: tint
}
