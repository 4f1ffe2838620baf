#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What a file is read as, by the end of its name.
enum FileFormat: Sendable {
    case markdown
    case plainText
    case records

    init?(path: String) {
        let name = path.lowercased()
        if name.hasSuffix(".md") {
            self = .markdown
        } else if name.hasSuffix(".txt") {
            self = .plainText
        } else if name.hasSuffix(".jsonl") {
            self = .records
        } else {
            return nil
        }
    }
}

/// A file that a corpus is made of.
struct CorpusFile: Sendable {
    /// The path as given, joined with what was found below it.
    var path: String
    /// Relative to the folder given; the file's name where a file was given.
    var relativePath: String
    var format: FileFormat
    /// Bytes, when it was listed.
    var size: Int
    var identity: FileIdentity
}

/// A file or folder, whatever its path: what keeps links from being followed in circles and files from being read twice.
struct FileIdentity: Hashable, Sendable {
    var device: UInt64
    var inode: UInt64
}

/// The files of a corpus folder, in the order of the bytes of their paths.
struct FolderListing {
    private(set) var files: [CorpusFile] = []
    private(set) var skipped: [SkippedRecord] = []
    private var visited: Set<FileIdentity> = []

    init(_ folder: String) throws {
        if let status = Self.status(folder) { visited.insert(status.identity) }
        try list(folder, relative: "", isRoot: true)
        files.sort { $0.relativePath.utf8.lexicographicallyPrecedes($1.relativePath.utf8) }
    }

    private mutating func list(_ folder: String, relative: String, isRoot: Bool) throws {
        let names: [String]
        do {
            names = try self.names(in: folder)
        } catch {
            // A folder below that cannot be listed is left out and named; the one that was asked for is an error.
            if isRoot { throw error }
            skipped.append(SkippedRecord(path: folder, reason: IngestError.reason(of: error)))
            return
        }
        if names.contains("corpus.jsonl") {
            let path = Self.join(folder, "corpus.jsonl")
            if let status = Self.status(path), status.isFile {
                files.append(status.file(path, relativePath: relative + "corpus.jsonl", .records))
            } else {
                skipped.append(
                    SkippedRecord(path: path, reason: Self.status(path) == nil ? Self.isGone : Self.noRegularFile))
            }
            return
        }
        for name in names where !Self.isIgnored(name) {
            let path = Self.join(folder, name)
            guard let status = Self.status(path) else {
                if FileFormat(path: name) != nil {
                    skipped.append(SkippedRecord(path: path, reason: Self.isGone))
                }
                continue
            }
            if status.isFolder {
                guard name != "qrels", visited.insert(status.identity).inserted else { continue }
                try list(path, relative: relative + name + "/", isRoot: false)
            } else if let format = FileFormat(path: name) {
                if status.isFile {
                    files.append(status.file(path, relativePath: relative + name, format))
                } else {
                    skipped.append(SkippedRecord(path: path, reason: Self.noRegularFile))
                }
            }
        }
    }

    /// Pipes, sockets and devices: reading one could wait for ever.
    static let noRegularFile = "is neither a regular file nor a folder, and only those are read"

    private static let isGone = "a link that leads nowhere, or a file that is gone"

    private static func isIgnored(_ name: String) -> Bool {
        name.hasPrefix(".") || name.hasPrefix("README") || name == "queries.jsonl"
    }

    private mutating func names(in folder: String) throws -> [String] {
        guard let stream = opendir(folder) else { throw ByteSource.failure(folder, "cannot be listed") }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: pointer.pointee)) {
                    (text: String(validatingCString: $0), repaired: String(cString: $0))
                }
            }
            guard let text = name.text else {
                skipped.append(
                    SkippedRecord(
                        path: Self.join(folder, name.repaired), reason: "its name is not valid UTF-8: rename it"))
                continue
            }
            if text != ".", text != ".." { names.append(text) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    static func join(_ folder: String, _ name: String) -> String {
        folder.hasSuffix("/") ? folder + name : folder + "/" + name
    }

    /// What stands at a path.
    struct Status {
        var identity: FileIdentity
        var isFolder: Bool
        var isFile: Bool
        /// Bytes.
        var size: Int

        func file(_ path: String, relativePath: String, _ format: FileFormat) -> CorpusFile {
            CorpusFile(path: path, relativePath: relativePath, format: format, size: size, identity: identity)
        }
    }

    /// What stands at a path, links followed; nil when nothing does.
    static func status(_ path: String) -> Status? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        let kind = status.st_mode & S_IFMT
        return Status(
            identity: FileIdentity(
                device: UInt64(truncatingIfNeeded: status.st_dev), inode: UInt64(truncatingIfNeeded: status.st_ino)),
            isFolder: kind == S_IFDIR, isFile: kind == S_IFREG, size: Int(status.st_size))
    }

    /// The absolute path without links; the path itself when nothing stands there any more.
    static func realPath(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
