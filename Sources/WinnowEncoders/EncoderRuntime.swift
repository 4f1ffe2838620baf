import Synchronization
import WinnowCore
import WinnowTokenizers

/// What both encoders share: the loaded model, and the way texts become token ids and groups become work for the pool.
package final class EncoderRuntime: Sendable {
    package let source: ModelSource
    package let description: ModelDescription
    package let tokenizer: any TextTokenizer
    package let maxLength: Int
    package let options: EncoderOptions
    package let bert: any PackedEncoder
    /// What ``EncoderOptions/precision`` came to.
    package let precision: Precision
    package let weights: (pooler: LinearWeights?, classifier: LinearWeights?)
    /// What the user should know about the model as it was loaded.
    package let notes: [String]
    private let workspaces: BertWorkspaces
    private let pace = Pace()
    /// Of tokenising, an operation being a byte.
    private let tokenizingPace = Pace()
    private let fingerprints = Mutex<(model: Fingerprint?, tokenizer: Fingerprint?)>((nil, nil))

    package init(_ source: ModelSource, kind: ModelKind, options: EncoderOptions) throws {
        if let threads = options.threads, !(1...256).contains(threads) {
            throw EncoderError.invalidThreads(threads)
        }
        if options.kernels == nil, let request = Kernels.refusedRequest {
            throw EncoderError.unknownKernels(request: request, available: Kernels.available.map(\.name))
        }
        let source = source.opened()
        let description = try ModelDescription.read(source)
        try description.require(kind, at: source.location)
        let tokenizer = try source.tokenizer()
        guard tokenizer.vocabularySize <= description.bert.vocabularySize else {
            throw EncoderError.vocabularyMismatch(
                model: source.location, tokenizer: tokenizer.vocabularySize,
                embeddings: description.bert.vocabularySize)
        }
        try Self.checkTypeIDs(of: tokenizer.template, kind: kind, description: description, source: source)
        let weights = try BertWeights(source, description: description)
        self.source = source
        self.description = description
        self.tokenizer = tokenizer
        self.options = options
        self.maxLength =
            try options.maxLength.map {
                try MaximumLength.resolve(
                    tokenizerMaximum: nil, positions: description.bert.maxPositions, requested: $0)
            } ?? description.maxLength
        let kernels = options.kernels ?? Kernels.active
        precision = try Self.resolve(options.precision, kernels: kernels, description: description)
        switch precision {
        case .automatic, .float32:
            bert = PackedBert(
                weights, configuration: description.bert, arithmetic: Float32Arithmetic(kernels),
                threads: options.threads)
        case .bfloat16 where kernels.hasBFloat16 && description.bert.headSize % 2 == 0:
            bert = PackedBert(
                weights, configuration: description.bert,
                arithmetic: BFloat16Arithmetic(kernels, headSize: description.bert.headSize),
                threads: options.threads)
        case .bfloat16:
            bert = PackedBert(
                weights, configuration: description.bert, arithmetic: BFloat16WeightArithmetic(kernels),
                threads: options.threads)
        case .int8:
            bert = PackedBert(
                weights, configuration: description.bert,
                arithmetic: Int8Arithmetic(
                    kernels, headSize: description.bert.headSize, positions: description.bert.maxPositions),
                threads: options.threads)
        }
        self.weights = (weights.pooler, weights.classifier)
        notes = description.notes + Self.noteOfRounding(weights, to: precision, name: description.name)
        self.workspaces = BertWorkspaces(description.bert, layout: bert.layout)
    }

    /// Says so when float weights were made int8 by the way.
    private static func noteOfRounding(_ weights: BertWeights, to precision: Precision, name: String) -> [String] {
        guard precision == .int8, let stored = weights.layers.first?.query.weight.values.dtype, stored != .i8 else {
            return []
        }
        return [
            "\(name) holds \(stored.spelledOut) weights, which were rounded to int8 while loading; what that costs is not known "
                + "for this model: compare with float32 (winnow eval)"
        ]
    }

    /// The arithmetic that is meant.
    private static func resolve(
        _ precision: Precision, kernels: Kernels, description: ModelDescription
    ) throws -> Precision {
        switch precision {
        case .automatic: return kernels.hasVNNI && description.bert.quantization != nil ? .int8 : .float32
        case .float32, .bfloat16: return precision
        case .int8:
            guard description.bert.intermediateSize <= Int8Linear.mostInputs,
                description.bert.hiddenSize <= Int8Linear.mostInputs
            else {
                throw EncoderError.tooWideForInt8(
                    model: description.name, inputs: max(description.bert.intermediateSize, description.bert.hiddenSize)
                )
            }
            return precision
        }
    }

    /// The template's type ids against the rows that the model has for them, so that no text is blamed later.
    private static func checkTypeIDs(
        of template: SequenceTemplate, kind: ModelKind, description: ModelDescription, source: ModelSource
    ) throws {
        let input =
            switch kind {
            case .biEncoder:
                try template.single([0], maxLength: template.singleSpecialCount + 1, truncation: .longestFirst)
            case .crossEncoder:
                try template.pair(
                    query: [0], passage: [0], maxLength: template.pairSpecialCount + 2, truncation: .longestFirst)
            }
        let rows = description.bert.typeVocabularySize
        if let type = input.typeIDs.first(where: { Int($0) >= rows }) {
            throw ModelError(
                .invalidConfiguration, at: source.location(of: "config.json"),
                "\"type_vocab_size\" is \(rows), and the tokenizer's template gives a \(kind) the type id \(type)",
                remedy: "The tokenizer's files and config.json are of different models")
        }
    }

    /// Everything a result depends on. Hashes the model's files the first time, unless they are built in.
    package func identity() throws -> ModelIdentity {
        let fingerprint = try fingerprints.withLock { known in
            if let fingerprint = known.model { return fingerprint }
            let fingerprint = try source.fingerprint()
            known.model = fingerprint
            return fingerprint
        }
        return ModelIdentity(
            name: description.name, fingerprint: fingerprint, precision: precision.rawValue,
            kernels: bert.kernels.name, truncation: "\(options.truncation.rawValue):\(maxLength)")
    }

    /// What stored token ids must have been made with to be taken as they are.
    package func tokenizerFingerprint() throws -> Fingerprint {
        try fingerprints.withLock { known in
            if let fingerprint = known.tokenizer { return fingerprint }
            let fingerprint = try source.tokenizerFingerprint()
            known.tokenizer = fingerprint
            return fingerprint
        }
    }

    // MARK: - Work for the pool

    /// Texts a task of the pool tokenises.
    private static let textsPerTask = 8

    /// So many bytes together are tokenised sooner than a thread of the pool wakes: a query, a short passage.
    private static let bytesTokenizedInPlace = 1024

    /// Token ids of each text, without special tokens; made on the pool, unless they are very few.
    package func tokenize(_ texts: [String]) async throws -> [[Int32]] {
        try await tokenize(texts, within: TimeLimit(nil)).map { $0 ?? [] }
    }

    /// The same; nil for texts that there was no time for.
    package func tokenize(_ texts: [String], within time: TimeLimit) async throws -> [[Int32]?] {
        var bytes = 0
        if texts.allSatisfy({ text in
            bytes += text.utf8.count
            return bytes <= Self.bytesTokenizedInPlace
        }) {
            return texts.map { tokenizer.tokenIDs(for: $0) }
        }
        let tasks = (texts.count + Self.textsPerTask - 1) / Self.textsPerTask
        let collected = Collected<[Int32]>(count: texts.count)
        try await run(tasks: tasks) { [tokenizer, tokenizingPace] task in
            let range = task * Self.textsPerTask..<min((task + 1) * Self.textsPerTask, texts.count)
            guard time.isLimited else {
                collected.store(range.map { tokenizer.tokenIDs(for: texts[$0]) }, at: range.lowerBound)
                return
            }
            for index in range {
                let work = Double(texts[index].utf8.count)
                // Texts before this one may still be scored, so only it and those behind it are given up. The first one is tried while
                // there is time at all: a pace that nothing is measured by any more would never change.
                guard index == 0 ? !time.hasPassed : time.hasRoom(for: tokenizingPace.expected(work: work)) else {
                    return
                }
                let start = ContinuousClock.now
                collected.store(tokenizer.tokenIDs(for: texts[index]), at: index)
                tokenizingPace.add(work: work, took: ContinuousClock.now - start)
            }
        }
        return collected.values
    }

    /// Runs sequences through the encoder on the pool and hands each group's rows to `read`.
    /// - Parameters:
    ///   - name: how an error names the sequence of that index.
    ///   - time: groups that cannot end in it are left out: those that by the pace so far are not expected to, and all behind the
    ///     first such; one that was begun in vain is given up between two layers. Sequences then start in the order given.
    ///   - read: called on the pool with the members of a group, their lengths and the workspace that holds their result.
    package func forward(
        _ inputs: [ModelInput], wanted: WantedStates, name: (Int) -> String,
        within time: TimeLimit = TimeLimit(nil),
        read: @escaping @Sendable (_ members: [Int], _ lengths: [Int], _ workspace: BertWorkspace) -> Void
    ) async throws {
        for (index, input) in inputs.enumerated() where !bert.check(input) {
            throw EncoderError.unusable(
                item: name(index),
                reason: input.ids.isEmpty
                    ? "it is empty, and this model's template puts no special token around it: there is nothing to run. "
                        + "Leave it out"
                    : "its token ids or its length do not fit the model. Token ids that were stored with it are damaged, "
                        + "or of another tokenizer; make them again from the text")
        }
        let threads = options.threads ?? Kernels.processorCount
        let plan = Batching.plan(lengths: inputs.map(\.ids.count), threads: threads, keepsOrder: time.isLimited)
        let whole = plan.whole
        let shared = plan.shared.map { SharedGroup($0.group, parts: $0.parts) }
        // Threads that a shared group can have when all of them are open.
        let threadsPerGroup = max(1, threads / max(1, shared.count))
        let chains = shared.map { [1] + bert.stages(wanted: wanted, parts: $0.parts) + [1] }
        let start = Start()
        defer { if start.wasOnlyRefused { pace.relax() } }
        try await run(chains: [[whole.count]] + chains) { [bert, workspaces, pace] task in
            func work(_ members: [Int]) -> Double {
                BertWork(bert.configuration, lengths: members.map { inputs[$0].ids.count }, wanted: wanted).computed
            }
            guard task.chain > 0 else {
                let members = whole[task.task].members
                let work = work(members)
                guard start.isAllowed(time, pace.expected(work: work)) else { return }
                let sequences = members.map { inputs[$0] }
                workspaces.withWorkspace { workspace in
                    let begin = ContinuousClock.now
                    guard
                        bert.forward(
                            sequences, wanted: wanted, workspace: workspace, isCancelled: { time.hasPassed })
                    else { return pace.add(unfinished: work, after: ContinuousClock.now - begin) }
                    read(members, sequences.map(\.ids.count), workspace)
                    pace.add(work: work, took: ContinuousClock.now - begin)
                }
                return
            }
            let group = shared[task.chain - 1]
            let begin = ContinuousClock.now
            if task.stage == 0 {
                let expected = pace.expected(work: work(group.members))
                guard start.isAllowed(time, expected.map { $0 / min(group.parts, threadsPerGroup) }) else { return }
                group.pass = BertPass(
                    group.members.map { inputs[$0] }, wanted: wanted, parts: group.parts, workspace: workspaces.take())
                return
            }
            guard let pass = group.pass else { return }
            if task.stage < chains[task.chain - 1].count - 1 {
                // Once a part was left out, what the others make of its rows is not read.
                if time.hasPassed { group.isGivenUp.store(true, ordering: .relaxed) }
                if group.isGivenUp.load(ordering: .relaxed) { return }
                workspaces.withWorkspace { own in
                    bert.run(stage: task.stage - 1, part: task.task, of: pass, scratch: own.scratch)
                }
                group.spent.add(Int64((ContinuousClock.now - begin).milliseconds * 1e6), ordering: .relaxed)
            } else {
                let work = work(group.members)
                let spent = Duration.nanoseconds(group.spent.load(ordering: .relaxed))
                if group.isGivenUp.load(ordering: .relaxed) {
                    pace.add(unfinished: work, after: spent)
                } else {
                    read(group.members, pass.sequences.map(\.rows.count), pass.workspace)
                    pace.add(work: work, took: spent)
                }
                workspaces.putBack(pass.workspace)
            }
        }
    }

    /// Whether groups of a request were begun, or all were refused though there was time left.
    private final class Start: Sendable {
        private let begun = Atomic(false)
        private let refused = Atomic(false)

        func isAllowed(_ time: TimeLimit, _ expected: Duration?) -> Bool {
            if time.allows(expected) {
                begun.store(true, ordering: .relaxed)
                return true
            }
            if !time.hasPassed { refused.store(true, ordering: .relaxed) }
            return false
        }

        var wasOnlyRefused: Bool { refused.load(ordering: .relaxed) && !begun.load(ordering: .relaxed) }
    }

    /// A group that several threads work on.
    ///
    /// `@unchecked Sendable`: `pass` is set in the one task of the first stage of the group's chain and read in later stages; the rest is
    /// immutable or atomic.
    private final class SharedGroup: @unchecked Sendable {
        let members: [Int]
        let parts: Int
        /// nil when there was no time for it.
        var pass: BertPass?
        /// The deadline came while it was computed.
        let isGivenUp = Atomic(false)
        /// Nanoseconds that its parts took, all threads together.
        let spent = Atomic<Int64>(0)

        init(_ group: SequenceGroup, parts: Int) {
            members = group.members
            self.parts = parts
        }
    }

    private func run(tasks: Int, _ body: @escaping @Sendable (Int) -> Void) async throws {
        try await run(chains: [[tasks]]) { body($0.task) }
    }

    /// - Throws: `CancellationError`
    private func run(chains: [[Int]], _ body: @escaping @Sendable (WorkerPool.StagedTask) -> Void) async throws {
        try await WorkerPool.runUntilCancelled(chains: chains, limit: options.threads, body)
    }
}

/// Results that come in from several threads, by their place.
package final class Collected<Value: Sendable>: Sendable {
    private let storage: Mutex<[Value?]>

    package init(count: Int) {
        storage = Mutex(Array(repeating: nil, count: count))
    }

    package func store(_ value: Value, at index: Int) {
        storage.withLock { $0[index] = value }
    }

    package func store(_ values: [Value], at first: Int) {
        storage.withLock { storage in
            for (offset, value) in values.enumerated() { storage[first + offset] = value }
        }
    }

    package var values: [Value?] { storage.withLock { $0 } }
}
