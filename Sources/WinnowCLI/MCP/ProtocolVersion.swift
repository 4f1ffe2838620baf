/// A revision of the Model Context Protocol that is spoken here.
enum ProtocolVersion: String, CaseIterable, Sendable, Comparable {
    case november2024 = "2024-11-05"
    case march2025 = "2025-03-26"
    case june2025 = "2025-06-18"
    case november2025 = "2025-11-25"
    /// Without a handshake: every request says its version itself.
    case july2026 = "2026-07-28"

    /// Revisions are dates.
    static func < (left: ProtocolVersion, right: ProtocolVersion) -> Bool { left.rawValue < right.rawValue }

    /// Agreed on by `initialize`, once.
    var hasHandshake: Bool { self < .july2026 }

    /// Several messages in one array: JSON-RPC has them, and the protocol until it took them out.
    var hasBatches: Bool { self < .june2025 }

    /// Tools say whether they change anything.
    var hasAnnotations: Bool { self >= .march2025 }

    /// Progress comes with words.
    var hasProgressMessages: Bool { self >= .march2025 }

    /// Tools have titles and output schemas, and results are structured beside their text.
    var hasStructuredContent: Bool { self >= .june2025 }

    /// What a client gets that asks for a revision that is not spoken here.
    static let latestWithHandshake = ProtocolVersion.november2025
}
