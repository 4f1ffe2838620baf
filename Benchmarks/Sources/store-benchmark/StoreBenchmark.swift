import ArgumentParser
import Winnow

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A store of many passages with generated texts and vectors: how large it is, how long it takes to open, and how fast each first stage is.
@main
struct StoreBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store-benchmark",
        abstract: "Fills a store with generated passages and searches it.",
        discussion: """
            Vectors are of one of 1,000 directions with noise, words fall in frequency as in language (Zipf, exponent 1, over a million words), passages have 60 to 140 of \
            them. All of it follows from --seed. Run `fill` once, then `search` in a process of its own: its memory is then that of a \
            reader alone.
            """,
        subcommands: [Fill.self, Search.self])
}

struct Fill: AsyncParsableCommand {
    @Argument var store: String
    @Option var passages = 1_000_000
    @Option var dimension = 384
    @Option var seed: UInt64 = 1
    @Option(help: "Documents of a commit, of 10 passages each.") var batch = 100

    func run() async throws {
        let generator = Generator(dimension: dimension, seed: seed)
        let clock = ContinuousClock()
        let writer = try await StoreWriter.open(store, profile: try Generator.profile(dimension: dimension))
        let start = clock.now
        var done = 0
        while done < passages {
            try writer.begin()
            for _ in 0..<batch where done < passages {
                let document = "d\(done / 10)"
                let records = (0..<min(10, passages - done)).map { ordinal in
                    generator.record(document, ordinal, number: done + ordinal)
                }
                try writer.put(
                    DocumentRecord(
                        id: document, title: nil, metadata: [:], origin: nil, contentHash: Generator.hash,
                        byteCount: records.reduce(0) { $0 + $1.passage.text.utf8.count }))
                try writer.append(records)
                done += records.count
            }
            try writer.commit()
            if done % 50_000 < batch * 10 { print("\(done) passages in \(clock.now - start)") }
        }
        let filled = clock.now - start
        let closing = try clock.measure { try writer.close() }
        print("filled in \(filled), closed in \(closing), peak memory \(peakMemory() >> 20) MB")
    }
}

struct Search: AsyncParsableCommand {
    @Argument var store: String
    @Option var queries = 200
    @Option var limit = 100
    @Option var seed: UInt64 = 1

    func run() async throws {
        let clock = ContinuousClock()
        var opened: Store?
        let opening = try clock.measure { opened = try Store.open(store) }
        guard let opened else { return }
        let info = try await opened.info()
        print("\(info.passages) passages, file \(info.fileBytes >> 20) MB, scan cache \(info.cacheBytes >> 20) MB")
        if let lexical = info.lexical {
            print("lexical index \(lexical.bytes >> 20) MB in \(lexical.segments) segments, \(lexical.tokens) terms")
        }
        print("opened in \(opening), memory \(peakMemory() >> 20) MB")
        let generator = Generator(dimension: info.profile.dimension, seed: seed)
        for terms in [3, 10, 25] {
            var times: [Duration] = []
            for query in 0..<queries {
                let text = generator.query(terms, number: query)
                times.append(try await clock.measure { _ = try await opened.search(lexical: text, limit: limit) })
            }
            report("bm25, \(terms) terms", times)
        }
        var times: [Duration] = []
        for query in 0..<queries {
            let vector = generator.vector(1_000_000_000 + query)
            times.append(try await clock.measure { _ = try await opened.search(vector, limit: limit) })
        }
        report("dense", times)
    }

    private func report(_ name: String, _ times: [Duration]) {
        let first = times.first.map { milliseconds($0) } ?? 0
        let sorted = times.dropFirst().map(milliseconds).sorted()
        guard !sorted.isEmpty else { return }
        print(
            "\(name): first \(first) ms, then p50 \(sorted[sorted.count / 2]) ms, p95 \(sorted[sorted.count * 95 / 100]) ms; "
                + "peak memory \(peakMemory() >> 20) MB")
    }

    private func milliseconds(_ time: Duration) -> Double { (time / .milliseconds(1) * 100).rounded() / 100 }
}

/// Passages and queries from a seed.
struct Generator {
    let dimension: Int
    let seed: UInt64
    private static let vocabulary = 1_000_000.0

    static let hash = Fingerprint(hexadecimal: String(repeating: "5e", count: 32))!

    static func profile(dimension: Int) throws -> StoreProfile {
        StoreProfile(
            embedder: "generated", embedderFingerprint: hash, dimension: dimension, precision: "float32",
            chunking: "generated", passageTokens: nil, budget: "", tokenizer: nil)
    }

    func record(_ document: String, _ ordinal: Int, number: Int) -> PassageRecord {
        var random = Random(state: seed &* 0x9E37_79B9 &+ UInt64(number) &* 2)
        let words = (0..<60 + Int(random.next() % 81)).map { _ in word(&random) }
        let text = words.joined(separator: " ")
        let passage = Passage(id: "\(document)#\(ordinal)", documentID: document, text: text)
        return PassageRecord(passage: passage, vector: vector(number), tokens: nil)
    }

    /// Words as passages have them, the most frequent ones too, as questions do.
    func query(_ terms: Int, number: Int) -> String {
        var random = Random(state: seed &+ 77 &+ UInt64(number) &* 1_000_003)
        return (0..<terms).map { _ in word(&random) }.joined(separator: " ")
    }

    /// The place in a Zipf distribution of exponent 1 is the vocabulary to the power of a uniform number; a word is the place in letters.
    private func word(_ random: inout Random) -> String {
        var place = UInt64(pow(Self.vocabulary, random.uniform()))
        var letters: [UInt8] = []
        repeat {
            letters.append(97 + UInt8(place % 26))
            place /= 26
        } while place > 0
        return "q" + String(decoding: letters, as: UTF8.self)
    }

    func vector(_ number: Int) -> [Float] {
        var centre = Random(state: seed &+ UInt64(number % 1000) &* 0xD129_0DDD)
        var noise = Random(state: seed &+ UInt64(number) &* 0xA24B_AED4_963E_E407)
        return (0..<dimension).map { _ in Float(centre.uniform() - 0.5) + 0.7 * Float(noise.uniform() - 0.5) }
    }
}

/// SplitMix64.
struct Random {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }
}

/// The most that the process had in memory at once, in bytes.
func peakMemory() -> Int {
    var usage = rusage()
    #if canImport(Glibc)
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    #else
    getrusage(RUSAGE_SELF, &usage)
    #endif
    return usage.ru_maxrss * 1024
}
