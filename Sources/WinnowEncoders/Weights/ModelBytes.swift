#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Immutable bytes that stay valid as long as the value lives: a mapped file, or read-only memory of the process.
///
/// A mapped file costs no copy: its pages are read when they are touched and are shared with every process that maps
/// the same file. Whoever shortens the file while it is mapped makes the process die of SIGBUS, and whoever writes into
/// it changes the weights under way, as with every mapping: replace a model by writing beside it and renaming, as every
/// downloader does.
// Proof of @unchecked: `buffer` is set once in `init`; the memory is mapped PROT_READ or is constant data, so no thread
// can write it; it is unmapped in `deinit` only, when no reference is left.
public final class ModelBytes: @unchecked Sendable {
    /// The bytes. Valid while this object lives: keep it alive (`withExtendedLifetime`) around every use of the
    /// pointer.
    public let buffer: UnsafeRawBufferPointer
    private let isMapped: Bool

    /// Maps a file. An empty file gives an empty buffer.
    /// - Throws: ``ModelError`` when `path` does not exist, is no regular file, or cannot be read.
    public convenience init(mapping path: String) throws {
        guard let mapping = try Self.map(path) else {
            throw ModelError(.notFound, at: path, "the file does not exist")
        }
        self.init(buffer: mapping, isMapped: mapping.baseAddress != nil)
    }

    /// Takes bytes that live as long as the process and never change, such as data linked into the executable.
    public convenience init(static buffer: UnsafeRawBufferPointer) {
        self.init(buffer: buffer, isMapped: false)
    }

    public var count: Int { buffer.count }

    /// - Returns: nil when nothing has this path, where ``init(mapping:)`` throws.
    static func open(_ path: String) throws -> ModelBytes? {
        guard let mapping = try map(path) else { return nil }
        return ModelBytes(buffer: mapping, isMapped: mapping.baseAddress != nil)
    }

    private init(buffer: UnsafeRawBufferPointer, isMapped: Bool) {
        self.buffer = buffer
        self.isMapped = isMapped
    }

    deinit {
        if isMapped, let address = buffer.baseAddress {
            munmap(UnsafeMutableRawPointer(mutating: address), buffer.count)
        }
    }

    /// Takes the pages that lie wholly in a range of a mapped file out of this process's memory; whoever reads them again gets
    /// them from the system's cache of the file, or the disk. Nothing for other bytes.
    func dropPages(_ range: Range<Int>) {
        guard isMapped, let base = buffer.baseAddress else { return }
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        guard page > 0 else { return }
        // The mapping starts on a page.
        let first = (range.lowerBound + page - 1) / page * page
        let end = range.upperBound / page * page
        guard first < end else { return }
        madvise(UnsafeMutableRawPointer(mutating: base + first), end - first, MADV_DONTNEED)
    }

    private static func map(_ path: String) throws -> UnsafeRawBufferPointer? {
        // O_NONBLOCK: opening a named pipe must not wait for a writer; it means nothing for regular files.
        #if canImport(Darwin)
        let descriptor = Darwin.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        #elseif canImport(Musl)
        let descriptor = Musl.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        #else
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        #endif
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw unreadable(path, errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw unreadable(path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ModelError(
                .unreadable, at: path, "a file is wanted here, and this is none (a folder, a pipe or a device)")
        }
        let count = Int(status.st_size)
        guard count > 0 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        guard let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED else {
            throw unreadable(path, errno)
        }
        return UnsafeRawBufferPointer(start: address, count: count)
    }

    private static func unreadable(_ path: String, _ code: Int32) -> ModelError {
        ModelError(.unreadable, at: path, "cannot be read: \(String(cString: strerror(code)))")
    }
}
