import Foundation
import TestSupport
import Testing

enum StaticBinary {
    /// What `make release` leaves in the checkout.
    static let path = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("dist/winnow").path
}

extension Commands {
    /// The binary of `make release`: alone in an empty folder, with no environment, on a system without Swift.
    ///
    /// Runs where `dist/winnow` is there, as in CI.
    @Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: StaticBinary.path), "make release has not run"))
    struct StaticBinaryTests {
        @Test func ranksWithNothingAroundIt() async throws {
            let folder = try TemporaryFolder()
            try FileManager.default.copyItem(atPath: StaticBinary.path, toPath: folder.path + "/winnow")
            // env -i: neither PATH nor LD_LIBRARY_PATH leads to a toolchain.
            let outcome = try await BuiltProgram(url: URL(fileURLWithPath: "/usr/bin/env")).run(
                ["-i", "./winnow", "rerank", "capital of France", "--candidates", "-", "--json"],
                input: Array("Berlin is a city in Germany.\nParis is the capital of France.\n".utf8),
                folder: folder.path)
            #expect(outcome.code == 0, "\(outcome.errors)")
            let results = try #require(try outcome.json()["results"] as? [[String: Any]])
            #expect(results.first?["text"] as? String == "Paris is the capital of France.")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["winnow"])
        }

        #if os(Linux)
        @Test func needsTheCAndCxxRuntimesOnly() async throws {
            let outcome = try await BuiltProgram(url: URL(fileURLWithPath: "/usr/bin/env")).run([
                "ldd", StaticBinary.path,
            ])
            #expect(outcome.code == 0, "\(outcome.errors)")
            let allowed = [
                "linux-vdso", "ld-linux", "libc.", "libm.", "libstdc++.", "libgcc_s.", "libpthread.", "libdl.",
                "librt.",
            ]
            let names = outcome.output.split(separator: "\n").compactMap { line in
                line.split(whereSeparator: \.isWhitespace).first?.split(separator: "/").last.map(String.init)
            }
            #expect(names.count >= 3)
            for name in names {
                #expect(allowed.contains { name.hasPrefix($0) }, "\(name) is not part of a plain system")
            }
        }
        #endif
    }
}
