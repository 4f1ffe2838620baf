#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Where a store lies: the database and the files beside it.
///
/// The path is absolute and without links, because SQLite puts its journal beside the real file and every name must agree.
struct StorePath: Sendable, Hashable {
    /// As the user gave it, for messages.
    let given: String
    let database: String

    var journal: String { database + "-wal" }
    var sharedMemory: String { database + "-shm" }
    var lock: String { database + ".lock" }
    var scanCache: String { database + ".vec" }
    var scores: String { database + ".scores.sqlite" }

    /// The folder that the real file lies in.
    var folder: String {
        guard let slash = database.lastIndex(of: "/"), slash != database.startIndex else { return "/" }
        return String(database[..<slash])
    }

    /// - Throws: ``StoreError`` when the path is a folder, or the folder of a new store does not exist.
    init(_ path: String) throws {
        given = path
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw StoreError.notFound(path: path)
        }
        if let real = Self.realPath(path) {
            database = real
            let status = Self.status(real)
            guard status?.isFolder != true else { throw StoreError.isFolder(path: path) }
            // A device would get a lock and a journal beside it.
            guard status?.isFile != false else {
                throw StoreError.notAStore(path: path, reason: "it is a device, a pipe or a socket")
            }
            return
        }
        let code = errno
        guard code == ENOENT else {
            throw StoreError.notReadable(path: path, reason: Self.message(code))
        }
        guard path.utf8.last != UInt8(ascii: "/") else { throw StoreError.isFolder(path: path) }
        let name: Substring
        let folder: String
        if let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) {
            name = path[path.utf8.index(after: slash)...]
            folder = slash == path.utf8.startIndex ? "/" : String(path[..<slash])
        } else {
            name = path[...]
            folder = "."
        }
        guard let realFolder = Self.realPath(folder) else {
            throw StoreError.folderMissing(path: path, folder: folder)
        }
        guard Self.status(realFolder)?.isFolder == true else {
            throw StoreError.folderMissing(path: path, folder: folder)
        }
        guard !Self.isLink(path) else {
            throw StoreError.notReadable(
                path: path, reason: "it is a link to a file that does not exist; remove the link")
        }
        database = (realFolder == "/" ? "" : realFolder) + "/" + name
    }

    var exists: Bool { Self.status(database) != nil }

    /// What the system knows of a file, without opening it: SQLite's locks would be lost with a descriptor of our own.
    struct Status: Hashable {
        var isFolder: Bool
        var isFile: Bool
        var size: Int
        var inode: UInt64
        var modifiedSeconds: Int
        var modifiedNanoseconds: Int
    }

    static func status(_ path: String) -> Status? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        #if canImport(Darwin)
        let modified = status.st_mtimespec
        #else
        let modified = status.st_mtim
        #endif
        return Status(
            isFolder: status.st_mode & S_IFMT == S_IFDIR, isFile: status.st_mode & S_IFMT == S_IFREG,
            size: Int(status.st_size), inode: UInt64(status.st_ino),
            modifiedSeconds: Int(modified.tv_sec), modifiedNanoseconds: Int(modified.tv_nsec))
    }

    static func mayRead(_ path: String) -> Bool { access(path, R_OK) == 0 }

    static func mayWrite(_ path: String) -> Bool { access(path, W_OK) == 0 }

    static func message(_ code: Int32) -> String { String(cString: strerror(code)) }

    private static func isLink(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    private static func realPath(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }
}
