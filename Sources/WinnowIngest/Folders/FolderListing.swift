import WinnowCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A file that a corpus is made of.
struct CorpusFile: Sendable {
    /// The path as given, joined with what was found below it.
    var path: String
    /// Relative to the folder given; the file's name where a file was given.
    var relativePath: String
    /// The path below the folder given, absolute and without links above that folder: `Document.origin`.
    var origin: String
    var format: FileFormat
    /// Bytes, when it was listed.
    var size: Int
    var identity: FileIdentity
    var state: FileState

    init(path: String, relativePath: String, origin: String, format: FileFormat, status: FolderListing.Status) {
        self.path = path
        self.relativePath = relativePath
        self.origin = origin
        self.format = format
        size = status.size
        identity = status.identity
        state = status.state
    }
}

/// A file or folder, whatever its path: what keeps links from being followed in circles and files from being read twice.
struct FileIdentity: Hashable, Sendable {
    var device: UInt64
    var inode: UInt64
}

/// What changes of a file when its content does: size, inode, and the times of its last change, by the content's and by the file's
/// own clock, which no program can set back.
struct FileState: Hashable, Sendable {
    private let size: Int64
    private let inode: UInt64
    private let times: [Int64]

    init(_ status: stat) {
        size = Int64(status.st_size)
        inode = UInt64(truncatingIfNeeded: status.st_ino)
        #if canImport(Darwin)
        let (modified, changed) = (status.st_mtimespec, status.st_ctimespec)
        #else
        let (modified, changed) = (status.st_mtim, status.st_ctim)
        #endif
        times = [modified, changed].flatMap { [Int64($0.tv_sec), Int64($0.tv_nsec)] }
    }
}

/// The files of a corpus folder, in the order of the bytes of their paths.
struct FolderListing {
    private(set) var files: [CorpusFile] = []
    private(set) var skipped: [SkippedRecord] = []
    /// What a tool put there, and documents of formats that are not read: paths below the folder.
    private var aside: [String] = []
    private var unread: [String] = []
    private var visited: Set<FileIdentity> = []
    /// The folder's own path, absolute and without links.
    private let origin: String
    /// As given.
    private let folder: String

    /// - Throws: ``IngestError`` when the folder itself cannot be listed.
    init(_ folder: String) throws {
        origin = try Self.realPath(folder)
        self.folder = folder
        if let status = try Self.status(folder) { visited.insert(status.identity) }
        list(try FolderNames(of: folder), in: folder, relative: "")
        files.sort { $0.relativePath.utf8.lexicographicallyPrecedes($1.relativePath.utf8) }
    }

    private mutating func list(_ content: FolderNames, in folder: String, relative: String) {
        for name in content.invalid {
            skip(Self.join(folder, name), relative + name, "its name is not valid UTF-8: rename it")
        }
        if content.names.contains("corpus.jsonl") {
            take("corpus.jsonl", in: folder, relative: relative)
        } else {
            let tools = ToolMarks(content.names)
            for name in content.names where !Self.isIgnored(name) {
                take(name, in: folder, relative: relative, tools)
            }
        }
    }

    /// A name that a folder holds, whatever it names.
    private mutating func take(_ name: String, in folder: String, relative: String, _ tools: ToolMarks = ToolMarks([]))
    {
        let path = Self.join(folder, name)
        let relative = relative + name
        let format = FileFormat(path: name)
        do {
            guard let status = try Self.status(path) else {
                if format != nil { skip(path, relative, Self.isGone) }
                return
            }
            if status.isFolder, name != "corpus.jsonl" {
                guard visited.insert(status.identity).inserted else { return }
                guard !tools.made(folder: name) else { return aside.append(relative + "/") }
                let content = try FolderNames(of: path)
                guard !ToolMarks.isMade(of: content.names) else { return aside.append(relative + "/") }
                list(content, in: path, relative: relative + "/")
            } else if format != nil, status.isFile, ToolMarks.made(file: name) {
                aside.append(relative)
            } else if let format, status.isFile {
                files.append(
                    CorpusFile(
                        path: path, relativePath: relative, origin: Self.join(origin, relative), format: format,
                        status: status))
            } else if format != nil {
                skip(path, relative, Self.noRegularFile)
            } else if status.isFile, FileFormat.advice(for: name) != nil {
                unread.append(relative)
            }
        } catch {
            // Whatever its name: a folder on a mount that is dead has documents that were read when it was alive.
            skip(path, relative, IngestError.reason(of: error))
        }
    }

    private mutating func skip(_ path: String, _ relative: String, _ reason: String) {
        skipped.append(SkippedRecord(path: path, reason: reason, origin: Self.join(origin, relative)))
    }

    /// Pipes, sockets and devices: reading one could wait for ever.
    static let noRegularFile = "is neither a regular file nor a folder, and only those are read"

    private static let isGone = "a link that leads nowhere, or a file that is gone"

    private static func isIgnored(_ name: String) -> Bool {
        name.hasPrefix(".") || name == "queries.jsonl" || name == "qrels" || (name.hasPrefix("README") && isProse(name))
    }

    /// A README that is one, and not `README-parser.swift`; and `README.something`, which is not read anyway.
    private static func isProse(_ name: String) -> Bool {
        switch FileFormat(path: name) {
        case .markdown, .plainText, nil: true
        default: false
        }
    }

    /// What is said of the folder as a whole.
    var notes: [ReadingNote] {
        func list(_ names: [String]) -> String {
            let shown = names.sorted().prefix(6).map { PathText.quoted($0) }.joined(separator: ", ")
            return names.count > 6 ? shown + " and \(names.count - 6) more" : shown
        }
        var texts: [String] = []
        if !aside.isEmpty {
            texts.append(
                "not read: \(list(aside)): packages, products of a build, locks or minified code; name one to have it read"
            )
        }
        if let first = unread.sorted().first {
            let advice = FileFormat.advice(for: first) ?? ""
            texts.append("not read: \(list(unread)): no format that is read; \(advice)")
        }
        return texts.map { ReadingNote(path: folder, text: $0) }
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
        var state: FileState
    }

    /// What stands at a path, links followed; nil when nothing does.
    /// - Throws: ``IngestError`` when the system does not say: a folder above it may not be entered, a mount is dead.
    static func status(_ path: String) throws -> Status? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            let code = errno
            if code == ENOENT || code == ELOOP { return nil }
            throw IngestError.system(
                path: path, action: "cannot be looked at", reason: String(cString: strerror(code)))
        }
        let kind = status.st_mode & S_IFMT
        return Status(
            identity: FileIdentity(
                device: UInt64(truncatingIfNeeded: status.st_dev), inode: UInt64(truncatingIfNeeded: status.st_ino)),
            isFolder: kind == S_IFDIR, isFile: kind == S_IFREG, size: Int(status.st_size), state: FileState(status))
    }

    /// The absolute path without links.
    /// - Throws: ``IngestError``.
    static func realPath(_ path: String) throws -> String {
        guard let resolved = realpath(path, nil) else { throw ByteSource.failure(path, "cannot be looked at") }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
