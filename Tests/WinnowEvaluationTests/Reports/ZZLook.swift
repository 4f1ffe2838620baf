import Foundation
import Testing
import WinnowEvaluation
@Suite struct ZZLook {
    @Test func write() throws {
        let out = "/tmp/htmllook"
        try? FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
        func save(_ name: String, _ page: String) throws { try page.write(toFile: out + "/" + name + ".html", atomically: true, encoding: .utf8) }
        var big = ReportFixture(); big.queryCount = 300; big.candidateCount = 20; big.measures = Measure.defaults(depth: 20)
        big.systems = [.init(name: "m6", role: .reranked, separation: 3.5), .init(name: "tiny", separation: 1.2)]
        big.sliceFields = ["kind"]
        try save("big", try big.page())
        var mid = ReportFixture(); mid.queryCount = 50
        try save("mid", try mid.page())
        var one = ReportFixture(); one.queryCount = 1
        try save("one", try one.page(everything: false))
        var alone = ReportFixture(); alone.systems = []
        try save("alone", try alone.page(everything: false))
    }
}
