import Foundation
import TestSupport
import Testing

/// Runs the built program as a user does. One at a time: each run takes all processors, and two would disturb one another's
/// time limits.
@Suite(.serialized) struct Commands {
    /// A folder of support articles that tests search in.
    static func writeArticles(_ folder: TemporaryFolder) throws {
        try folder.write(
            "docs/refunds.md",
            """
            ---
            title: Refunds
            team: billing
            ---
            # Refunds

            Refunds are issued to the original payment method within ten business days.

            ## Annual plans

            Annual plans are refunded pro rata when they are cancelled in the first thirty days.
            """)
        try folder.write(
            "docs/limits.txt",
            "Each workspace may send 600 requests per minute. More than that is answered with status 429.")
        try folder.write(
            "docs/more/sso.md",
            "# Single sign-on\n\nTo configure SAML, copy the entity ID from the settings into your identity provider.\n"
        )
        try folder.write("docs/README.md", "Refunds, refunds, refunds: this file is not read.")
    }

    static let hitKeys: Set<String> = [
        "id", "document", "start", "end", "text", "metadata", "initialRank", "finalRank", "delta", "retrievalScore",
        "logit",
        "score", "scoreKind", "probability", "finalScore", "truncated", "queryTruncated", "window",
    ]

    /// What a hit says must hold together.
    static func check(_ hit: [String: Any]) throws {
        #expect(Set(hit.keys).subtracting(["retrieval"]) == hitKeys)
        let initial = try #require(hit["initialRank"] as? Int)
        let final = try #require(hit["finalRank"] as? Int)
        #expect(hit["delta"] as? Int == initial - final)
        let start = try #require(hit["start"] as? Int)
        let end = try #require(hit["end"] as? Int)
        let text = try #require(hit["text"] as? String)
        #expect(text.utf8.count == end - start)
        #expect(hit["probability"] is NSNull)
    }
}

extension BuiltProgram {
    /// Runs a line of the shell in which `$0` is the program: for what only a shell can hand over.
    func shell(_ line: String, folder: String? = nil) async throws -> Outcome {
        try await BuiltProgram(url: URL(fileURLWithPath: "/bin/sh")).run(["-c", line, url.path], folder: folder)
    }

    func run(_ arguments: String..., lines: [String]) async throws -> Outcome {
        try await run(arguments, input: Array(lines.map { $0 + "\n" }.joined().utf8))
    }
}

extension [String: Any] {
    func hits(_ key: String = "results") throws -> [[String: Any]] { try #require(self[key] as? [[String: Any]]) }
}
