pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls
import Kiosk.Theme

// One value: what it is called, what it is, and how it is changed. A switch, a choice and a slider are set in place;
// everything else opens the editor.
Column {
    id: line

    property var field: ({})
    readonly property string kind: field.kind ?? ""
    readonly property bool typed: !["toggle", "choice", "slider"].includes(kind)
    readonly property int number: parseInt(field.value) || 0
    readonly property int pixels: Theme.capMm(Theme.staffMm)
    readonly property string shownValue: kind === "pin" ? "•".repeat(Math.min(12, field.value.length))
        : kind === "date" ? field.value.split("-").reverse().join("/") : field.value ?? ""

    signal edit()

    function set(value: string) {
        Manager.act(line.field.id, value);
    }

    spacing: Theme.mm(1.4)

    Label {
        width: line.width
        visible: !line.typed && line.kind !== "toggle"
        text: line.field.label ?? ""
        font.pixelSize: line.pixels
        font.weight: Font.Bold
    }

    // Opened, or switched, as a whole.
    Press {
        id: whole

        objectName: "field:" + (line.field.id ?? "")
        visible: line.typed || line.kind === "toggle"
        width: line.width
        height: visible ? Math.max(Theme.target, words.height + 2 * Theme.mm(1.6)) : 0
        name: [line.field.label, line.kind === "toggle" ? onOff.text : line.kind === "pin" ? "" : line.shownValue].filter(text => text).join(", ")
        Accessible.role: line.kind === "toggle" ? Accessible.CheckBox : Accessible.Button
        Accessible.checkable: line.kind === "toggle"
        Accessible.checked: line.kind === "toggle" && line.field.value === "on"
        onPressed: line.kind === "toggle" ? line.set(line.field.value === "on" ? "" : "on") : line.edit()

        Column {
            id: words

            x: Theme.mm(3)
            anchors.verticalCenter: parent.verticalCenter
            width: end.x - x - Theme.gap

            Text {
                width: parent.width
                text: line.field.label ?? ""
                color: Theme.ink
                font.pixelSize: line.typed ? Theme.capMm(Theme.smallestTextMm) : line.pixels
                font.weight: line.typed ? Font.Medium : Font.Bold
                wrapMode: Text.WordWrap
                textFormat: Text.PlainText
                Accessible.ignored: true
            }

            Text {
                width: parent.width
                visible: line.typed
                text: line.shownValue || "–"
                color: Theme.ink
                font.pixelSize: line.pixels
                font.weight: Font.Bold
                wrapMode: Text.Wrap
                textFormat: Text.PlainText
                Accessible.ignored: true
            }
        }

        Row {
            id: end

            x: whole.width - width - Theme.mm(2.2)
            anchors.verticalCenter: parent.verticalCenter
            spacing: Theme.gap

            Text {
                id: onOff

                anchors.verticalCenter: parent.verticalCenter
                visible: line.kind === "toggle"
                text: (line.field.value === "on" ? Manager.labels.on : Manager.labels.off) ?? ""
                color: Theme.ink
                font.pixelSize: line.pixels
                font.weight: Font.Bold
                textFormat: Text.PlainText
                Accessible.ignored: true
            }

            Rectangle {
                anchors.verticalCenter: parent.verticalCenter
                visible: line.kind === "toggle"
                width: Theme.mm(13)
                height: Theme.mm(7)
                radius: height / 2
                color: line.field.value === "on" ? Theme.ink : Theme.paper
                border.width: Theme.hairline
                border.color: Theme.ink

                Rectangle {
                    x: line.field.value === "on" ? parent.width - width - y : y
                    y: Theme.mm(1)
                    width: parent.height - 2 * y
                    height: width
                    radius: width / 2
                    color: line.field.value === "on" ? Theme.paper : Theme.ink
                }
            }

            Icon {
                anchors.verticalCenter: parent.verticalCenter
                visible: line.typed
                name: "pencil"
                paper: whole.color
                width: Theme.mm(5.4)
                height: width
            }
        }
    }

    Flow {
        width: line.width
        visible: line.kind === "choice"
        spacing: Theme.gap

        Repeater {
            model: line.kind === "choice" ? line.field.options : []

            PressButton {
                required property var modelData

                objectName: "choice:" + line.field.id + ":" + modelData.value
                most: line.width
                icon: on ? "tick" : ""
                text: modelData.label
                on: modelData.value === line.field.value
                Accessible.role: Accessible.RadioButton
                Accessible.checkable: true
                Accessible.checked: on
                onPressed: line.set(modelData.value)
            }
        }
    }

    Row {
        visible: line.kind === "slider"
        spacing: Theme.gap

        PressButton {
            objectName: "less:" + (line.field.id ?? "")
            icon: "minus"
            name: (line.field.label ?? "") + ", " + (Manager.labels.less ?? "")
            enabled: line.number > line.field.least
            onPressed: line.set(String(Math.max(line.field.least, line.number - line.field.step)))
        }

        Item {
            width: line.width - 2 * Theme.target - 2 * Theme.gap
            height: Theme.target
            Accessible.role: Accessible.Slider
            Accessible.name: (line.field.label ?? "") + ", " + line.number

            Text {
                anchors.horizontalCenter: parent.horizontalCenter
                text: line.number
                color: Theme.ink
                font.pixelSize: line.pixels
                font.weight: Font.Bold
                Accessible.ignored: true
            }

            Rectangle {
                y: parent.height - height
                width: parent.width
                height: Theme.mm(3)
                radius: height / 2
                color: Theme.control
                border.width: Theme.hairline
                border.color: Theme.line

                Rectangle {
                    width: Math.max(height, parent.width * (line.number - line.field.least) / Math.max(1, line.field.most - line.field.least))
                    height: parent.height
                    radius: height / 2
                    color: Theme.accent
                }
            }
        }

        PressButton {
            objectName: "more:" + (line.field.id ?? "")
            icon: "plus"
            name: (line.field.label ?? "") + ", " + (Manager.labels.more ?? "")
            enabled: line.number < line.field.most
            onPressed: line.set(String(Math.min(line.field.most, line.number + line.field.step)))
        }
    }

    Label {
        width: line.width
        visible: text !== ""
        text: line.field.note ?? ""
        color: Theme.soft
        font.pixelSize: Theme.capMm(Theme.smallestTextMm)
    }

    Row {
        visible: (line.field.error ?? "") !== ""
        spacing: Theme.mm(1.6)

        Icon {
            id: wrong

            name: "triangle"
            width: Theme.mm(6)
            height: width
        }

        Label {
            width: line.width - wrong.width - Theme.mm(1.6)
            text: line.field.error ?? ""
            font.pixelSize: line.pixels
            font.weight: Font.Bold
            Accessible.role: Accessible.AlertMessage
        }
    }
}
