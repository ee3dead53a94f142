import Kiosk.Backend
import Kiosk.Controls

// Fire: out, and nobody in. Large, and nothing that moves.
MessagePage {
    icon: Visitor.icon
    title: Visitor.title
    texts: [Visitor.reason, Visitor.hint]
    strong: Visitor.hint
    titleMm: 12
    iconPart: 1.35
}
