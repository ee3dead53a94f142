pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Forms
import Kiosk.Theme

Window {
    title: Visitor.title
    color: Theme.paper

    Surface {
        id: surface

        MouseArea {
            anchors.fill: parent
            enabled: Visitor.page === "refused"
            onClicked: Visitor.touch()
        }

        StatusBar {
            id: status

            visible: Visitor.tone === "calm" && !strip.visible && !Forms.shown
            x: Theme.margin
            y: Math.round(Theme.margin / 2)
            width: surface.width - 2 * Theme.margin
        }

        // Where an alarm stands, it takes the place of the status line.
        AlarmStrip {
            id: strip

            x: Theme.margin
            y: Theme.margin
            width: surface.width - 2 * Theme.margin
        }

        Loader {
            id: page

            objectName: "page"
            visible: !Forms.shown
            x: 2 * Theme.margin
            y: strip.visible ? strip.y + strip.height + Theme.gap
                : status.visible && Visitor.page === "idle" ? status.y + status.height + Theme.gap : Theme.margin
            width: surface.width - 2 * x
            height: footer.y - y - Theme.margin
            sourceComponent: {
                switch (Visitor.page) {
                case "idle": return idle;
                case "qr_read": return qrRead;
                case "checking": return checking;
                case "admitted": return admitted;
                case "refused": return refused;
                case "staff": return staff;
                case "free_passage": return freePassage;
                case "fire": return fire;
                default: return closed;
                }
            }
        }

        Footer {
            id: footer

            portrait: surface.portrait
            x: Theme.margin
            y: surface.height - height - Theme.margin
            width: surface.width - 2 * Theme.margin
        }

        // A form that a visitor fills in takes the page's place; its keyboard is drawn over everything.
        Loader {
            objectName: "form"
            active: Forms.shown
            x: 2 * Theme.margin
            y: strip.visible ? strip.y + strip.height + Theme.gap : Theme.margin
            width: surface.width - 2 * x
            height: footer.y - y - Theme.margin
            sourceComponent: FormFrame {
                board: board
            }
        }

        Item {
            id: board

            anchors.fill: parent
        }
    }

    Component { id: idle; IdlePage {} }
    Component { id: qrRead; QrReadPage {} }
    Component { id: checking; CheckingPage {} }
    Component { id: admitted; AdmittedPage {} }
    Component { id: refused; RefusedPage {} }
    Component { id: staff; StaffPage {} }
    Component { id: freePassage; FreePassagePage {} }
    Component { id: fire; FirePage {} }
    Component { id: closed; ClosedPage {} }
}
