pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls
import Kiosk.Theme

// Answers below each other. What does not fit is a touch away: a list that is dragged is no help to an unsteady hand.
Item {
    id: list

    property var choices: []
    property bool many: false
    property bool marked: true
    property int pixelSize: Theme.capMm(Theme.smallestTextMm)
    readonly property real spacing: Theme.gap
    // How each row lies: where it begins, and on which page; pages begin anew at the top.
    property var places: []
    readonly property int pages: places.length > 0 ? places[places.length - 1].page + 1 : 1
    property int page: 0

    signal chosen(string id)

    function arrange() {
        const room = list.height;
        const heights = [];
        for (let at = 0; at < rows.count; at++)
            heights.push(rows.itemAt(at)?.implicitHeight ?? 0);
        const found = [];
        let y = 0, page = 0;
        for (const height of heights) {
            if (y > 0 && y + height > room) {
                page += 1;
                y = 0;
            }
            found.push({ y: y, page: page });
            y += height + list.spacing;
        }
        list.places = found;
        list.page = Math.min(list.page, page);
    }

    onHeightChanged: Qt.callLater(list.arrange)
    onWidthChanged: Qt.callLater(list.arrange)
    onPixelSizeChanged: Qt.callLater(list.arrange)
    Component.onCompleted: list.arrange()

    Repeater {
        id: rows

        model: list.choices.length
        onCountChanged: Qt.callLater(list.arrange)

        FormChoice {
            id: row

            required property int index
            readonly property var choice: list.choices[index] ?? ({ id: "", label: "", note: "", chosen: false })
            readonly property var place: list.places[index] ?? ({ y: 0, page: -1 })

            objectName: "choice-" + row.choice.id
            visible: row.place.page === list.page
            y: row.place.y
            width: list.width
            height: implicitHeight
            text: row.choice.label
            note: row.choice.note
            on: row.choice.chosen
            many: list.many
            marked: list.marked
            pixelSize: list.pixelSize
            onImplicitHeightChanged: Qt.callLater(list.arrange)
            onPressed: list.chosen(row.choice.id)
        }
    }

}
