pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Theme

// A bundled drawing in two colours of the theme.
Image {
    id: icon

    required property string name
    property color ink: Theme.ink
    property color paper: Theme.paper

    sourceSize: Qt.size(Math.round(width), Math.round(height))
    source: name && width > 0 && height > 0 ? "image://icon/" + name + "/" + String(ink).slice(1) + "/" + String(paper).slice(1) : ""
    Accessible.ignored: true
}
