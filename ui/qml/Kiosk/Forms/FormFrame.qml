pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls
import Kiosk.Theme

// A page of a form: what is asked, what can be answered, and what leads on, always in the lower part. Where something is
// typed the keyboard opens over the whole glass, which is `board`.
Item {
    id: frame

    required property Item board

    readonly property var view: Forms.view
    readonly property string stage: view.stage
    readonly property bool portrait: height > 0.8 * width
    // Questions have their words on the left and their answers on the right where the glass lies; sentences all of it.
    readonly property bool split: !portrait && view.choices.length > 0
    readonly property real headWidth: split ? Math.round(width * 0.42) : width
    readonly property real navWidth: split ? headWidth : width
    readonly property real bodyTop: split ? 0 : head.y + head.height + Theme.gap
    // What stands between the words and what leads on, with the gap above it.
    readonly property real below: body.visible ? body.used + Theme.gap + (more.visible ? more.height + Theme.gap : 0) : answering ? Theme.target + 2 * Theme.gap : 0
    // Where a long question leaves no room for it on the left, what turns the pages stands below the answers.
    readonly property bool moreBelow: split && !head.fitsIn(nav.y - Theme.target - 2 * Theme.gap - head.bar)
    readonly property bool answering: stage === "question" && view.layout !== ""
    readonly property bool told: stage === "sending" || stage === "receipt" || stage === "still_there"

    // What lies under the keyboard is neither seen nor heard.
    readonly property bool typing: keyboard.active

    visible: !typing

    function open() {
        keyboard.active = false;
        if (frame.answering)
            keyboard.active = true;
    }

    PointHandler {
        onActiveChanged: if (active) Forms.touch()
    }

    Connections {
        target: Forms

        property string page

        function onChanged() {
            if (!Forms.shown) {
                keyboard.active = false;
                page = "";
            } else if (page !== Forms.page) {
                page = Forms.page;
                body.page = 0;
                frame.open();
            } else if (Forms.view.problem !== "" && frame.answering) {
                frame.open();
            }
        }
    }

    Icon {
        id: told

        visible: frame.told
        x: Math.round((frame.width - width) / 2)
        y: head.y - height - Theme.gap
        name: ({ sending: "hourglass", receipt: "disc-tick", still_there: "clock" })[frame.stage] ?? ""
        ink: Theme.accent
        height: Math.round(Math.min(frame.height * 0.28, frame.width * 0.4))
        width: height
    }

    Column {
        id: head

        readonly property real bar: frame.view.progress !== "" ? Theme.mm(1.2) + spacing : 0
        readonly property real room: frame.split ? nav.y - (more.visible && !frame.moreBelow ? more.height + Theme.gap : 0) - Theme.gap - bar
            : frame.told ? nav.y - (told.visible ? told.height + Theme.gap : 0) - Theme.gap : frame.stage === "question" || frame.stage === "review" ? frame.height * 0.35 : frame.height - nav.height - Theme.gap
        readonly property list<string> texts: [frame.view.problem !== "" ? frame.view.problem : frame.view.hint].filter(text => text !== "")
        // Where even that is too little, the bar alone shows how far it is, and has the words as its name.
        readonly property bool terse: frame.split && frame.view.progress !== "" && !fitsIn(room)
        readonly property list<int> sizes: Typography.column(frame.view.title, [terse ? "" : frame.view.progress, ...texts], frame.headWidth, room, Theme.gap,
            Theme.capMm(frame.told ? Theme.titleMm : frame.stage === "consent" ? Theme.textMm : Theme.textMm * 1.25), Theme.capMm(Theme.smallestTextMm), Theme.capMm(Theme.textMm), Theme.capMm(Theme.smallestTextMm))

        // On a tall glass the words stand right above their answers, low enough for every hand.
        y: frame.portrait && !frame.told ? Math.max(0, nav.y - Theme.gap - frame.below - height) : frame.told ? Math.round((nav.y - height + told.height + Theme.gap) / 2) : 0
        width: frame.headWidth
        spacing: Math.round(Theme.gap / 2)

        function fitsIn(height: real): bool {
            return Typography.fits(frame.view.title, [frame.view.progress, ...head.texts], frame.headWidth, height, head.spacing,
                Theme.capMm(Theme.smallestTextMm), Theme.capMm(Theme.smallestTextMm));
        }

        Label {
            width: parent.width
            visible: text !== "" && !head.terse
            text: frame.view.progress
            color: Theme.soft
            font.pixelSize: head.sizes[1]
        }

        Rectangle {
            width: parent.width
            height: Theme.mm(1.2)
            radius: height / 2
            visible: frame.view.progress !== ""
            color: Theme.control
            Accessible.role: Accessible.ProgressBar
            Accessible.name: frame.view.progress
            Accessible.ignored: !head.terse

            Rectangle {
                width: Math.round(parent.width * frame.view.part)
                height: parent.height
                radius: height / 2
                color: Theme.accent
            }
        }

        Label {
            objectName: "formTitle"
            width: parent.width
            text: frame.view.title
            font.pixelSize: head.sizes[0]
            font.weight: frame.stage === "consent" ? Font.Medium : Font.Bold
            horizontalAlignment: frame.told ? Text.AlignHCenter : Text.AlignLeft
            Accessible.role: Accessible.Heading
        }

        Repeater {
            model: head.texts

            Label {
                required property string modelData
                readonly property bool wrong: frame.view.problem !== ""

                objectName: "formHint"
                width: head.width
                text: modelData
                color: wrong ? Theme.accent : Theme.soft
                font.pixelSize: head.sizes[1]
                font.weight: wrong ? Font.Bold : Font.Medium
                horizontalAlignment: frame.told ? Text.AlignHCenter : Text.AlignLeft
            }
        }
    }

    FormChoices {
        id: body

        objectName: "formBody"
        x: frame.split ? frame.headWidth + 2 * Theme.gap : 0
        y: frame.split ? 0 : frame.portrait ? (more.visible ? more.y : nav.y) - Theme.gap - height : frame.bodyTop
        width: frame.width - x
        height: frame.portrait ? used : room
        visible: frame.view.choices.length > 0
        choices: frame.view.choices
        many: frame.view.many
        marked: frame.stage === "question"
        low: frame.portrait
        room: frame.split ? frame.height : nav.y - 2 * Theme.gap - head.height
        reserve: frame.split && !frame.moreBelow ? 0 : more.height + Theme.gap
        onChosen: id => frame.stage === "review" ? Forms.change(id) : Forms.choose(id)
    }

    TouchButton {
        id: more

        objectName: "moreChoices"
        visible: body.visible && body.pages > 1
        x: frame.moreBelow ? body.x : 0
        y: frame.moreBelow ? frame.height - height : nav.y - height - Theme.gap
        width: frame.moreBelow ? body.width : frame.navWidth
        text: Forms.labels.more + " (" + (body.page + 1) + "/" + body.pages + ")"
        onPressed: body.page = (body.page + 1) % body.pages
    }

    // What was typed; touched, the keyboard opens again.
    FormChoice {
        objectName: "typedAnswer"
        visible: frame.answering
        y: frame.bodyTop + Theme.gap
        width: frame.width
        height: implicitHeight
        marked: false
        pixelSize: nav.pixels
        text: frame.view.shown !== "" ? frame.view.shown : Forms.labels.typeHere
        name: text
        onPressed: frame.open()
    }

    Item {
        id: nav

        y: frame.height - height
        width: frame.navWidth
        height: (agree.visible && frame.portrait) || nav.stacked ? 2 * Theme.target + Theme.gap : Theme.target

        FormChoice {
            id: agree

            objectName: "agree"
            visible: frame.view.agree !== ""
            x: frame.portrait ? 0 : back.width + Theme.gap
            width: frame.portrait ? parent.width : next.x - Theme.gap - x
            height: Theme.target
            many: true
            pixelSize: frame.portrait ? nav.pixels : Theme.capMm(Theme.smallestTextMm)
            text: frame.view.agree
            on: frame.view.agreed
            onPressed: Forms.toggleAgreed()
        }

        TouchButton {
            id: back

            objectName: "formBack"
            y: parent.height - height
            width: nav.stacked ? parent.width : implicitWidth
            visible: frame.view.back !== ""
            // Beside a question there is room for an arrow alone.
            icon: frame.split ? "key-left" : ""
            text: frame.split ? "" : frame.view.back
            name: frame.view.back
            pixelSize: nav.pixels
            onPressed: Forms.goBack()
        }

        // Long labels stand above each other.
        readonly property bool stacked: back.visible && next.visible && !frame.split
            && back.implicitWidth + next.implicitWidth + Theme.mm(6) + Theme.gap > width
        readonly property int pixels: Typography.row([frame.view.back, frame.view.next], width - Theme.gap - 8 * Theme.mm(2.2), Math.min(Theme.capMm(Theme.textMm), Math.floor(Theme.target * 0.75)), Theme.capMm(Theme.smallestTextMm))

        TouchButton {
            id: next

            objectName: "formNext"
            y: nav.stacked ? 0 : parent.height - height
            x: parent.width - width
            visible: frame.view.next !== ""
            width: nav.stacked ? parent.width : frame.split ? parent.width - back.width - Theme.gap : implicitWidth + Theme.mm(6)
            text: frame.view.next
            on: frame.view.can_go_on
            pixelSize: nav.pixels
            onPressed: Forms.goOn()
        }
    }

    Loader {
        id: keyboard

        parent: frame.board
        anchors.fill: parent
        active: false
        sourceComponent: Keyboard {
            layout: frame.view.layout
            title: frame.view.title
            error: frame.view.problem
            text: frame.view.typed
            placeholder: frame.view.placeholder
            note: frame.view.hint
            maxLength: frame.view.max_length
            acceptText: frame.view.next
            onAccepted: text => {
                keyboard.active = false;
                Forms.enter(text);
            }
            onCancelled: keyboard.active = false
            onUsed: Forms.touch()
        }
    }

    Component.onCompleted: frame.open()
}
