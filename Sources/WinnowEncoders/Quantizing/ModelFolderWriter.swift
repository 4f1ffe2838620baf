#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A model folder that is there whole or not at all: written beside its place under another name, and renamed at the end.
package final class ModelFolderWriter {
    /// Where the files are until ``commit()``.
    package let temporaryPath: String
    private let path: String
    /// What was made, to be removed in the reverse order.
    private var made: [(path: String, isFolder: Bool)] = []
    private var isDone = false

    /// Bytes that are written between two looks at whether the task was cancelled.
    private static let piece = 4 << 20

    /// - Throws: ``QuantizationError`` when something has that path, or no folder can be made beside it.
    package init(_ path: String) throws {
        self.path = try Self.check(path)
        temporaryPath = "\(self.path).part-\(getpid())"
        try makeFolder(temporaryPath)
    }

    /// Refuses a path where something is, or where no folder can be made: before the work, so that a wrong path costs none.
    /// - Returns: the path without slashes at its end.
    @discardableResult
    package static func check(_ path: String) throws -> String {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        guard !path.isEmpty else { throw QuantizationError.cannotWrite(path: path, reason: "the path is empty") }
        var status = stat()
        guard lstat(path, &status) != 0 else { throw QuantizationError.outputExists(path: path) }
        guard errno == ENOENT else {
            throw QuantizationError.cannotWrite(path: path, reason: String(cString: strerror(errno)))
        }
        let parent = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard access(parent, W_OK | X_OK) == 0 else {
            throw QuantizationError.cannotWrite(
                path: path, reason: "the folder \"\(parent)\": \(String(cString: strerror(errno)))")
        }
        return path
    }

    /// Writes a file, with the folders above it.
    /// - Parameters:
    ///   - name: inside the model's folder, without `..`.
    ///   - body: hands the file's bytes to what it is given.
    /// - Throws: ``QuantizationError``; `CancellationError`; what `body` throws.
    package func write(_ name: String, _ body: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void) throws {
        var folder = temporaryPath
        for component in name.split(separator: "/").dropLast() {
            folder += "/" + component
            var status = stat()
            if lstat(folder, &status) != 0 { try makeFolder(folder) }
        }
        let file = temporaryPath + "/" + name
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure() }
        made.append((file, false))
        defer { close(descriptor) }
        try body { bytes in
            var written = 0
            while written < bytes.count {
                try Task.checkCancellation()
                let count = min(Self.piece, bytes.count - written)
                let result = writeBytes(descriptor, bytes.baseAddress.map { $0 + written }, count)
                if result < 0, errno == EINTR { continue }
                guard result > 0 else { throw failure() }
                written += result
            }
        }
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw failure() }
    }

    package func write(_ name: String, _ text: String) throws {
        try write(name) { sink in try Array(text.utf8).withUnsafeBytes(sink) }
    }

    /// Gives the folder its name. Nothing can be written afterwards.
    package func commit() throws {
        // `rename` would replace an empty folder that was made meanwhile.
        try Self.check(path)
        guard rename(temporaryPath, path) == 0 else { throw failure() }
        isDone = true
    }

    /// Removes what was written, unless it has its name.
    package func discard() {
        guard !isDone else { return }
        for entry in made.reversed() {
            if entry.isFolder { rmdir(entry.path) } else { unlink(entry.path) }
        }
        made = []
    }

    private func makeFolder(_ folder: String) throws {
        guard mkdir(folder, 0o755) == 0 else { throw failure() }
        made.append((folder, true))
    }

    private func failure() -> QuantizationError {
        .cannotWrite(path: path, reason: String(cString: strerror(errno)))
    }
}

private func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
