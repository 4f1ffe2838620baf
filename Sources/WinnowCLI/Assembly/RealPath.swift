#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A path as the store keeps it for a document's origin.
enum RealPath {
    /// Absolute and without links; nil where nothing is.
    static func of(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(validatingCString: resolved)
    }

    /// Where a file of this path would be written, its links followed; nil where that cannot be told, as with a link to nothing.
    static func destination(of path: String) -> String? {
        if let resolved = of(path) { return resolved }
        var status = stat()
        guard lstat(path, &status) != 0, errno == ENOENT else { return nil }
        let slash = path.lastIndex(of: "/")
        let name = slash.map { path[path.index(after: $0)...] } ?? path[...]
        guard !["", ".", ".."].contains(name) else { return nil }
        let parent = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        return destination(of: parent).map { $0 == "/" ? "/" + name : $0 + "/" + name }
    }

    /// Whether a file of this path would be written into the folder, or below it.
    static func isBelow(_ path: String, folder: String) -> Bool {
        guard let folder = of(folder), let destination = destination(of: path) else { return false }
        return folder == "/" || destination.utf8.starts(with: (folder + "/").utf8)
    }
}
