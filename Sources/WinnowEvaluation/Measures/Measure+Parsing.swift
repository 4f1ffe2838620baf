extension Measure {
    /// Reads a measure's name, in upper or lower case, as ir_measures (`nDCG@10`, `AP(rel=2)@100`), trec_eval
    /// (`ndcg_cut_10`, `recip_rank`) or common speech (`MRR@10`, `Recall@100`, `MAP`) write it.
    ///
    /// - Throws: ``EvaluationError/measure(_:)`` with what is known, and the nearest name where there is one.
    public init(parsing text: String) throws {
        let trimmed = text.trimmed
        var head = trimmed[...]
        var cutoff: String?
        if let at = head.lastIndex(of: "@") {
            cutoff = head[head.index(after: at)...].trimmed
            head = head[..<at]
        }
        var parameters: [(name: String, value: String)] = []
        head = head.trimmed[...]
        if let open = head.firstIndex(of: "(") {
            guard head.last == ")" else {
                throw MeasureFault.malformed(text: trimmed, reason: "'(' is not closed before '@' or the end").error
            }
            parameters = try Self.parameters(head[head.index(after: open)...].dropLast(), of: trimmed)
            head = head[..<open].trimmed[...]
        }
        let name = head.lowercased()
        guard !name.isEmpty else { throw MeasureFault.malformed(text: trimmed, reason: "the name is missing").error }
        let kind: Kind
        if let found = Self.names[name] {
            kind = found
        } else if cutoff == nil, parameters.isEmpty, let (stem, digits) = Self.trecName(name),
            let found = Self.names[stem]
        {
            (kind, cutoff) = (found, digits)
        } else {
            throw MeasureFault.unknown(text: trimmed, suggestion: Self.suggestion(for: name, cutoff: cutoff)).error
        }
        try self.init(kind, cutoffText: cutoff, parameters: parameters)
    }

    /// Reads several, separated by commas, semicolons or white space; one that stands there twice is taken once.
    public static func list(parsing text: String) throws -> [Measure] {
        var parts: [String] = [""]
        var depth = 0
        for character in text {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if depth <= 0, character == "," || character == ";" || character.isWhitespace {
                parts.append("")
            } else {
                parts[parts.count - 1].append(character)
            }
        }
        var measures: [Measure] = []
        for part in parts where !part.trimmed.isEmpty {
            let measure = try Measure(parsing: part)
            if !measures.contains(measure) { measures.append(measure) }
        }
        guard !measures.isEmpty else { throw MeasureFault.noneNamed.error }
        return measures
    }

    private init(_ kind: Kind, cutoffText: String?, parameters: [(name: String, value: String)]) throws {
        let cutoff = try cutoffText.map { text in
            guard let number = Int(text), text.utf8.allSatisfy({ (48...57).contains($0) }) else {
                throw MeasureFault.cutoff(kind, text).error
            }
            return number
        }
        var (level, gain, judgedOnly) = (1, Gain.linear, false)
        for (name, value) in parameters {
            switch (name, value.lowercased()) {
            case ("rel", let value):
                guard let number = Int(value), number >= 1 else { throw MeasureFault.level(kind, value).error }
                guard kind.hasLevel else { throw MeasureFault.parameter(kind, "rel").error }
                level = number
            case ("gain", "exp"), ("gain", "exponential"), ("dcg", "exp-log2"): gain = .exponential
            case ("gain", "linear"), ("dcg", "log2"): gain = .linear
            case ("judged_only", "true"): judgedOnly = true
            case ("judged_only", "false"): judgedOnly = false
            case ("gain", _):
                throw MeasureFault.value(kind, parameter: name, value: value, allowed: "linear or exp").error
            case ("dcg", _):
                throw MeasureFault.value(kind, parameter: name, value: value, allowed: "'log2' or 'exp-log2'").error
            case ("judged_only", _):
                throw MeasureFault.value(kind, parameter: name, value: value, allowed: "True or False").error
            default: throw MeasureFault.parameter(kind, name).error
            }
        }
        try self.init(kind, at: cutoff, level: level, gain: gain, judgedOnly: judgedOnly)
    }

    private static func parameters(_ list: Substring, of text: String) throws -> [(name: String, value: String)] {
        try list.split(separator: ",", omittingEmptySubsequences: true).map { part in
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2 else {
                throw MeasureFault.malformed(text: text, reason: "'\(part)' is not of the form parameter=value").error
            }
            let value = sides[1].trimmed
            let quotes: Set<Character> = ["'", "\""]
            let isQuoted = value.count >= 2 && value.first == value.last && value.first.map(quotes.contains) == true
            return (sides[0].trimmed.lowercased(), isQuoted ? String(value.dropFirst().dropLast()) : value)
        }
    }

    /// `ndcg_cut_10` and `ndcg_cut.10` in two.
    private static func trecName(_ name: String) -> (stem: String, digits: String)? {
        guard let cut = name.lastIndex(where: { $0 == "_" || $0 == "." }) else { return nil }
        let digits = name[name.index(after: cut)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return (String(name[..<cut]), String(digits))
    }

    /// In lower case.
    private static let names: [String: Kind] = [
        "ndcg": .nDCG, "ndcg_cut": .nDCG,
        "rr": .reciprocalRank, "mrr": .reciprocalRank, "recip_rank": .reciprocalRank,
        "ap": .averagePrecision, "map": .averagePrecision, "map_cut": .averagePrecision,
        "p": .precision, "precision": .precision, "prec": .precision,
        "r": .recall, "recall": .recall,
        "success": .success, "hit": .success, "hits": .success, "hitrate": .success, "hit_rate": .success,
        "rprec": .rPrecision, "r-prec": .rPrecision, "r_prec": .rPrecision, "r-precision": .rPrecision,
        "bpref": .bpref,
        "judged": .judged,
        "setr": .setRecall, "set_recall": .setRecall,
    ]

    private static func suggestion(for name: String, cutoff: String?) -> String? {
        let letters = name.filter(\.isLetter)
        let nearest = names.map { (distance(letters, $0.key), $0.key) }.min { $0 < $1 }
        guard let nearest, nearest.0 <= 2, nearest.0 < letters.count, let kind = names[nearest.1] else { return nil }
        let digits = name.filter(\.isNumber)
        let number = cutoff ?? (digits.isEmpty ? "10" : String(digits))
        let takesCutoff = kind.needsCutoff || kind.allowsCutoff && (cutoff != nil || !digits.isEmpty)
        return kind.rawValue + (takesCutoff ? "@\(number)" : "")
    }

    /// Levenshtein's.
    private static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var row = Array(0...right.count)
        for (index, character) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let replaced = diagonal + (right[column] == character ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
            }
        }
        return row[right.count]
    }
}

extension StringProtocol {
    /// Without white space at both ends.
    package var trimmed: String {
        var scalars = unicodeScalars[...]
        while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        return String(String.UnicodeScalarView(scalars))
    }
}
