// swift-tools-version: 6.1
import PackageDescription

// What is timed by hand and never in a test. A package of its own, so that nobody who depends on Winnow builds it.
// How fast a model runs is `winnow bench`.

let package = Package(
    name: "winnow-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "winnow", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: [
        .executableTarget(name: "measures-benchmark", dependencies: [.product(name: "Winnow", package: "winnow")]),
        .executableTarget(
            name: "tokenizer-benchmark",
            dependencies: [
                .product(name: "Winnow", package: "winnow"), .product(name: "WinnowModels", package: "winnow"),
            ]),
        .target(name: "CReadLoop"),
        .executableTarget(
            name: "scan-benchmark",
            dependencies: [
                "CReadLoop", .product(name: "Winnow", package: "winnow"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(
            name: "store-benchmark",
            dependencies: [
                .product(name: "Winnow", package: "winnow"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(
            name: "lexical-benchmark",
            dependencies: [
                .product(name: "Winnow", package: "winnow"), .product(name: "WinnowIngest", package: "winnow"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .gnu17
)
