pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Theme

// The manager's screen: the visitors' traffic on top, then where one is, then the page's blocks below each other.
Rectangle {
    id: frame

    readonly property bool portrait: height > width
    // What the page may take as long as it needs no controls below it.
    readonly property real room: foot - Theme.margin - flick.y
    readonly property real foot: leaving.visible ? leaving.y : frame.height
    readonly property bool overflows: blocks.height > room + 1
    readonly property real step: flick.height * 0.8

    function turn(by: real) {
        const most = Math.max(0, flick.contentHeight - flick.height);
        flick.contentY = Math.max(0, Math.min(most, flick.contentY + by));
    }

    // Whoever goes from control to control with a keyboard sees the one that is next.
    function reveal(item: Item) {
        let up = item;
        while (up && up !== blocks)
            up = up.parent;
        if (!up || item === blocks)
            return;
        const top = item.mapToItem(blocks, 0, 0).y;
        if (top < flick.contentY)
            frame.turn(top - flick.contentY);
        else if (top + item.height > flick.contentY + flick.height)
            frame.turn(Math.min(top, top + item.height - flick.height) - flick.contentY);
    }

    function edit(field: var) {
        editor.begin(field);
    }

    readonly property Item focused: frame.Window.activeFocusItem

    onFocusedChanged: if (frame.focused) frame.reveal(frame.focused)

    color: Theme.paper
    focus: true
    Accessible.role: Accessible.Pane
    Accessible.name: Manager.title

    Component.onCompleted: frame.forceActiveFocus()

    Keys.onPressed: event => {
        Manager.touch();
        const digit = event.text.length === 1 && event.text >= "0" && event.text <= "9";
        if (event.key === Qt.Key_Escape || event.key === Qt.Key_Back)
            Manager.back();
        else if (event.key === Qt.Key_PageDown || event.key === Qt.Key_Down)
            frame.turn(frame.step);
        else if (event.key === Qt.Key_PageUp || event.key === Qt.Key_Up)
            frame.turn(-frame.step);
        else if (Manager.page === "sign_in" && digit)
            Manager.act("digit", event.text);
        else if (Manager.page === "sign_in" && event.key === Qt.Key_Backspace)
            Manager.act("erase");
        else if (Manager.page === "sign_in" && (event.key === Qt.Key_Return || event.key === Qt.Key_Enter))
            Manager.act("enter");
        else
            return;
        event.accepted = true;
    }

    // Nothing of it goes through to the visitors' page.
    MouseArea {
        anchors.fill: parent
    }

    // Gone while a value is typed, which takes all the room there is.
    Item {
        anchors.fill: parent
        visible: !editor.visible

        Traffic {
            id: traffic

            width: frame.width
            above: Math.max(0, frame.height - Theme.mm(300))
        }

        Header {
            id: header

            x: Theme.margin
            y: traffic.height + Theme.gap
            width: frame.width - 2 * Theme.margin
            turnable: !frame.portrait
            turns: frame.overflows
            canUp: flick.contentY > 1
            canDown: flick.contentY + flick.height < flick.contentHeight - 1
            onUp: frame.turn(-frame.step)
            onDown: frame.turn(frame.step)
        }

        SaidStrip {
            id: said

            x: Theme.margin
            y: header.y + header.height + Theme.gap
            width: frame.width - 2 * Theme.margin
        }

        Flickable {
            id: flick

            objectName: "managerPage"
            x: Theme.margin
            y: said.visible ? said.y + said.height + Theme.gap : said.y
            width: frame.width - 2 * Theme.margin
            height: below.visible ? below.y - Theme.gap - y : frame.room
            contentWidth: width
            contentHeight: blocks.height
            boundsBehavior: Flickable.StopAtBounds
            onContentHeightChanged: frame.turn(0)
            onHeightChanged: frame.turn(0)
            clip: true

            Column {
                id: blocks

                width: flick.width
                spacing: Theme.gap

                Repeater {
                    model: Manager.blocks

                    Loader {
                        id: drawing

                        required property string kind
                        required property var block

                        width: blocks.width
                        source: drawing.kind + "Block.qml"
                        onLoaded: {
                            const drawn = drawing.item as Block;
                            drawn.block = Qt.binding(() => drawing.block);
                            drawn.room = Qt.binding(() => frame.room);
                            drawn.edit.connect(frame.edit);
                            drawn.turned.connect(() => flick.contentY = 0);
                        }
                    }
                }
            }
        }

        // On a tall glass the page is turned where a thumb is.
        Row {
            id: below

            x: Theme.margin
            y: frame.foot - height - Theme.margin
            visible: frame.portrait && frame.overflows
            spacing: Theme.gap

            PressButton {
                objectName: "pageUp"
                width: Math.floor((frame.width - 2 * Theme.margin - Theme.gap) / 2)
                icon: "arrow-up"
                text: Visitor.large ? "" : Manager.labels.up ?? ""
                name: Manager.labels.up ?? ""
                enabled: header.canUp
                onPressed: frame.turn(-frame.step)
            }

            PressButton {
                objectName: "pageDown"
                width: Math.floor((frame.width - 2 * Theme.margin - Theme.gap) / 2)
                icon: "arrow-down"
                text: Visitor.large ? "" : Manager.labels.down ?? ""
                name: Manager.labels.down ?? ""
                enabled: header.canDown
                onPressed: frame.turn(frame.step)
            }
        }
    }

    Editor {
        id: editor

        objectName: "editor"
        y: traffic.above
        width: frame.width
        height: frame.height - y
        onClosed: frame.forceActiveFocus()
    }

    LeavingBar {
        id: leaving

        y: frame.height - height
        width: frame.width
    }

    PointHandler {
        onActiveChanged: if (active) Manager.touch()
    }

    Connections {
        target: Manager

        function onPage_changed() {
            editor.end();
            flick.contentY = 0;
            frame.forceActiveFocus();
        }

        function onPage_turned() {
            flick.contentY = 0;
        }
    }
}
