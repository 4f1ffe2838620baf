/// Numbers as people write them in options.
package enum PlainNumber {
    /// - Returns: nil for anything but a decimal number.
    static func parse<Number: BinaryFloatingPoint & LosslessStringConvertible>(_ text: some StringProtocol) -> Number? {
        // Swift's own parsers also take hexadecimal numbers, which nobody means here.
        text.utf8.contains { $0 | 0x20 == UInt8(ascii: "x") } ? nil : Number(String(text))
    }

    /// The shortest text that is read as the same number, whole numbers without a point.
    package static func text(_ value: some BinaryFloatingPoint & LosslessStringConvertible) -> String {
        let text = String(value)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
