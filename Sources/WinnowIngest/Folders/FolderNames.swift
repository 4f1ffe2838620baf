#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What a folder holds, all of it: a list that broke off half way is an error, for what is missing in it would be taken for
/// gone.
package struct FolderNames {
    #if canImport(Darwin)
    package typealias Stream = UnsafeMutablePointer<DIR>
    #else
    package typealias Stream = OpaquePointer
    #endif

    /// In the order of their bytes, without `.` and `..`.
    package private(set) var names: [String] = []
    /// Names that are not valid UTF-8, repaired so that they can be shown.
    package private(set) var invalid: [String] = []

    /// - Throws: ``IngestError``.
    init(of folder: String) throws {
        guard let stream = opendir(folder) else { throw ByteSource.failure(folder, Self.action) }
        defer { closedir(stream) }
        try self.init(stream, folder: folder)
    }

    /// - Parameters:
    ///   - stream: open, at its start; it stays open.
    ///   - folder: its path, for the error.
    /// - Throws: ``IngestError``.
    package init(_ stream: Stream, folder: String) throws {
        while true {
            // The end and an error look alike but for `errno`, which the end leaves as it is.
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: pointer.pointee)) {
                    (text: String(validatingCString: $0), repaired: String(cString: $0))
                }
            }
            guard let text = name.text else {
                invalid.append(name.repaired)
                continue
            }
            if text != ".", text != ".." { names.append(text) }
        }
        let code = errno
        guard code == 0 else {
            throw IngestError.system(path: folder, action: Self.action, reason: String(cString: strerror(code)))
        }
        names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private static let action = "cannot be listed"
}
