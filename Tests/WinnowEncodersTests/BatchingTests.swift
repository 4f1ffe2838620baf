import Synchronization
import TestSupport
import Testing
import WinnowEncoders

@Suite struct BatchingTests {
    @Test(arguments: [
        [], [1], [512], [96, 96], [10, 20, 30, 40], Array(repeating: 7, count: 100), [300, 5, 5, 90, 95, 96, 97],
    ])
    func groupsHoldEverySequenceOnceAndLongestFirst(lengths: [Int]) {
        let groups = Batching.groups(lengths: lengths)
        #expect(groups.flatMap(\.members).sorted() == Array(lengths.indices))
        for group in groups {
            #expect(group.tokenCount == group.members.reduce(0) { $0 + lengths[$1] })
            #expect(group.members.count == 1 || group.tokenCount <= Batching.groupTokens)
        }
        #expect(groups.flatMap { $0.members.map { lengths[$0] } } == lengths.sorted(by: >))
    }

    @Test func aDeadlineKeepsTheOrder() {
        let groups = Batching.groups(lengths: [3, 200, 5], keepsOrder: true)
        #expect(groups.map(\.members) == [[0], [1], [2]])
    }

    /// When the last thread is done, a token being a unit of time: each takes what may start next, and stages of a shared group wait for
    /// one another.
    static func makespan(_ plan: BatchPlan, threads: Int, stages: Int = 7) -> Double {
        struct Chain {
            var tasks: [[Double]]
            var stage = 0
            var started = 0
            var done = 0
        }
        var chains = [Chain(tasks: [plan.whole.map { Double($0.tokenCount) }])]
        chains += plan.shared.map { group, parts in
            let part = Double(group.tokenCount) / Double(parts * stages)
            return Chain(tasks: Array(repeating: Array(repeating: part, count: parts), count: stages))
        }
        var running: [(end: Double, chain: Int)] = []
        var now = 0.0
        while true {
            while running.count < threads,
                let index = chains.firstIndex(where: {
                    $0.stage < $0.tasks.count && $0.started < $0.tasks[$0.stage].count
                })
            {
                running.append((now + chains[index].tasks[chains[index].stage][chains[index].started], index))
                chains[index].started += 1
            }
            guard let next = running.indices.min(by: { running[$0].end < running[$1].end }) else { return now }
            let (end, chain) = running.remove(at: next)
            now = end
            chains[chain].done += 1
            if chains[chain].done == chains[chain].tasks[chains[chain].stage].count {
                chains[chain].stage += 1
                (chains[chain].started, chains[chain].done) = (0, 0)
            }
        }
    }

    /// Lengths of requests of all kinds, with some that are hard to share out.
    static let lengths: [[Int]] = {
        var random = SeededGenerator(seed: 1)
        let drawn = (0..<40).map { index in
            (0..<1 + index * index / 20).map { _ in
                index.isMultiple(of: 2)
                    ? Int.random(in: 10...400, using: &random) : Int.random(in: 120...180, using: &random)
            }
        }
        return drawn + [
            [], [512], [14], [5], [100, 100, 100], Array(repeating: 150, count: 20), [300, 7, 97], [318, 73],
            [318, 107, 77, 73], [500, 100, 100, 100, 100, 100, 100], [500, 96, 96, 96, 96, 96], Array(100..<133),
            Array(repeating: 150, count: 5), [512] + Array(repeating: 90, count: 300),
        ]
    }()

    @Test(arguments: [1, 2, 3, 4, 8, 16, 32], [false, true])
    func noThreadIdlesAtTheEndOfAPlan(threads: Int, keepsOrder: Bool) {
        for lengths in Self.lengths {
            let plan = Batching.plan(lengths: lengths, threads: threads, keepsOrder: keepsOrder)
            let groups = plan.whole + plan.shared.map(\.group)
            #expect(Set(groups) == Set(Batching.groups(lengths: lengths, keepsOrder: keepsOrder)))
            #expect(groups.flatMap(\.members).sorted() == Array(lengths.indices))
            if keepsOrder { #expect(groups.flatMap(\.members) == Array(lengths.indices)) }
            if threads == 1 { #expect(plan.shared.isEmpty) }
            for (group, parts) in plan.shared {
                #expect(1...threads ~= parts && (parts == 1 || group.tokenCount / parts >= Batching.partTokens))
            }
            let total = Double(lengths.reduce(0, +))
            guard total >= Double(2 * Batching.partTokens * threads) else { continue }
            // Few sequences on many threads cannot be cut into equal parts of one layer.
            let bounds: [Int: Double] = [1: 1.0001, 2: 1.15, 3: 1.36, 4: 1.45, 8: 1.6, 16: 1.9, 32: 2.1]
            let bound = bounds[threads, default: 1]
            #expect(
                Self.makespan(plan, threads: threads) <= bound * total / Double(threads),
                "\(threads) threads: \(lengths)")
            // Sharing costs a wait a layer: it is for what does not come out even.
            if !keepsOrder { #expect(plan.shared.count <= 2 * threads, "\(threads) threads: \(lengths)") }
        }
    }

    /// One long sequence and a short one: two threads work on the long one together rather than one on each.
    @Test func sequencesOfVeryDifferentLengthsAreShared() {
        for (lengths, threads, whole, shared) in [
            ([73, 318], 2, [73], [318, 2]), ([150, 150, 150, 150], 2, [150, 150, 150], [150, 2]),
            ([150, 150, 150], 2, [150, 150], [150, 2]),
            ([500, 100, 100, 100, 100, 100, 100], 8, [100, 100, 100, 100, 100, 100], [500, 8]),
        ] {
            let plan = Batching.plan(lengths: lengths, threads: threads)
            #expect(plan.whole.map(\.tokenCount) == whole)
            #expect(plan.shared.flatMap { [$0.group.tokenCount, $0.parts] } == shared)
        }
        // With a deadline the first is wanted most, and what follows a shared one does not start before it.
        let kept = Batching.plan(lengths: [400, 100, 80, 60, 50], threads: 3, keepsOrder: true)
        #expect(kept.whole.isEmpty && kept.shared.flatMap(\.group.members) == [0, 1, 2, 3, 4])
    }

    /// A stage's tasks start when all of the stage before are done, whatever else runs; each runs once.
    @Test(
        arguments: [1, 2, 5], [[[3]], [[4], [1, 3, 3, 1], [2, 2]], [[0], [1, 5, 1]], [[0, 3], [2, 0, 7], [1]]])
    func stagesOfAChainRunOneAfterTheOther(limit: Int, chains: [[Int]]) async throws {
        let log = Mutex<[(task: WorkerPool.StagedTask, starts: Bool)]>([])
        try await WorkerPool.run(chains: chains, limit: limit) { task in
            log.withLock { $0.append((task, true)) }
            log.withLock { $0.append((task, false)) }
        }
        let events = log.withLock { $0 }
        let expected = chains.enumerated().flatMap { chain, stages in
            stages.prefix { $0 > 0 }.enumerated().flatMap { stage, tasks in
                (0..<tasks).map { WorkerPool.StagedTask(chain: chain, stage: stage, task: $0) }
            }
        }
        #expect(Set(events.filter(\.starts).map(\.task)) == Set(expected))
        #expect(events.count == 2 * expected.count)
        var done: [[Int]: Int] = [:]
        for (task, starts) in events {
            if starts, task.stage > 0 {
                #expect(done[[task.chain, task.stage - 1]] == chains[task.chain][task.stage - 1])
            } else if !starts {
                done[[task.chain, task.stage], default: 0] += 1
            }
        }
    }

    /// Requests in stages beside plain ones, more than there are threads: all end, nothing is lost.
    @Test func stagedAndPlainRequestsShareThePool() async throws {
        let done = Collected<Int>(count: 40 * 20)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for request in 0..<40 {
                group.addTask {
                    let chains = request.isMultiple(of: 2) ? [[20]] : [[4], [4, 4, 4, 4]]
                    try await WorkerPool.run(chains: chains, limit: 1 + request % 3) { task in
                        done.store(request, at: request * 20 + 4 * (task.chain + task.stage) + task.task)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(done.values == (0..<800).map { $0 / 20 })
    }

    @Test(arguments: [1, 2, 3, 100], [1, 2, 5])
    func thePoolRunsEveryTaskOnceWithinItsLimit(tasks: Int, limit: Int) async throws {
        struct State {
            var running = 0
            var most = 0
            var runs: [Int: Int] = [:]
        }
        let state = Mutex(State())
        try await WorkerPool.run(tasks: tasks, limit: limit) { task in
            state.withLock {
                $0.running += 1
                $0.most = max($0.most, $0.running)
                $0.runs[task, default: 0] += 1
            }
            state.withLock { $0.running -= 1 }
        }
        let end = state.withLock { $0 }
        #expect(end.runs == Dictionary(uniqueKeysWithValues: (0..<tasks).map { ($0, 1) }))
        #expect(end.most <= limit)
        #expect(end.running == 0)
    }

    @Test func manyRequestsShareThePool() async throws {
        let done = Collected<Int>(count: 1000)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for request in 0..<50 {
                group.addTask {
                    try await WorkerPool.run(tasks: 20, limit: 2) { task in
                        done.store(request, at: request * 20 + task)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(done.values == (0..<1000).map { $0 / 20 })
    }

    /// Also inside a task of a pool whose threads are all busy with such tasks.
    @Test(arguments: [0, 1, 2, 100], [1, 2, 5])
    func workInPlaceIsDoneWhereverItIsAskedFor(count: Int, threads: Int) async throws {
        let expected = (0..<count).map { $0 * $0 }
        #expect(WorkerPool.map(count, threads: threads) { $0 * $0 } == expected)
        let inside = Collected<[Int]>(count: 8)
        try await WorkerPool.run(tasks: 8, limit: nil) { task in
            inside.store(WorkerPool.map(count, threads: threads) { $0 * $0 }, at: task)
        }
        #expect(inside.values == Array(repeating: expected, count: 8))
    }

    @Test func noTaskIsNoWork() async throws {
        try await WorkerPool.run(tasks: 0, limit: nil) { _ in Issue.record("there is no task") }
    }
}
