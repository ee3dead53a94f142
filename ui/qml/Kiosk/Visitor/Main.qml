pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Forms
import Kiosk.Manager
import Kiosk.Theme

Window {
    title: Visitor.title
    color: Theme.paper

    Surface {
        id: surface

        // What visitors see; behind the manager's screen, nothing of it.
        Item {
            id: visitors

            anchors.fill: parent
            visible: !Manager.shown

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
                corner: Qt.size(corner.width, corner.height - y)
            }

            // Where an alarm stands, it takes the place of the status line; whoever is being served comes first.
            AlarmStrip {
                id: strip

                visible: Visitor.alarmText !== "" && !Forms.shown
                x: Theme.margin
                y: Theme.margin
                width: surface.width - x - (corner.visible ? corner.width + 2 * Theme.gap : Theme.margin)
            }

            Loader {
                id: page

                objectName: "page"
                visible: !form.visible
                x: 2 * Theme.margin
                y: strip.visible ? strip.y + strip.height + Theme.gap
                    : status.visible && ["idle", "align"].includes(Visitor.page) ? status.y + status.height + Theme.gap : Theme.margin
                width: (corner.visible && !status.visible && !surface.portrait ? corner.x - Theme.gap : surface.width - x) - x
                height: footer.y - y - Theme.margin
                sourceComponent: {
                    if (Visitor.languages.length > 0)
                        return languages;
                    switch (Visitor.page) {
                    case "idle":
                    case "align": return idle;
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

                visible: !(form.item as FormFrame)?.typing
                portrait: surface.portrait
                x: Theme.margin
                y: surface.height - height - Theme.margin
                width: surface.width - 2 * Theme.margin
            }

            // A form that a visitor fills in takes the page's place; its keyboard is drawn over everything.
            Loader {
                id: form

                objectName: "form"
                active: Forms.shown
                visible: active && Visitor.languages.length === 0
                x: 2 * Theme.margin
                y: Theme.margin
                width: surface.width - 2 * x
                height: footer.y - y - Theme.margin
                sourceComponent: FormFrame {
                    board: board
                }
            }

            Corner {
                id: corner

                objectName: "corner"
                x: surface.width - Theme.gap - width
                clocked: status.visible
                // Not while a visitor is answered. Whoever comes for an alarm confirms that first.
                visible: !Forms.shown && !["qr_read", "align", "checking", "admitted", "refused", "staff"].includes(Visitor.page) && (!strip.visible || Visitor.alarmConfirmed)
            }

            Item {
                id: board

                anchors.fill: parent
            }
        }

        Loader {
            objectName: "manager"
            anchors.fill: parent
            active: Manager.shown
            sourceComponent: Frame {}
        }
    }

    // Whoever comes next begins anew with the keys as well.
    Connections {
        target: Appearance

        function onDimmedChanged() {
            if (Appearance.dimmed)
                visitors.forceActiveFocus();
        }
    }

    Shortcut {
        sequence: "F1"
        onActivated: Manager.enter()
    }

    Component { id: idle; IdlePage {} }
    Component { id: languages; LanguagesPage {} }
    Component { id: qrRead; QrReadPage {} }
    Component { id: checking; CheckingPage {} }
    Component { id: admitted; AdmittedPage {} }
    Component { id: refused; RefusedPage {} }
    Component { id: staff; StaffPage {} }
    Component { id: freePassage; FreePassagePage {} }
    Component { id: fire; FirePage {} }
    Component { id: closed; ClosedPage {} }
}
