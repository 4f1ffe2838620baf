/// Tells what a tool put into a folder from what people wrote: installed packages, products of builds, lock files, minified
/// code. A name that people use too, such as `build`, counts only beside the file that its tool goes by.
struct ToolMarks {
    private let names: Set<String>

    /// - Parameter names: all names of a folder.
    init(_ names: [String]) {
        // Most folders have none of the folders that are in question.
        let isAsked = names.contains { Self.ambiguous[$0] != nil }
        self.names = isAsked ? Set(names) : []
    }

    private static let made: Set<String> = [
        "node_modules", "bower_components", "jspm_packages", "__pycache__", "site-packages", "DerivedData",
    ]

    /// Files beside which a folder of that name is a product of a build; a leading `*` stands for any beginning.
    private static let ambiguous: [String: [String]] = [
        "target": ["Cargo.toml", "pom.xml", "build.sbt"],
        "build": [
            "build.gradle", "build.gradle.kts", "CMakeLists.txt", "meson.build", "setup.py", "pyproject.toml",
            "package.json",
        ],
        "dist": ["package.json", "setup.py", "pyproject.toml"],
        "out": ["package.json", "build.gradle", "build.gradle.kts"],
        "coverage": ["package.json"],
        "Pods": ["Podfile"],
        "Carthage": ["Cartfile"],
        "vendor": ["go.mod", "composer.json", "Gemfile"],
        "bin": ["*.csproj", "*.vbproj", "*.fsproj"],
        "obj": ["*.csproj", "*.vbproj", "*.fsproj"],
    ]

    /// A folder of that name, among the names that this value was made of, is a tool's.
    func made(folder: String) -> Bool {
        if Self.made.contains(folder) { return true }
        guard let marks = Self.ambiguous[folder] else { return false }
        return marks.contains { mark in
            mark.hasPrefix("*") ? names.contains { $0.hasSuffix(mark.dropFirst()) } : names.contains(mark)
        }
    }

    /// What a folder holds says that a tool made all of it.
    static func isMade(of content: [String]) -> Bool {
        content.contains { $0 == "CACHEDIR.TAG" || $0 == "pyvenv.cfg" || $0 == "CMakeCache.txt" }
    }

    /// A file that is of a format that is read, and that nobody wrote.
    static func made(file: String) -> Bool {
        switch file {
        case "package-lock.json", "npm-shrinkwrap.json", "packages.lock.json", "CMakeCache.txt":
            return true
        default:
            let name = file.lowercased()
            return [".min.js", ".min.mjs", ".min.cjs", ".bundle.js", ".chunk.js", ".designer.cs", ".pb.go", "_pb2.py"]
                .contains { name.hasSuffix($0) }
        }
    }
}
