pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls
import Kiosk.Theme

// Where one is, the way back, the way out, and on a wide glass the controls that turn the page.
Item {
    id: header

    // Whether the controls that turn the page have their place here, and whether they are needed.
    property bool turnable: true
    property bool turns: false
    property bool canUp: false
    property bool canDown: false
    readonly property bool worded: width > Theme.mm(190)
    readonly property real titleX: back.visible ? back.width + Theme.gap : 0
    readonly property real titleEnd: (turnable ? turning.x : choices.visible ? choices.x : leave.visible ? leave.x : width + Theme.gap) - Theme.gap

    signal up()
    signal down()

    height: Math.max(Theme.target, title.height, back.height, leave.height)

    PressButton {
        id: back

        objectName: "managerBack"
        anchors.verticalCenter: parent.verticalCenter
        visible: Manager.backText !== ""
        icon: "arrow-left"
        text: header.worded ? Manager.backText : ""
        name: Manager.backText
        onPressed: Manager.back()
    }

    Label {
        id: title

        anchors.verticalCenter: parent.verticalCenter
        x: header.titleX
        width: header.titleEnd - x
        text: Manager.title
        font.pixelSize: Typography.row([text], width, Theme.capMm(Theme.smallestTitleMm * Theme.staffMm / 5.2), Theme.capMm(Theme.smallestTextMm))
        font.weight: Font.Bold
        Accessible.role: Accessible.Heading
    }

    Row {
        id: turning

        x: (choices.visible ? choices.x - Theme.gap : leave.visible ? leave.x - Theme.gap : header.width) - width
        anchors.verticalCenter: parent.verticalCenter
        visible: header.turnable && header.turns
        spacing: Theme.gap

        PressButton {
            objectName: "pageUp"
            icon: "arrow-up"
            name: Manager.labels.up ?? ""
            enabled: header.canUp
            onPressed: header.up()
        }

        PressButton {
            objectName: "pageDown"
            icon: "arrow-down"
            name: Manager.labels.down ?? ""
            enabled: header.canDown
            onPressed: header.down()
        }
    }

    // Whoever signs in may read another language than the last visitor, or larger letters.
    Row {
        id: choices

        x: header.width - width
        anchors.verticalCenter: parent.verticalCenter
        visible: Manager.page === "sign_in"
        spacing: Theme.gap

        PressButton {
            objectName: "managerLanguage"
            icon: "globe"
            text: header.worded ? Visitor.labels.language : ""
            name: Visitor.labels.language
            onPressed: Visitor.otherLanguage()
        }

        PressButton {
            icon: "text-size"
            name: Visitor.labels.textSize
            on: Visitor.large
            onPressed: Visitor.toggleLarge()
        }

        PressButton {
            icon: "contrast"
            name: Visitor.labels.contrast
            on: Visitor.highContrast
            onPressed: Visitor.toggleContrast()
        }
    }

    PressButton {
        id: leave

        objectName: "signOut"
        x: header.width - width
        anchors.verticalCenter: parent.verticalCenter
        visible: Manager.who !== ""
        icon: "sign-out"
        text: header.worded ? Manager.labels.sign_out ?? "" : ""
        name: Manager.labels.sign_out ?? ""
        onPressed: Manager.leave()
    }
}
