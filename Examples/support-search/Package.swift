// swift-tools-version: 6.1
import PackageDescription

// A program of its own over Winnow's libraries: what a Swift developer's package looks like.
let package = Package(
    name: "support-search",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "winnow", path: "../..")],
    targets: [
        // The README's Swift example, word for word.
        .executableTarget(
            name: "RerankInSwift",
            dependencies: [
                .product(name: "Winnow", package: "winnow"),
                .product(name: "WinnowModels", package: "winnow"),
            ]),
        .executableTarget(
            name: "CompareOrders",
            dependencies: [
                .product(name: "Winnow", package: "winnow"),
                .product(name: "WinnowIngest", package: "winnow"),
                .product(name: "WinnowModels", package: "winnow"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
