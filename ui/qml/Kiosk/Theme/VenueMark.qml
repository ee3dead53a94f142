pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend

// The venue's logo, as high as a line, and its name, in up to three. A logo is drawn for light paper: on a dark page it gets a light plate.
Item {
    id: mark

    property int pixels: Theme.capMm(Theme.smallestTextMm)
    property real room: 1e6
    readonly property bool shown: Appearance.venue !== "" || Appearance.logoRatio > 0
    readonly property bool plated: Visitor.highContrast || Appearance.night
    readonly property int padding: plated ? Theme.mm(0.6) : 0
    readonly property real logoHeight: Math.round(metrics.height)
    readonly property real logoWidth: Math.min(Math.round((logoHeight - 2 * padding) * Appearance.logoRatio) + 2 * padding, room)
    readonly property real nameX: plate.visible ? plate.width + Theme.mm(1.6) : 0

    visible: shown
    implicitHeight: Math.max(logoHeight, name.visible ? name.height : 0)
    implicitWidth: nameX + (name.visible ? name.width : -Theme.mm(1.6))
    width: implicitWidth
    height: implicitHeight

    FontMetrics {
        id: metrics

        font: name.font
    }

    Rectangle {
        id: plate

        visible: Appearance.logoRatio > 0
        width: mark.logoWidth
        height: mark.logoHeight
        radius: Theme.mm(0.8)
        color: mark.plated ? "#ffffff" : "transparent"

        Image {
            anchors.fill: parent
            anchors.margins: mark.padding
            sourceSize: Qt.size(Math.round(width), Math.round(height))
            source: width > 0 && height > 0 ? Appearance.logo : ""
            Accessible.ignored: true
        }
    }

    Text {
        id: name

        x: mark.nameX
        visible: Appearance.venue !== "" && width > 0
        width: Typography.balanced(text, mark.pixels, Math.max(1, Math.min(metrics.advanceWidth(text) + 2, mark.room - mark.nameX)))
        text: Appearance.venue
        color: Theme.ink
        wrapMode: Text.WordWrap
        maximumLineCount: 3
        elide: Text.ElideRight
        font.pixelSize: mark.pixels
        font.weight: Font.Bold
        textFormat: Text.PlainText
        Accessible.role: Accessible.StaticText
        Accessible.name: Appearance.venue
        Accessible.ignored: !visible
    }
}
