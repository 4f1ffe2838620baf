/// How many operations a forward pass takes, a multiplication and an addition being two: products of matrices and of
/// attention; norms, softmax and GELU are not counted, as in the usual figures.
package struct BertWork: Sendable, Hashable {
    /// Every layer for every token: what a runtime does that knows nothing of what is read at the end.
    package let full: Double
    /// What is computed: of the last layer keys and values for all tokens, the rest for those that are read.
    package let computed: Double

    /// - Parameter lengths: tokens of each sequence.
    package init(_ configuration: BertConfiguration, lengths: [Int], wanted: WantedStates) {
        let hidden = Double(configuration.hiddenSize)
        let perToken = 2 * (4 * hidden * hidden + 2 * hidden * Double(configuration.intermediateSize))
        var full = 0.0
        var saved = 0.0
        for length in lengths.map(Double.init) {
            let attention = 4 * hidden * length * length
            full += Double(configuration.layerCount) * (perToken * length + attention)
            if wanted == .firstTokens {
                saved += (perToken - 4 * hidden * hidden) * (length - 1) + 4 * hidden * length * (length - 1)
            }
        }
        self.full = full
        computed = full - saved
    }
}
