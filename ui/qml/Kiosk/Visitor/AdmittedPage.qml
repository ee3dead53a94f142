import Kiosk.Backend
import Kiosk.Controls

// The gate is open.
MessagePage {
    icon: Visitor.icon
    title: Visitor.title
    texts: [Visitor.hint]
    titleMm: 14
    iconPart: 1.35
}
