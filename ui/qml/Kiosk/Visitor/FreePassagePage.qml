import Kiosk.Backend
import Kiosk.Controls

// The door stands open to everybody.
MessagePage {
    icon: Visitor.icon
    title: Visitor.title
    texts: [Visitor.hint]
    titleMm: 12
    iconPart: 1.35
}
