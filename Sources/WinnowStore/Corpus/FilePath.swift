#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Paths of the files that documents come from.
enum FilePath {
    /// Absolute, links in its folder followed and the last component as it is, as ``Document/origin`` is made; nil where there is
    /// no such folder.
    static func resolved(_ path: String) -> String? {
        let bytes = Array(path.utf8)
        let slash = bytes.lastIndex(of: UInt8(ascii: "/"))
        let folder = slash.map { $0 == 0 ? "/" : String(decoding: bytes[..<$0], as: UTF8.self) } ?? "."
        let name = String(decoding: bytes[(slash.map { $0 + 1 } ?? 0)...], as: UTF8.self)
        guard let real = realpath(folder, nil) else { return nil }
        defer { free(real) }
        guard let text = String(validatingCString: real) else { return nil }
        return text == "/" ? text + name : text + "/" + name
    }

    /// Something is there; also where it may not be looked at.
    static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR)
    }

    /// `path` is one of `roots` or lies below one.
    static func lies(_ path: String, in roots: [String]) -> Bool {
        roots.contains { root in
            let (path, root) = (Array(path.utf8), Array(root.utf8))
            return path.starts(with: root)
                && (path.count == root.count || root.last == UInt8(ascii: "/") || path[root.count] == UInt8(ascii: "/"))
        }
    }
}
