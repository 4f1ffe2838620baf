import CWinnowKernels
import Synchronization
import TestSupport
import Testing
import WinnowEncoders
import WinnowTokenizers

/// Requests of an encoder beside one another, and one that is given up in the middle. One test at a time: they hold threads of the
/// shared pool until others have run.
@Suite(.serialized) struct SchedulingTests {
    func runtime(threads: Int) throws -> EncoderRuntime {
        try EncoderRuntime(
            Golden.source("tiny-cross-encoder"), kind: .crossEncoder,
            options: EncoderOptions(precision: .float32, threads: threads))
    }

    /// Sequences of the full length: each is a group of its own.
    static func inputs(_ count: Int) -> [ModelInput] {
        var random = SeededGenerator(seed: 31)
        return (0..<count).map { _ in
            ModelInput(
                ids: (0..<64).map { _ in Int32.random(in: 0..<208, using: &random) },
                typeIDs: [Int32](repeating: 0, count: 64))
        }
    }

    /// How many run at the moment, and ran at once at most.
    final class Running: Sendable {
        private let state = Mutex((now: 0, most: 0))

        var now: Int { state.withLock { $0.now } }
        var most: Int { state.withLock { $0.most } }

        func begin() { state.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) } }

        func finish() { state.withLock { $0.now -= 1 } }
    }

    static func name(_ index: Int) -> String { "sequence \(index)" }

    static func first(_ rows: Int, of workspace: BertWorkspace) -> [[Float]] {
        (0..<rows).map { row in (0..<64).map { workspace.hidden[row * workspace.hiddenStride + $0] } }
    }

    func states(_ runtime: EncoderRuntime, _ inputs: [ModelInput]) async throws -> [[Float]?] {
        let collected = Collected<[Float]>(count: inputs.count)
        try await runtime.forward(inputs, wanted: .firstTokens, name: Self.name) { members, _, workspace in
            for (member, row) in zip(members, Self.first(members.count, of: workspace)) {
                collected.store(row, at: member)
            }
        }
        return collected.values
    }

    /// Cancelled while groups are computed, with parts of another one to come: what has not started never does, and the next
    /// request has the pool, and its results, as if nothing had been.
    @Test(arguments: [(threads: 1, sequences: 9), (threads: 2, sequences: 9), (threads: 3, sequences: 10)])
    func aCancelledRequestLeavesThePoolAsItWas(threads: Int, sequences: Int) async throws {
        let runtime = try runtime(threads: threads)
        let inputs = Self.inputs(sequences)
        let expected = try await states(runtime, inputs)
        #expect(!expected.contains(nil))
        #expect(
            threads == 1 || !Batching.plan(lengths: inputs.map(\.ids.count), threads: threads).shared.isEmpty)

        let read = Mutex<[Int]>([])
        let cancelled = Gate()
        let task = Task {
            try await runtime.forward(inputs, wanted: .firstTokens, name: Self.name) { members, _, _ in
                read.withLock { $0 += members }
                cancelled.block()
            }
        }
        // As many groups as there are threads are held at their ends when the request is given up.
        #expect(try await Gate.comes { read.withLock { $0.count } == threads })
        task.cancel()
        cancelled.open()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(read.withLock { $0.count } == threads)

        #expect(try await states(runtime, inputs) == expected)
    }

    /// A request of one sequence ends while all groups of a large one that its limit lets run are held.
    @Test func aSmallRequestEndsWhileALargeOneIsUnderWay() async throws {
        let large = try runtime(threads: 2)
        // A thread more than the large request may take.
        let small = try runtime(threads: 3)
        let running = Running()
        let release = Gate()
        async let finished: Void = large.forward(Self.inputs(12), wanted: .firstTokens, name: Self.name) { _, _, _ in
            running.begin()
            release.block()
            running.finish()
        }
        #expect(try await Gate.comes { running.now == 2 })
        #expect(try await states(small, Self.inputs(1)).count == 1)
        #expect(running.now == 2, "the large request was held meanwhile")
        release.open()
        try await finished
        #expect(running.most == 2)
    }

    /// Many Swift tasks at once: each has its own results, bit for bit, and they share the threads that there are.
    @Test func manyRequestsAtOnceShareTheThreads() async throws {
        let runtime = try runtime(threads: 2)
        let inputs = Self.inputs(5)
        let expected = try await states(runtime, inputs)
        let running = Running()
        try await withThrowingTaskGroup(of: [[Float]?].self) { group in
            for _ in 0..<24 {
                group.addTask {
                    let collected = Collected<[Float]>(count: inputs.count)
                    try await runtime.forward(inputs, wanted: .firstTokens, name: Self.name) {
                        members, _, workspace in
                        running.begin()
                        for (member, row) in zip(members, Self.first(members.count, of: workspace)) {
                            collected.store(row, at: member)
                        }
                        running.finish()
                    }
                    return collected.values
                }
            }
            for try await states in group { #expect(states == expected) }
        }
        #expect(running.most <= Int(winnow_pool_threads(winnow_pool_shared())))
    }
}
