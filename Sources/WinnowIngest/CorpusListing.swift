import WinnowCore

/// The files that a corpus is made of, each once.
struct CorpusListing: Sendable {
    let paths: [String]
    private(set) var files: [CorpusFile] = []
    /// What was left out already.
    private(set) var skipped: [SkippedRecord] = []
    private(set) var notes: [ReadingNote] = []

    var totalBytes: Int { files.reduce(0) { $0 + $1.size } }

    /// The same without the files that are not wanted, and without what is said of the rest.
    func only(_ isWanted: (CorpusFile) -> Bool) -> CorpusListing {
        var listing = self
        listing.files = files.filter(isWanted)
        listing.skipped = []
        listing.notes = []
        return listing
    }

    /// A mistyped path is better said before minutes of reading than after.
    init(_ paths: [String]) throws {
        self.paths = paths
        var seen: Set<FileIdentity> = []
        for path in paths {
            for file in try add(path) where seen.insert(file.identity).inserted { files.append(file) }
        }
    }

    private mutating func add(_ path: String) throws -> [CorpusFile] {
        guard let status = try FolderListing.status(path) else { throw IngestError.notFound(path: path) }
        if status.isFolder {
            let listing = try FolderListing(path)
            skipped += listing.skipped
            notes += listing.notes
            return listing.files
        }
        guard status.isFile else {
            throw IngestError.unsupported(path: path, reason: FolderListing.noRegularFile)
        }
        guard let format = FileFormat(path: path) else {
            throw IngestError.unsupported(
                path: path,
                reason: "is no folder and of no format that is read (\(FileFormat.names))"
                    + (FileFormat.advice(for: path).map { ": " + $0 } ?? ""))
        }
        let name = FileName.last(of: path)
        let start = path.utf8.count - name.utf8.count
        let folder = start == 0 ? "." : String(decoding: path.utf8.prefix(start), as: UTF8.self)
        let origin = FolderListing.join(try FolderListing.realPath(folder), name)
        return [CorpusFile(path: path, relativePath: name, origin: origin, format: format, status: status)]
    }
}
