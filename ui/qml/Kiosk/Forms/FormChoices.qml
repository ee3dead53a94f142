pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Theme

// Answers below each other. What does not fit is a touch away: a list that is dragged is no help to an unsteady hand.
Item {
    id: list

    property var choices: []
    property bool many: false
    property bool marked: true
    // As large as there is room for.
    property bool tight: false
    readonly property int pixelSize: Theme.capMm(tight ? Theme.smallestTextMm : Theme.textMm)
    // Against the lower end, which a hand reaches on a tall glass.
    property bool low: false
    property real used: 0
    // What has room, at most: the list itself may be lower; less the reserve, where it takes several pages.
    property real room: height
    property real reserve: 0
    readonly property real spacing: Theme.gap
    // How each row lies: where it begins, and on which page; pages begin anew at the top.
    property var places: []
    readonly property int pages: places.length > 0 ? places[places.length - 1].page + 1 : 1
    property int page: 0

    signal chosen(string id)

    function placed(heights: list<real>, room: real): var {
        const found = [];
        let y = 0, page = 0;
        for (const height of heights) {
            if (y > 0 && y + height > room) {
                page += 1;
                y = 0;
            }
            found.push({ y: y, page: page, end: y + height });
            y += height + list.spacing;
        }
        return found;
    }

    function arrange() {
        const heights = [];
        for (let at = 0; at < rows.count; at++)
            heights.push(rows.itemAt(at)?.implicitHeight ?? 0);
        let found = list.placed(heights, list.room);
        const fits = found.every(place => place.page === 0);
        if (!fits && !list.tight) {
            const before = list.pixelSize;
            list.tight = true;
            if (list.pixelSize !== before)
                return; // smaller letters arrange it again
        }
        if (!fits)
            found = list.placed(heights, list.room - list.reserve);
        list.places = found;
        list.page = Math.min(list.page, list.pages - 1);
        list.used = Math.max(0, ...found.map(place => place.end));
    }

    function begin() {
        list.tight = false;
        later.restart();
    }

    onRoomChanged: list.begin()
    onWidthChanged: list.begin()
    onPixelSizeChanged: later.restart()
    Component.onCompleted: list.arrange()

    // Once everything has its size.
    Timer {
        id: later

        interval: 0
        onTriggered: list.arrange()
    }

    Repeater {
        id: rows

        model: list.choices.length
        onCountChanged: list.begin()

        FormChoice {
            id: row

            required property int index
            readonly property var choice: list.choices[index] ?? ({ id: "", label: "", note: "", chosen: false })
            readonly property var place: list.places[index] ?? ({ y: 0, page: -1, end: 0 })

            objectName: "choice-" + row.choice.id
            visible: row.place.page === list.page
            y: row.place.y + (list.low ? list.height - list.used : 0)
            width: list.width
            height: implicitHeight
            text: row.choice.label
            note: row.choice.note
            on: row.choice.chosen
            many: list.many
            marked: list.marked
            pixelSize: list.pixelSize
            onImplicitHeightChanged: later.restart()
            onPressed: list.chosen(row.choice.id)
        }
    }

}
