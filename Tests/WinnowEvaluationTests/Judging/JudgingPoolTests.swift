import Foundation
import TestSupport
import Testing
import WinnowEvaluation

@Suite struct JudgingPoolTests {
    private func run(_ name: String, _ lists: [String: [String]]) throws -> Run {
        var run = Run(name: name)
        for (query, list) in lists {
            try run.setEntries(list.enumerated().map { .init(documentID: $1, score: -Float($0)) }, for: query)
        }
        return run
    }

    private func sample(_ count: Int = 40) throws -> [Run] {
        let queries = (0..<count).map { "q\($0)" }
        let first = Dictionary(uniqueKeysWithValues: queries.map { ($0, ["a", "b", "c", "d"]) })
        let second = Dictionary(uniqueKeysWithValues: queries.map { ($0, ["b", "a", "x", "y"]) })
        return [try run("one", first), try run("two", second)]
    }

    @Test func thePoolIsTheUnionOfTheFirst() throws {
        let pool = try JudgingPool(sample(), depth: 3, seed: 1)
        let own = pool.pairs.filter { !$0.isRepeat }
        #expect(own.count == 40 * 4)
        for query in 0..<40 {
            let ids = own.filter { $0.queryID == "q\(query)" }
            #expect(ids.map(\.documentID).sorted() == ["a", "b", "c", "x"])
            #expect(Set(ids.filter(\.isContested).map(\.documentID)) == ["c", "x"])
        }
    }

    @Test func contestedPairsComeFirst() throws {
        let pool = try JudgingPool(sample(), depth: 4, seed: 3)
        let order = pool.pairs.filter { !$0.isRepeat }.map(\.isContested)
        #expect(order == order.sorted { $0 && !$1 })
        #expect(order.contains(true) && order.contains(false))
    }

    @Test func someComeTwiceBehindTheirFirstPlace() throws {
        for share in [0.05, 0.5, 1] {
            let pool = try JudgingPool(sample(), depth: 4, seed: 9, repeats: share)
            let count = pool.pairs.filter { !$0.isRepeat }.count
            let again = pool.pairs.enumerated().filter(\.element.isRepeat)
            #expect(again.count == min(Int((Double(count) * share).rounded()), count * 3 / 4))
            for (index, pair) in again {
                let first = pool.pairs.firstIndex { $0.queryID == pair.queryID && $0.documentID == pair.documentID }
                #expect(first.map { $0 < index - 1 } == true)
            }
        }
        #expect(try JudgingPool(sample(), depth: 4, seed: 9, repeats: 0).pairs.allSatisfy { !$0.isRepeat })
        #expect(try JudgingPool(sample(1), depth: 1, seed: 9).pairs.count == 3)
    }

    @Test func theSeedDecidesTheOrder() throws {
        let runs = try sample()
        let pool = try JudgingPool(runs, seed: 5)
        #expect(try JudgingPool(runs.reversed(), seed: 5).pairs == pool.pairs)
        #expect(try JudgingPool(runs, seed: 6).pairs != pool.pairs)
        #expect(pool.pairs.map(\.queryID) != pool.pairs.map(\.queryID).sorted())
    }

    @Test func whatIsJudgedOrNotAskedForIsLeftOut() throws {
        var judged = Qrels()
        judged.judge("a", for: "q0", grade: 0)
        judged.judge("b", for: "q0", grade: -1)
        let pool = try JudgingPool(
            sample(), depth: 2, over: ["q0", "q0", "unknown"], leavingOut: judged, seed: 1, repeats: 0)
        #expect(pool.pairs.map(\.documentID) == ["b"])
        judged.judge("b", for: "q0", grade: 1)
        #expect(throws: EvaluationError.pool(.nothingToJudge)) {
            try JudgingPool(sample(), depth: 2, over: ["q0"], leavingOut: judged, seed: 1)
        }
    }

    @Test func oneSystemIsNoPool() throws {
        #expect(throws: EvaluationError.pool(.oneSystem)) { try JudgingPool([sample()[0]], seed: 1) }
        #expect(throws: EvaluationError.pool(.depth(0))) { try JudgingPool(sample(), depth: 0, seed: 1) }
        #expect(throws: EvaluationError.pool(.repeats(1.5))) { try JudgingPool(sample(), seed: 1, repeats: 1.5) }
    }

    @Test(arguments: JudgingPool.Format.allCases)
    func itIsWrittenWithoutItsSourceAndReadBack(format: JudgingPool.Format) throws {
        let pool = try JudgingPool(sample(10), depth: 3, seed: 2, repeats: 0.2)
        let folder = try TemporaryFolder()
        let path = folder.path + "/pool." + format.rawValue
        try pool.write(
            to: path, format: format, queryText: { "what, \"\($0)\"?\nreally" }, passageText: { "=SUM(\($1)) of \($0)" }
        )
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(!text.contains("one") && !text.contains("two"))
        #expect(format == .jsonl || text.contains("'=SUM") && !text.contains(",=SUM"))
        #expect(fault { _ = try PoolJudgements(reading: path) }?.reason.contains("not one of") == true)

        // A person grades all but the first row.
        var lines = text.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
        if format == .csv {
            lines = text.replacingOccurrences(of: "\nreally", with: " really").split(separator: "\n").map(String.init)
            for index in lines.indices.dropFirst(2) { lines[index] += index % 2 == 0 ? "1" : "0" }
        } else {
            for index in lines.indices.dropFirst() {
                lines[index] = lines[index].replacingOccurrences(of: "\"grade\":null", with: "\"grade\":1")
            }
        }
        try folder.write("judged", lines.joined(separator: "\n"))
        let ids = IdentifierSet(pool.pairs.map(\.documentID))
        let judged = try PoolJudgements(
            reading: folder.path + "/judged", queries: IdentifierSet(pool.pairs.map(\.queryID)), documents: ids)
        #expect(judged.unjudged == 1)
        #expect(judged.qrels.judgementCount + judged.agreement.count == pool.pairs.count - 1)
        #expect(format == .csv || judged.agreement.observed == 1)
    }

    @Test func whatASpreadsheetWouldSpoilIsRefused() throws {
        let runs = [try run("a", ["q": ["=1+1"]]), try run("b", ["q": ["d"]])]
        let pool = try JudgingPool(runs, seed: 1)
        let folder = try TemporaryFolder()
        #expect {
            try pool.write(to: folder.path + "/a.csv", format: .csv, queryText: { $0 }, passageText: { $1 })
        } throws: {
            "\($0)".contains("JSONL")
        }
        try pool.write(to: folder.path + "/a.jsonl", format: .jsonl, queryText: { $0 }, passageText: { $1 })
        #expect(throws: EvaluationError.pool(.missingText(queryID: "q", documentID: nil))) {
            try pool.write(to: folder.path + "/b", format: .jsonl, queryText: { _ in nil }, passageText: { $1 })
        }
    }
}
