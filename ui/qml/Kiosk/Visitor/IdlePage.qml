pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls
import Kiosk.Forms
import Kiosk.Theme

// What to do, and where: a code is held up, or a face is looked for; where that does not work yet, what helps.
Item {
    id: page

    // An alarm above it makes the page of a tall glass about as wide as high.
    readonly property bool portrait: height > 0.8 * width
    readonly property real aimWidth: portrait ? width : Math.round(Math.max(aim.labelWidth, Math.min(width * (Visitor.shortSideMm > 110 ? 0.5 : 0.44), (height - Theme.mm(10)) * 4 / 3)))
    readonly property real wordsWidth: portrait ? width : width - aimWidth - 2 * Theme.margin
    readonly property real wordsHeight: portrait ? height * 0.42 : height
    readonly property bool guided: Visitor.guide !== ""
    // Where what stands above and below leaves no room for the second line, the first says enough, if need be as small as it.
    readonly property bool terse: Visitor.hint !== "" && !Typography.fits(Visitor.title, [Visitor.hint], wordsWidth, room, Theme.gap,
        Theme.capMm(Theme.smallestTitleMm), Theme.capMm(Theme.smallestTextMm))
    readonly property string hint: terse ? "" : Visitor.hint
    readonly property int drawing: Math.round(Math.min(wordsHeight * 0.25, Theme.mm(Visitor.shortSideMm * 0.2)))
    readonly property real room: wordsHeight - (guided ? drawing + Theme.gap : 0) - (offers.visible ? offers.height + Theme.gap : 0)
    readonly property list<int> sizes: Typography.column(Visitor.title, [hint], wordsWidth, room, Theme.gap,
        Theme.capMm(Theme.titleMm), Theme.capMm(terse ? Theme.smallestTextMm : Theme.smallestTitleMm), Theme.capMm(Theme.textMm), Theme.capMm(Theme.smallestTextMm))

    Column {
        id: words

        y: page.portrait ? page.height - height : Math.round((page.height - height) / 2)
        width: page.wordsWidth
        spacing: Theme.gap

        Icon {
            x: page.portrait ? Math.round((words.width - width) / 2) : 0
            visible: page.guided
            name: Visitor.guide
            ink: Theme.accent
            width: page.drawing
            height: page.drawing
        }

        Label {
            x: page.portrait ? Math.round((words.width - width) / 2) : 0
            width: Typography.balanced(text, font.pixelSize, words.width)
            text: Visitor.title
            color: page.guided ? Theme.accent : Theme.ink
            font.pixelSize: page.sizes[0]
            font.weight: Font.Bold
            horizontalAlignment: page.portrait ? Text.AlignHCenter : Text.AlignLeft
            Accessible.role: Accessible.Heading
        }

        Label {
            x: page.portrait ? Math.round((words.width - width) / 2) : 0
            width: Typography.balanced(text, font.pixelSize, words.width)
            text: page.hint
            visible: text !== ""
            color: Theme.soft
            font.pixelSize: page.sizes[1]
            horizontalAlignment: page.portrait ? Text.AlignHCenter : Text.AlignLeft
        }

        FormOffers {
            id: offers

            // Whoever holds up a code has one.
            visible: Forms.offers.length > 0 && !page.guided && Visitor.page === "idle"
            width: words.width
        }
    }

    Aim {
        id: aim

        x: page.portrait ? 0 : page.width - width
        width: page.aimWidth
        height: page.portrait ? words.y - 2 * Theme.gap : page.height
    }
}
