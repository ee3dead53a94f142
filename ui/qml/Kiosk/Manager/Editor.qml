pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls

// Where a value is typed, over the page: words and numbers on the keyboard, a day or a time on a pad that shows which of
// its places are still empty.
Item {
    id: editor

    property var field: ({})
    readonly property bool dated: field.kind === "date" || field.kind === "time"
    readonly property string layout: dated ? "" : field.kind ?? ""

    signal closed()

    function begin(field: var) {
        editor.field = field;
        editor.visible = true;
    }

    function end() {
        if (!editor.visible)
            return;
        editor.visible = false;
        editor.field = {};
        editor.closed();
    }

    function take(value: string) {
        const id = editor.field.id;
        editor.end();
        Manager.act(id, value);
    }

    visible: false

    Loader {
        anchors.fill: parent
        active: editor.visible
        sourceComponent: editor.dated ? pad : keyboard
    }

    Component {
        id: keyboard

        Keyboard {
            layout: editor.layout
            text: editor.layout === "pin" ? "" : editor.field.value
            title: editor.field.label
            error: editor.field.error
            secret: editor.layout === "pin"
            maxLength: editor.field.max_length
            acceptText: Manager.labels.done ?? ""
            onAccepted: text => editor.take(text)
            onCancelled: editor.end()
        }
    }

    Component {
        id: pad

        DatePad {
            title: editor.field.label
            value: editor.field.value
            time: editor.field.kind === "time"
            onAccepted: value => editor.take(value)
            onCancelled: editor.end()
        }
    }
}
