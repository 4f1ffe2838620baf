import ArgumentParser
import Winnow
import WinnowIngest
@_spi(Benchmarks) import WinnowStore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Times BM25 over a corpus in memory, or answers lexical-peers.py, which has other programs do the same in turn.
@main
struct LexicalBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lexical-benchmark",
        abstract: "Times BM25 over a folder in BEIR layout, one thread, the index in memory.",
        discussion: """
            Every query is asked with and without leaving out what cannot matter; the two must agree to the bit, else the exit code \
            is 1.
            """)

    @Argument(help: "A folder with corpus.jsonl and queries.jsonl.")
    var collection: String

    @Option(help: "How many hits.")
    var limit = 100

    @Option(help: "Times that all queries are asked.")
    var rounds = 5

    @Option(help: "At most so many queries, the first ones.")
    var queries = 1000

    @Option var bm25K1 = 1.5
    @Option var bm25B = 0.75

    @Option(help: "How words are found: unicode or ascii.")
    var words = "ascii"

    @Option(help: "english or none.")
    var stem = "none"

    @Flag(
        help:
            "Obey lines of standard input: 'round' answers with the nanoseconds that all queries took, 'run FILE' writes the hits."
    )
    var serve = false

    @Option(help: "Write the terms of every passage and query there, one text a line, terms apart by spaces.")
    var terms: String?

    func run() throws {
        guard let words = LexicalAnalysis.Words(rawValue: words),
            let stemming = LexicalAnalysis.Stemming(rawValue: stem)
        else {
            throw ValidationError("--words is unicode or ascii, --stem english or none")
        }
        let documents = try CorpusReader().read([collection + "/corpus.jsonl"]).documents
        let texts = try QueriesFile(reading: collection + "/queries.jsonl").queries.prefix(queries).map(\.text)
        let passages = documents.map { Passage(id: $0.id, documentID: $0.id, title: $0.title, text: $0.text) }
        let clock = ContinuousClock()
        let start = clock.now
        let index = LexicalIndex(passages, analysis: LexicalAnalysis(words: words, stemming: stemming))
        let built = clock.now - start
        let search = MeasuredLexicalSearch(index, bm25: try BM25(k1: bm25K1, b: bm25B))
        if let terms {
            try Self.write(passages.map { search.terms($0.content) }, to: terms + ".corpus")
            try Self.write(texts.map { search.terms($0) }, to: terms + ".queries")
        }
        if serve { return try obey(search, texts) }

        print("\(passages.count) passages indexed in \(built), \(search.byteCount) bytes")
        for _ in 0..<rounds {
            var line = ""
            for skips in [true, false] {
                var total = (postings: 0, added: 0, lookups: 0, rescored: 0)
                let took = try clock.measure {
                    for text in texts {
                        let found = try search.search(text, limit: limit, skips: skips)
                        total.postings += found.postings
                        total.added += found.added
                        total.lookups += found.lookups
                        total.rescored += found.rescored
                    }
                }
                let count = Double(texts.count)
                line += "\(skips ? "skipping" : "all"): \(Int(count / took.seconds)) queries/s, "
                line += "\(total.added / texts.count) of \(total.postings / texts.count) postings added, "
                line += "\(total.lookups / texts.count) looked up, \(total.rescored / texts.count) rescored;  "
            }
            print(line)
        }
        for text in texts {
            let one = try search.search(text, limit: limit)
            let other = try search.search(text, limit: limit, skips: false)
            guard one.hits.elementsEqual(other.hits, by: { $0.row == $1.row && $0.score == $1.score }) else {
                print("differs: \(text)")
                throw ExitCode(1)
            }
        }
    }

    private func obey(_ search: MeasuredLexicalSearch, _ texts: [String]) throws {
        while let line = readLine() {
            if line == "round" {
                var times: [Int] = []
                for text in texts {
                    let clock = ContinuousClock()
                    let took = try clock.measure { _ = try search.search(text, limit: limit) }
                    times.append(Int(took.seconds * 1e9))
                }
                print(times.map(String.init).joined(separator: " "))
                fflush(nil)
            } else if line.hasPrefix("run ") {
                let lines = try texts.map { text in
                    try search.search(text, limit: limit).hits.map { "\($0.row):\($0.score)" }
                }
                try Self.write(lines, to: String(line.dropFirst(4)))
                print("done")
                fflush(nil)
            }
        }
    }

    private static func write(_ lines: [[String]], to path: String) throws {
        guard let file = fopen(path, "w") else { throw ValidationError("\(path) cannot be written") }
        defer { fclose(file) }
        for line in lines { fputs(line.joined(separator: " ") + "\n", file) }
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
