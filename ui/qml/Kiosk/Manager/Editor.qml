pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls
import Kiosk.Theme

// Where a value is typed: over the page, digits on a pad, until it is whole or somebody goes back.
Rectangle {
    id: editor

    property var field: ({})
    property string typed
    readonly property bool dated: field.kind === "date" || field.kind === "time"
    readonly property string mask: field.kind === "date" ? "__/__/____" : field.kind === "time" ? "__:__" : ""
    readonly property int whole: mask.split("_").length - 1
    readonly property bool portrait: height > width * 0.9
    readonly property real half: portrait ? width - 2 * Theme.margin : Math.floor((width - 2 * Theme.margin - 2 * Theme.gap) / 2)

    signal closed()

    function begin(field: var) {
        editor.field = field;
        const old = field.value.replace(/[^0-9]/g, "");
        editor.typed = field.kind === "date" ? old.slice(6, 8) + old.slice(4, 6) + old.slice(0, 4) : field.kind === "pin" ? "" : old;
        editor.visible = true;
        editor.forceActiveFocus();
    }

    function end() {
        if (!editor.visible)
            return;
        editor.visible = false;
        editor.typed = "";
        editor.field = {};
        editor.closed();
    }

    function add(digit: string) {
        if (editor.typed.length < (editor.dated ? editor.whole : editor.field.max_length))
            editor.typed += digit;
    }

    function accept() {
        if (editor.dated && editor.typed.length !== editor.whole)
            return;
        const value = editor.field.kind === "date" ? [editor.typed.slice(4), editor.typed.slice(2, 4), editor.typed.slice(0, 2)].join("-")
            : editor.field.kind === "time" ? editor.typed.slice(0, 2) + ":" + editor.typed.slice(2) : editor.typed;
        const id = editor.field.id;
        editor.end();
        Manager.act(id, value);
    }

    // What has been typed, on the places that are still empty.
    function shown(): string {
        if (editor.field.kind === "pin")
            return "•".repeat(editor.typed.length);
        if (!editor.dated)
            return editor.typed;
        let next = 0;
        return editor.mask.replace(/_/g, place => next < editor.typed.length ? editor.typed[next++] : place);
    }

    visible: false
    color: Theme.paper
    Accessible.role: Accessible.Dialog
    Accessible.name: editor.field.label ?? ""

    Keys.onPressed: event => {
        Manager.touch();
        event.accepted = true;
        if (event.text.length === 1 && event.text >= "0" && event.text <= "9")
            editor.add(event.text);
        else if (event.key === Qt.Key_Backspace)
            editor.typed = editor.typed.slice(0, -1);
        else if (event.key === Qt.Key_Return || event.key === Qt.Key_Enter)
            editor.accept();
        else if (event.key === Qt.Key_Escape || event.key === Qt.Key_Back)
            editor.end();
        else
            event.accepted = false;
    }

    MouseArea {
        anchors.fill: parent
    }

    PressButton {
        id: cancel

        objectName: "editorCancel"
        x: Theme.margin
        y: Theme.gap
        icon: "arrow-left"
        name: Manager.labels.back ?? ""
        onPressed: editor.end()
    }

    Label {
        id: label

        x: cancel.x + cancel.width + Theme.gap
        y: cancel.y + Math.round((cancel.height - height) / 2)
        width: (editor.portrait ? editor.width : Theme.margin + editor.half) - x
        text: editor.field.label ?? ""
        font.pixelSize: Theme.capMm(Theme.staffMm)
        font.weight: Font.Bold
    }

    Rectangle {
        id: box

        x: Theme.margin
        y: Math.max(label.y + label.height, cancel.y + cancel.height) + Theme.gap
        width: editor.half
        height: Math.max(Theme.target, value.height + 2 * Theme.mm(1.6))
        radius: Theme.radius
        color: Theme.control
        border.width: Theme.hairline
        border.color: Theme.ink

        Text {
            id: value

            x: Theme.mm(2.4)
            anchors.verticalCenter: parent.verticalCenter
            width: box.width - 2 * x
            text: editor.shown()
            color: Theme.ink
            font.pixelSize: Theme.capMm(Theme.smallestTitleMm)
            font.weight: Font.Bold
            wrapMode: Text.Wrap
            textFormat: Text.PlainText
            Accessible.role: Accessible.StaticText
            Accessible.name: text
        }
    }

    Label {
        x: Theme.margin
        y: box.y + box.height + Theme.gap
        width: editor.half
        text: editor.field.kind === "date" ? Manager.labels.day_month_year ?? "" : editor.field.kind === "time" ? Manager.labels.hours_minutes ?? "" : editor.field.note ?? ""
        color: Theme.soft
        font.pixelSize: Theme.capMm(Theme.smallestTextMm)
    }

    NumberPad {
        id: pad

        readonly property real above: editor.portrait ? box.y + box.height + Theme.mm(14) : Theme.gap

        x: editor.portrait ? Math.round((editor.width - width) / 2) : editor.width - Theme.margin - width
        y: editor.height - height - Theme.margin
        room: editor.height - above - Theme.margin
        most: editor.half
        ready: !editor.dated || editor.typed.length === editor.whole
        onDigit: digit => editor.add(digit)
        onErase: editor.typed = editor.typed.slice(0, -1)
        onEnter: editor.accept()
    }
}
