// swift-tools-version: 6.1
import PackageDescription

// The README's Swift example, word for word, as a package of its own: what a program that answers questions looks like.
let package = Package(
    name: "QuickStart",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "winnow", path: "../..")],
    targets: [
        .executableTarget(
            name: "QuickStart",
            dependencies: [
                .product(name: "Winnow", package: "winnow"),
                .product(name: "WinnowIngest", package: "winnow"),
                .product(name: "WinnowModels", package: "winnow"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
