import WinnowCore

/// Passages as a model reads them: under a header with number, source, title, section and place, and below it what the scores say.
enum PassageText {
    private static let opening = "--- ["

    static func of(_ hit: Hit, number: Int, _ result: SearchResult) -> String {
        let metadata = hit.passage.metadata
        var parts = [metadata[MetadataField.source]?.stringValue ?? hit.passage.documentID]
        if let title = metadata[MetadataField.title]?.stringValue ?? hit.passage.title { parts.append(title) }
        if let section = metadata[MetadataField.section]?.stringValue { parts.append(section) }
        if let page = pages([hit]) { parts.append(page) }
        parts.append(bytes(hit.passage.range))
        return block(number, parts, "id \(line(hit.id)); " + scores(hit, result), hit.passage.text)
    }

    static func of(_ item: Context.Item, isCited: Bool) -> String {
        var parts = [item.source ?? item.documentID]
        if let title = item.title { parts.append(title) }
        if let section = item.section { parts.append(section) }
        if let page = pages(item.hits) { parts.append(page) }
        parts.append(bytes(item.range))
        if item.truncated { parts.append("its beginning") }
        let ids = item.hits.map { line($0.id) }.joined(separator: ", ")
        return block(item.number, parts, (isCited ? "cited; " : "not cited; ") + "passages \(ids)", item.text)
    }

    private static func block(_ number: Int, _ parts: [String], _ remark: String, _ text: String) -> String {
        opening + "\(number)] " + parts.map(line).filter { !$0.isEmpty }.joined(separator: " | ") + "\n(\(remark))\n"
            + body(text) + "\n"
    }

    /// What the stages say of a hit, by the names that JSON has.
    ///
    /// - Parameter saysRank: of what a caller brought, the rank before is the index.
    static func scores(_ hit: Hit, _ result: SearchResult, saysRank: Bool = true) -> String {
        var parts: [String] = []
        if let probability = hit.probability {
            parts.append("probability \(NumberText.fixed(probability.value, 3)) (calibrated)")
        }
        if let logit = hit.logit { parts.append("logit \(NumberText.fixed(Double(logit.value), 2))") }
        if parts.isEmpty {
            let isReranked = result.trace.models["reranker"] != nil
            if let score = hit.retrievalScore {
                parts.append(
                    "retrieval score \(NumberText.fixed(score, 4)) (\(result.trace.retriever ?? "first stage"))")
            }
            if isReranked { parts.append("not scored by the reranker") }
        } else if saysRank {
            parts.append("rank \(hit.initialRank) before reranking")
        }
        if hit.truncated { parts.append("cut at its end for the reranker") }
        return parts.joined(separator: ", ")
    }

    private static func bytes(_ range: Range<Int>) -> String { "bytes \(range.lowerBound)–\(range.upperBound)" }

    private static func pages(_ hits: [Hit]) -> String? {
        var all: [Int64] = []
        for hit in hits {
            for field in [MetadataField.page, MetadataField.pageEnd] {
                if case .integer(let page)? = hit.passage.metadata[field] { all.append(page) }
            }
        }
        guard let first = all.min(), let last = all.max() else { return nil }
        return first == last ? "page \(first)" : "pages \(first)–\(last)"
    }

    private static func line(_ text: String) -> String { SingleLine.of(text, limit: 300) }

    /// A text of others, a passage's or an answer's, in which no line begins as a header does, and nothing moves a terminal's cursor.
    /// What it is byte for byte stands in the structured result.
    static func body(_ text: String) -> String {
        var plain = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\u{2028}", "\u{2029}": plain.append("\n")
            case "\n", "\t": plain.append(scalar)
            default:
                if scalar.properties.generalCategory != .control, !DisplayText.isDirectionMark(scalar) {
                    plain.append(scalar)
                }
            }
        }
        return plain.split(separator: "\n", omittingEmptySubsequences: false)
            .map { (looksLikeHeader($0) ? " " : "") + String($0) }.joined(separator: "\n")
    }

    /// Scalars are compared, and only those that are seen: joined to others, or behind what has no width, a header's look the same.
    private static func looksLikeHeader(_ line: Substring.UnicodeScalarView) -> Bool {
        line.lazy.filter { !$0.properties.isDefaultIgnorableCodePoint && $0.properties.generalCategory != .format }
            .starts(with: opening.unicodeScalars)
    }
}
