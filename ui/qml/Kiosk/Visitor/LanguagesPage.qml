pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls
import Kiosk.Theme

// Which language? Each by its own name, so that nobody has to read another one to find theirs. Low on a tall glass:
// whoever sits in a wheelchair has to reach it.
Item {
    id: page

    readonly property bool portrait: height > 0.8 * width
    readonly property bool fitsBelow: Visitor.languages.length * (Theme.target + Theme.gap) - Theme.gap <= room
    readonly property int columns: portrait || (Visitor.languages.length < 4 && fitsBelow) ? 1 : 2
    readonly property int rows: Math.ceil(Visitor.languages.length / columns)
    readonly property real wide: Math.min((width - (columns - 1) * Theme.gap) / columns, Theme.mm(Visitor.shortSideMm * 0.9))
    readonly property real room: height - title.height - 2 * Theme.gap
    readonly property real tall: Math.max(Theme.target, Math.min(1.6 * Theme.target, (room - (rows - 1) * Theme.gap) / rows))

    Label {
        id: title

        anchors.horizontalCenter: parent.horizontalCenter
        y: Math.round((page.height - height - 2 * Theme.gap - grid.height) / (page.portrait ? 1 : 2))
        text: Visitor.labels.languages
        font.pixelSize: Theme.capMm(page.portrait ? Theme.titleMm : Theme.smallestTitleMm)
        font.weight: Font.Bold
        Accessible.role: Accessible.Heading
    }

    Grid {
        id: grid

        anchors.horizontalCenter: parent.horizontalCenter
        y: title.y + title.height + 2 * Theme.gap
        columns: page.columns
        spacing: Theme.gap

        Repeater {
            model: Visitor.languages

            TouchButton {
                required property var modelData

                objectName: "language-" + modelData.code
                text: modelData.name
                pixelSize: Theme.capMm(Math.max(Theme.smallestTextMm, Math.min(Theme.textMm, Theme.smallestTitleMm)))
                on: modelData.chosen
                width: page.wide
                height: page.tall
                onPressed: Visitor.setLanguage(modelData.code)
            }
        }
    }
}
