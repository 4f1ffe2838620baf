/// Whether there is anything to read in a text.
package enum VisibleText {
    /// True when every scalar is white space, a control, or ignorable by default (zero-width spaces and joiners, soft hyphens,
    /// variation selectors, byte order marks: Unicode's `Default_Ignorable_Code_Point`). A model gets no token of such a text,
    /// and would answer from its special tokens alone.
    package static func isAbsent(from text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            let properties = scalar.properties
            return properties.isWhitespace || properties.isDefaultIgnorableCodePoint
                || properties.generalCategory == .control
        }
    }
}
