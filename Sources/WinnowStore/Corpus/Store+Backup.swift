import GRDB
import WinnowCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

extension Store {
    /// Copies the store as it is at this moment into one new file: whole or not there at all, and on the disk when this returns.
    /// A writer may go on meanwhile.
    ///
    /// - Parameter path: where nothing is yet; its folder must exist and be writable.
    /// - Returns: the copy's bytes.
    /// - Throws: ``StoreError``: ``StoreError/backupExists(path:)``, and what can be wrong with files.
    @discardableResult
    public func backup(to path: String) async throws -> Int {
        let target = try StorePath(path)
        guard StorePath.status(target.database) == nil else { throw StoreError.backupExists(path: path) }
        guard StorePath.mayWrite(target.folder) else {
            throw StoreError.notWritable(
                path: path, reason: "this user may not write in its folder \(PathText.inQuotes(target.folder))")
        }
        let unfinished = target.database + ".part-\(getpid())"
        defer { unlink(unfinished) }
        unlink(unfinished)
        try await copy(into: unfinished, for: target)
        do {
            try synchronise(unfinished)
            // Never over a file that came meanwhile.
            guard link(unfinished, target.database) == 0 else { throw Errno(errno) }
            try synchronise(target.folder)
        } catch let error as Errno {
            if error.code == EEXIST { throw StoreError.backupExists(path: path) }
            throw StoreError.writeFailed(path: path, detail: StorePath.message(error.code))
        }
        return StorePath.status(target.database)?.size ?? 0
    }

    private func copy(into file: String, for target: StorePath) async throws {
        do {
            // Outside a transaction; VACUUM INTO reads one snapshot by itself.
            try await readOutsideTransaction { database in
                try database.execute(sql: "VACUUM INTO ?", arguments: [file])
            }
        } catch let error as DatabaseError
            where [.SQLITE_FULL, .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_IOERR].contains(error.resultCode)
        {
            throw StoreConnection.translated(error, target)
        }
    }
}

private struct Errno: Error {
    let code: Int32

    init(_ code: Int32) { self.code = code }
}

/// Waits until a file or a folder is on the disk.
private func synchronise(_ path: String) throws {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw Errno(errno) }
    defer { close(file) }
    guard fsync(file) == 0 else { throw Errno(errno) }
}
