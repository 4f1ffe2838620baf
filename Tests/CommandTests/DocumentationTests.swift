import Foundation
import Testing

/// What the documents show is what is built.
@Suite struct DocumentationTests {
    private let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    @Test func theSwiftExampleOfTheREADMEIsTheOneThatIsBuilt() throws {
        let example = try text("Examples/QuickStart/Sources/QuickStart/main.swift")
        #expect(try text("README.md").contains("```swift\n\(example)```"))
    }

    @Test func everyCommandIsDocumented() throws {
        let documentation = try text("Documentation/command-line.md")
        let commands = [
            "index", "ask", "store", "search", "rerank", "mcp", "eval", "sweep", "calibrate", "judge", "embed",
            "tokenize", "models", "config", "doctor", "version",
        ]
        for command in commands {
            #expect(documentation.contains("\n## \(command)\n"), "\(command)")
        }
    }

    /// Links to files of the repository lead somewhere.
    @Test(arguments: [
        "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "Documentation/store.md", "Documentation/one-query.md",
        "Documentation/command-line.md", "Documentation/library.md", "Documentation/performance.md",
        "Documentation/quantization.md", "Documentation/quality.md", "Documentation/evaluation.md",
        "Documentation/test-sets.md", "Documentation/calibration.md", "Documentation/ingest.md",
        "Documentation/fusion.md", "Documentation/retrieval.md", "Documentation/lexical-analysis.md",
        "Documentation/filters.md", "Documentation/reranking.md", "Documentation/repl.md",
        "Documentation/configuration.md", "Documentation/doctor.md", "Documentation/mcp.md",
    ])
    func linksLeadSomewhere(_ path: String) throws {
        let document = try text(path)
        let folder = root.appendingPathComponent(path).deletingLastPathComponent()
        for match in document.matches(of: /\]\(([A-Za-z0-9_.\/-]+)\)/) {
            let target = folder.appendingPathComponent(String(match.1)).path
            #expect(FileManager.default.fileExists(atPath: target), "\(path) links to \(match.1)")
        }
    }
}
