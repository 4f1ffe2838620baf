import WinnowCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Writes files whole or not at all: a reader sees the old content or the new one, also after a crash of this process.
package enum AtomicFile {
    /// - Parameter overwriting: false: a file that is there already is an error, and stays.
    package static func write(_ bytes: [UInt8], to path: String, overwriting: Bool) throws {
        if !overwriting, exists(path) {
            throw FileFault(path: path, reason: "is there already, and is not overwritten unasked").error
        }
        let temporary = path + ".part-\(getpid())"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw FileFault(path: path, reason: cannot("be written")).error }
        var isDone = false
        defer { if !isDone { unlink(temporary) } }
        do {
            defer { close(descriptor) }
            var written = 0
            while written < bytes.count {
                let count = bytes.withUnsafeBytes { buffer in
                    writeBytes(descriptor, UnsafeRawBufferPointer(rebasing: buffer[written...]))
                }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw FileFault(path: path, reason: cannot("be written")).error }
                written += count
            }
            guard fsync(descriptor) == 0 || errno == EINVAL else {
                throw FileFault(path: path, reason: cannot("be written")).error
            }
        }
        guard rename(temporary, path) == 0 else {
            throw FileFault(path: path, reason: cannot("be written")).error
        }
        isDone = true
        syncFolder(of: path)
    }

    /// So that the new name outlives a power cut. A folder that cannot be synced (some network file systems) is no failure: the
    /// file itself is whole.
    private static func syncFolder(of path: String) {
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY)
        guard descriptor >= 0 else { return }
        _ = fsync(descriptor)
        close(descriptor)
    }

    package static func exists(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0
    }

    package static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Makes a folder and those above it, where they are missing.
    package static func makeFolder(_ path: String) throws {
        if path.isEmpty || isFolder(path) { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try makeFolder(String(path[..<slash]))
        }
        guard mkdir(path, 0o755) == 0 || isFolder(path) else {
            throw FileFault(path: path, reason: cannot("be made")).error
        }
    }

    /// Names in a folder, in the order of their bytes, without hidden ones; nil when it cannot be listed.
    static func names(in folder: String) -> [String]? {
        guard let directory = opendir(folder) else { return nil }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: pointer.pointee)) {
                    String(cString: $0)
                }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}

private func writeBytes(_ descriptor: Int32, _ buffer: UnsafeRawBufferPointer) -> Int {
    write(descriptor, buffer.baseAddress, buffer.count)
}
