pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls
import Kiosk.Theme

// What the gate is doing for visitors meanwhile, in the colours of their page; who is signed in, and the time of day.
Rectangle {
    id: strip

    readonly property var hues: Theme.palettes[Visitor.tone]
    readonly property int pixels: Theme.capMm(Theme.smallestTextMm)
    readonly property int padding: Theme.mm(1.2)
    readonly property real room: width - 2 * Theme.margin - shape.width - Theme.gap
    // The time of day goes first, then the role moves below.
    readonly property bool clocked: words.implicitWidth + Theme.margin + both.implicitWidth <= room
    readonly property string who: clocked ? both.text : Manager.who
    readonly property bool wraps: who !== "" && words.implicitWidth + Theme.margin + person.implicitWidth > room

    // How much of a very tall glass is out of reach and left to it.
    property real above: 0

    height: above + 2 * padding + words.height + (wraps ? person.height : 0)
    color: Visitor.tone === "calm" ? hues.control : hues.paper

    Rectangle {
        anchors.bottom: parent.bottom
        width: strip.width
        height: Theme.hairline
        color: strip.hues.line
    }

    Icon {
        id: shape

        x: Theme.margin
        y: words.y + Math.round((words.height - height) / 2)
        name: Visitor.icon
        ink: strip.hues.ink
        paper: strip.color
        width: Theme.mm(6)
        height: width
    }

    Label {
        id: words

        x: shape.x + shape.width + Theme.gap
        y: strip.above + strip.padding
        width: strip.wraps || strip.who === "" ? strip.room : strip.room - person.width - Theme.margin
        text: Visitor.alarmText || (Visitor.reason && Visitor.tone !== "calm" ? Visitor.title + ": " + Visitor.reason : Visitor.title)
        color: strip.hues.ink
        font.pixelSize: strip.pixels
        font.weight: Font.Bold
    }

    Text {
        id: both

        visible: false
        text: [Manager.who, Visitor.clock].filter(text => text !== "").join(" · ")
        font.pixelSize: strip.pixels
        font.weight: Font.Medium
        textFormat: Text.PlainText
    }

    Label {
        id: person

        x: strip.wraps ? words.x : strip.width - width - Theme.margin
        y: strip.wraps ? words.y + words.height : words.y
        text: strip.who
        color: strip.hues.ink
        font.pixelSize: strip.pixels
        wrapMode: Text.NoWrap
    }
}
