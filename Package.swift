// swift-tools-version: 6.1
import PackageDescription

// Roots first, leaves last. An arrow in ARCHITECTURE.md ("may import") is a line in `dependencies` here and nothing else. Every module that a
// target imports is named, though another one brings it: SwiftPM compiles a target anew when a module that it names has changed, and only then.

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let nio = ["NIOCore", "NIOPosix", "NIOHTTP1"].map { Target.Dependency.product(name: $0, package: "swift-nio") }

let package = Package(
    name: "winnow",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Winnow", targets: ["Winnow"]),
        .library(name: "WinnowIngest", targets: ["WinnowIngest"]),
        .library(name: "WinnowClients", targets: ["WinnowClients"]),
        .library(name: "WinnowModels", targets: ["WinnowModels"]),
        .executable(name: "winnow", targets: ["WinnowCLI"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // Roots: import nothing.
        .target(name: "CWinnowKernels"),
        .target(name: "CWinnowModels", exclude: ["all-MiniLM-L6-v2", "winnow-reranker-minilm-l6"]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .target(name: "WinnowCore"),
        .target(name: "WinnowTokenizers"),
        .target(name: "WinnowPrompt"),

        // The stages.
        .target(name: "WinnowEncoders", dependencies: ["WinnowCore", "WinnowTokenizers", "CWinnowKernels", crypto]),
        .target(name: "WinnowStore", dependencies: ["WinnowCore", "CWinnowKernels", crypto, grdb, sqlite]),
        .target(name: "WinnowIngest", dependencies: ["WinnowCore", "CZlib"]),
        .target(name: "WinnowEvaluation", dependencies: ["WinnowCore", crypto]),
        .target(name: "WinnowClients", dependencies: ["WinnowCore", httpClient] + nio),
        .target(name: "WinnowModels", dependencies: ["WinnowCore", "WinnowEncoders", "CWinnowModels"]),

        // What `import Winnow` gives.
        .target(
            name: "Winnow",
            dependencies: ["WinnowCore", "WinnowTokenizers", "WinnowEncoders", "WinnowStore", "WinnowEvaluation"]),

        // The only composition root.
        .executableTarget(
            name: "WinnowCLI",
            dependencies: [
                "Winnow", "WinnowCore", "WinnowTokenizers", "WinnowEncoders", "WinnowStore", "WinnowEvaluation",
                "WinnowIngest", "WinnowClients", "WinnowModels", "WinnowPrompt", "CWinnowKernels",
                argumentParser, yams,
            ]),

        // A chat endpoint that misbehaves on request, as a process of its own.
        .executableTarget(name: "StubLLM", path: "Tests/StubLLM"),
        .target(
            name: "TestSupport", dependencies: ["WinnowCore", "CZlib"], path: "Tests/TestSupport", exclude: ["Fixtures"]
        ),
        .testTarget(name: "WinnowCoreTests", dependencies: ["WinnowCore", "TestSupport"]),
        .testTarget(name: "WinnowTokenizersTests", dependencies: ["WinnowTokenizers", "TestSupport"]),
        .testTarget(name: "WinnowPromptTests", dependencies: ["WinnowPrompt", "TestSupport"]),
        .testTarget(
            name: "WinnowEncodersTests",
            dependencies: [
                "WinnowCore", "WinnowTokenizers", "WinnowEncoders", "WinnowModels", "WinnowStore", "CWinnowKernels",
                "TestSupport",
            ]),
        .testTarget(
            name: "WinnowStoreTests",
            dependencies: ["WinnowCore", "WinnowStore", "CWinnowKernels", "TestSupport", grdb]),
        .testTarget(
            name: "WinnowClientsTests", dependencies: ["WinnowCore", "WinnowClients", "StubLLM", "TestSupport"]),
        .testTarget(name: "WinnowEvaluationTests", dependencies: ["WinnowCore", "WinnowEvaluation", "TestSupport"]),
        .testTarget(name: "WinnowIngestTests", dependencies: ["WinnowCore", "WinnowIngest", "TestSupport"]),
        .testTarget(
            name: "CommandTests",
            dependencies: ["WinnowCLI", "WinnowTokenizers", "WinnowEncoders", "StubLLM", "TestSupport"]),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .gnu17
)
