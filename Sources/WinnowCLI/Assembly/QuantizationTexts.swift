import Winnow
import WinnowCore
import WinnowIngest

/// Texts for quantising out of files: a test collection's folder, or a file of texts.
enum QuantizationTexts {
    /// Queries that are taken of a collection, evenly over its judged ones, and passages that are read with each.
    private struct Sample {
        var queries, passages: Int
    }

    static func calibration(_ path: String, split: String) throws -> SampleTexts {
        try read(path, split: split, Sample(queries: 100, passages: 3))
    }

    static func heldOut(_ path: String, split: String) throws -> SampleTexts {
        try read(path, split: split, Sample(queries: 40, passages: 20))
    }

    private static func read(_ path: String, split: String, _ sample: Sample) throws -> SampleTexts {
        try AtomicFile.isFolder(path)
            ? collection(path, split: split, sample) : lines(try CandidateReader().read(path), path, sample)
    }

    /// Each query with a document that is relevant, where there is one, and documents that were judged for other queries.
    private static func collection(_ path: String, split: String, _ sample: Sample) throws -> SampleTexts {
        let collection = try TestCollection.read(folder: path, split: split)
        let judged = collection.judgedQueries
        let queries = evenly(judged, sample.queries)
        let best = queries.map { query in
            collection.qrels.qrels.relevant(to: query.id).first
                ?? collection.qrels.qrels.judgements(of: query.id).first?.documentID
        }
        let wanted = Set(best.compactMap { $0.map(ExactText.init) })
        var passages: [String] = []
        var places: [ExactText: Int] = [:]
        _ = try CorpusReader().forEachDocument(in: [path]) { document in
            let id = ExactText(document.id)
            guard wanted.contains(id), places[id] == nil else { return }
            places[id] = passages.count
            passages.append(document.content)
        }
        let found = best.map { $0.flatMap { places[ExactText($0)] } }
        return SampleTexts(
            name: path,
            queries: zip(queries, found).compactMap { query, own in
                own.map { SampleTexts.Query(query.text, passages: others($0, of: passages.count, sample.passages)) }
            }, passages: passages)
    }

    /// Texts without queries: the first words of one stand for a question about it.
    private static func lines(_ candidates: [Candidate], _ path: String, _ sample: Sample) -> SampleTexts {
        let passages = evenly(candidates, 2 * sample.queries).map(\.passage.content)
        let queries = evenly(Array(passages.indices), sample.queries).map { place in
            let words = passages[place].split(separator: " ").prefix(10)
            return SampleTexts.Query(
                words.joined(separator: " "), passages: others(place, of: passages.count, sample.passages))
        }
        return SampleTexts(name: path, queries: queries, passages: passages)
    }

    /// `own`, and the places that follow it at a distance, `count` in all at most.
    private static func others(_ own: Int, of total: Int, _ count: Int) -> [Int] {
        (0..<min(count, total)).map { (own + $0) % total }
    }

    private static func evenly<Element>(_ values: [Element], _ most: Int) -> [Element] {
        guard values.count > most else { return values }
        return (0..<most).map { values[$0 * values.count / most] }
    }
}
