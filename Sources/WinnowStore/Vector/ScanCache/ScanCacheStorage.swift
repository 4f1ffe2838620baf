import WinnowCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What a writer does to the disk, so that tests can stand between them and lose what was not synced.
package protocol ScanCacheStorage: AnyObject {
    /// Where readers look for the cache.
    var path: String { get }
    /// May wait for ``sync()``, and fail then.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(ScanCacheError)
    /// Returns when all that was written is on the disk.
    func sync() throws(ScanCacheError)
    /// Gives a new file its name, in place of the one that had it; does nothing the second time.
    func publish() throws(ScanCacheError)
}

/// A file of the system; a new one bears another name until it is published.
///
/// What is written one behind the other is gathered up to the next multiple of ``pageBytes`` of the file: where the file system has
/// large pages, Linux keeps on them what is written so, and whoever maps the file next scans it faster
/// (`Documentation/performance.md`, "Dense scan"). A piece that a ``sync()`` cuts short lies on small ones until it is read back.
package final class ScanCacheFile: ScanCacheStorage {
    package let path: String
    /// The name until it is published; nil afterwards.
    private var temporaryPath: String?
    private let descriptor: Int32
    /// Of a large page.
    private static let pageBytes = 2 << 20
    /// What lies at `gatheredOffset`, at most up to the end of a large page, and is not in the file yet.
    private var gathered: [UInt8] = []
    private var gatheredOffset = 0

    /// Goes on with a file.
    package init(existing path: String) throws(ScanCacheError) {
        self.path = path
        descriptor = openFile(path, O_RDWR | O_CLOEXEC, 0)
        guard descriptor >= 0 else {
            throw .unwritable(path: path, action: "opening it", reason: systemMessage(errno))
        }
    }

    /// Begins a file that will replace the one at `path`.
    init(replacing path: String) throws(ScanCacheError) {
        self.path = path
        let temporary = ScanCacheWriter.temporaryPath(for: path)
        // What a writer that was killed left there; nobody has mapped it, for it never had its name.
        unlink(temporary)
        descriptor = openFile(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw .unwritable(
                path: path, action: "making \(PathText.inQuotes(temporary))", reason: systemMessage(errno))
        }
        temporaryPath = temporary
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        if let temporaryPath { unlink(temporaryPath) }
    }

    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(ScanCacheError) {
        if offset != gatheredOffset + gathered.count {
            try writeGathered()
            gatheredOffset = offset
        }
        var rest = bytes[...]
        while !rest.isEmpty {
            let room = Self.pageBytes - (gatheredOffset + gathered.count) % Self.pageBytes
            gathered.append(contentsOf: rest.prefix(room))
            rest = rest.dropFirst(room)
            if (gatheredOffset + gathered.count) % Self.pageBytes == 0 { try writeGathered() }
        }
    }

    private func writeGathered() throws(ScanCacheError) {
        try gathered.withUnsafeBufferPointer { bytes throws(ScanCacheError) in
            try writeNow(UnsafeRawBufferPointer(bytes), at: gatheredOffset)
        }
        gatheredOffset += gathered.count
        gathered.removeAll(keepingCapacity: true)
    }

    private func writeNow(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(ScanCacheError) {
        var written = 0
        while written < bytes.count {
            let count = pwrite(
                descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written, off_t(offset + written))
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                throw .unwritable(path: path, action: "writing it", reason: systemMessage(count == 0 ? EIO : errno))
            }
            written += count
        }
    }

    package func sync() throws(ScanCacheError) {
        try writeGathered()
        guard Self.sync(descriptor) else {
            throw .unwritable(path: path, action: "syncing it", reason: systemMessage(errno))
        }
    }

    private static func sync(_ descriptor: Int32) -> Bool {
        #if canImport(Darwin)
        // fsync leaves the data in the drive's cache there. Not every file system has the full one.
        if fcntl(descriptor, F_FULLFSYNC) == 0 { return true }
        #endif
        return fsync(descriptor) == 0
    }

    package func publish() throws(ScanCacheError) {
        guard let temporary = temporaryPath else { return }
        guard rename(temporary, path) == 0 else {
            throw .unwritable(
                path: path, action: "renaming \(PathText.inQuotes(temporary))", reason: systemMessage(errno))
        }
        temporaryPath = nil
        // Without it a crash may bring the old file back: older, or damaged, but never wrong. So a folder that cannot be
        // synced (some network file systems) is no failure.
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let folderDescriptor = openFile(folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY, 0)
        guard folderDescriptor >= 0 else { return }
        _ = Self.sync(folderDescriptor)
        close(folderDescriptor)
    }
}
