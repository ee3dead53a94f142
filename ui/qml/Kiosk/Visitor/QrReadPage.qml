import Kiosk.Backend
import Kiosk.Controls

// The code has been read.
MessagePage {
    icon: Visitor.icon
    title: Visitor.title
    texts: [Visitor.hint]
    titleMm: 10
}
