import WinnowTokenizers

/// What the caller reads of the last layer.
package enum WantedStates: Sendable {
    /// The first token of each sequence: the last layer computes keys and values for all tokens, the rest for one.
    case firstTokens
    case allTokens
}

/// One pass of a group of sequences through a model, cut into parts of rows that several threads may work on.
///
/// Stage 0 embeds the rows of each part and computes the first layer's keys and values of them; stage *l* finishes layer *l* − 1
/// and computes the keys and values of layer *l*. A part reads the other parts' keys and values of the stage before and
/// writes rows of its own only, so one wait a layer is all that the threads need.
///
/// `@unchecked Sendable`: immutable but for what the workspace points to; the parts of a stage write disjoint rows of it, and
/// stages run one after the other (``WorkerPool/run(chains:limit:_:)``, or one thread).
package final class BertPass: @unchecked Sendable {
    package let wanted: WantedStates
    package let workspace: BertWorkspace
    package let sequences: [Sequence]
    /// The rows of each part, in order; together all of them.
    package let parts: [Range<Int>]

    package struct Sequence: Sendable {
        package let input: ModelInput
        package let rows: Range<Int>
    }

    package var tokens: Int { parts.last?.upperBound ?? 0 }

    /// - Parameter parts: 1…number of tokens.
    package init(_ inputs: [ModelInput], wanted: WantedStates, parts: Int, workspace: BertWorkspace) {
        var first = 0
        sequences = inputs.map { input in
            defer { first += input.ids.count }
            return Sequence(input: input, rows: first..<first + input.ids.count)
        }
        let tokens = first
        self.parts = (0..<parts).map { tokens * $0 / parts..<tokens * ($0 + 1) / parts }
        self.wanted = wanted
        self.workspace = workspace
        workspace.reserve(rows: tokens, alternates: parts > 1)
    }

    /// The sequences that have rows in the range, with those rows.
    package func sequences(in rows: Range<Int>) -> [(sequence: Sequence, rows: Range<Int>)] {
        sequences.compactMap { sequence in
            let common = sequence.rows.clamped(to: rows)
            return common.isEmpty ? nil : (sequence, common)
        }
    }
}
