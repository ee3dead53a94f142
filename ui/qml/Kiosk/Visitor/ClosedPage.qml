import Kiosk.Backend
import Kiosk.Controls

// This entrance does not work, is locked or being serviced, or is only starting.
MessagePage {
    icon: Visitor.icon
    title: Visitor.title
    texts: [Visitor.reason, Visitor.hint]
    strong: Visitor.hint
}
