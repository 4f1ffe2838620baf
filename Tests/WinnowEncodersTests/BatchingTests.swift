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

    @Test func noTaskIsNoWork() async throws {
        try await WorkerPool.run(tasks: 0, limit: nil) { _ in Issue.record("there is no task") }
    }
}
