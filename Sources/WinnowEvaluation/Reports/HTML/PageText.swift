/// Texts of others on a page of ours: passages are strangers' HTML, and ids and queries come from anywhere.
package enum PageText {
    /// `text` for the content of an element and for an attribute's value in double quotes, in HTML as in XML.
    ///
    /// Line ends and tabs become spaces. What nobody sees, and what turns the direction of the text around it (Trojan
    /// Source, CVE-2021-42574), is written out as its code point, so that two ids that differ only there look
    /// different; joiners and variation selectors stay, as emoji and several scripts are made with them.
    package static func escaped(_ text: String) -> String {
        guard !text.unicodeScalars.allSatisfy(isPlain) else { return text }
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped.append(contentsOf: "&amp;".unicodeScalars)
            case "<": escaped.append(contentsOf: "&lt;".unicodeScalars)
            case ">": escaped.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": escaped.append(contentsOf: "&quot;".unicodeScalars)
            case "'": escaped.append(contentsOf: "&#39;".unicodeScalars)
            case "\n", "\r", "\t", "\u{2028}", "\u{2029}", "\u{85}": escaped.append(" ")
            case _ where isPlain(scalar): escaped.append(scalar)
            default: escaped.append(contentsOf: codePoint(scalar).unicodeScalars)
            }
        }
        return String(escaped)
    }

    /// Is printed as it is.
    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x22, 0x26, 0x27, 0x3C, 0x3E: return false
        case 0x20...0x7E: return true
        case 0..<0xA0, 0x2028, 0x2029: return false
        // Not characters, and forbidden or discouraged in XML.
        case 0xFDD0...0xFDEF: return false
        case let value where value & 0xFFFE == 0xFFFE: return false
        default: break
        }
        let properties = scalar.properties
        if properties.isJoinControl || properties.isVariationSelector { return true }
        return !properties.isDefaultIgnorableCodePoint && !properties.isBidiControl
            && properties.generalCategory != .control && properties.generalCategory != .format
    }

    /// `[U+202E]`
    private static func codePoint(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "[U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "]"
    }
}
