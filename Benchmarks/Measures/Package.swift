// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "measures-benchmark",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "winnow", path: "../..")],
    targets: [
        .executableTarget(name: "measures-benchmark", dependencies: [.product(name: "Winnow", package: "winnow")])
    ],
    swiftLanguageModes: [.v6]
)
