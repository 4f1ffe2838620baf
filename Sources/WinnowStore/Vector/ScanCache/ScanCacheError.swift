import WinnowCore

/// Why a scan cache cannot be used, or could not be written. Nothing is lost with it: a writer makes it anew from the
/// stored vectors, and until then searches read those.
package enum ScanCacheError: Error, Sendable, Hashable {
    /// There is no file.
    case missing(path: String)
    /// A folder, a pipe or a device.
    case notAFile(path: String)
    /// The system refused to read it.
    case unreadable(path: String, reason: String)
    /// Neither header has a right checksum, or the file does not begin like a scan cache.
    case notAScanCache(path: String)
    /// Written by a program that lays the file out otherwise.
    case version(path: String, found: UInt32)
    /// Made for the vectors of another store.
    case otherStore(path: String)
    /// Made for vectors of another length.
    case dimension(path: String, expected: Int, found: Int)
    /// Shorter than its header says.
    case tooShort(path: String, bytes: Int, needed: Int)
    /// A checksum or a value is wrong.
    case damaged(path: String, what: String)
    /// A store's id has 16 bytes.
    case storeID(bytes: Int)
    /// Vectors of this length are not cached.
    case unsupportedDimension(Int)
    /// The system refused to write it.
    case unwritable(path: String, action: String, reason: String)
    /// A row that does not follow the last one.
    case notAscending(path: String, row: Int64, last: Int64)
    /// A vector whose length or values rule out a bound.
    case vector(path: String, row: Int64, reason: String)
    /// An earlier write failed, so what lies behind the last seal is not known.
    case writerFailed(path: String)
}

extension ScanCacheError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .missing(let path):
            "there is no scan cache \(PathText.inQuotes(path)) yet: the next writer of the store makes it"
        case .notAFile(let path):
            "the scan cache \(PathText.inQuotes(path)) is no regular file: move it away, and the next writer of the "
                + "store makes one"
        case .unreadable(let path, let reason):
            "the scan cache \(PathText.inQuotes(path)) cannot be read: \(reason)"
        case .notAScanCache(let path):
            "\(PathText.inQuotes(path)) is no scan cache, or both of its headers are damaged: the next writer of the "
                + "store replaces it"
        case .version(let path, let found):
            "the scan cache \(PathText.inQuotes(path)) has format \(found), this program reads format "
                + "\(ScanCacheHeader.version): the next writer of the store replaces it"
        case .otherStore(let path):
            "the scan cache \(PathText.inQuotes(path)) belongs to another store: the next writer of this one replaces it"
        case .dimension(let path, let expected, let found):
            "the scan cache \(PathText.inQuotes(path)) holds vectors of \(found) dimensions, the store of \(expected): "
                + "the next writer of the store replaces it"
        case .tooShort(let path, let bytes, let needed):
            "the scan cache \(PathText.inQuotes(path)) has \(bytes) bytes where its header speaks of \(needed): the "
                + "next writer of the store replaces it"
        case .damaged(let path, let what):
            "the scan cache \(PathText.inQuotes(path)) is damaged (\(what)): delete it, and the next writer of the "
                + "store makes it anew"
        case .storeID(let bytes):
            "the store's id has \(bytes) bytes instead of 16: check the store with 'winnow store verify'"
        case .unsupportedDimension(let dimension):
            "vectors of \(dimension) dimensions are not cached (1 to \(ScanCacheLayout.maximumDimension) are)"
        case .unwritable(let path, let action, let reason):
            "the scan cache \(PathText.inQuotes(path)) cannot be written (\(action): \(reason)). The store itself is "
                + "whole; searches are slower until a writer can write the cache"
        case .notAscending(let path, let row, let last):
            "row \(row) cannot follow row \(last) in the scan cache \(PathText.inQuotes(path)): rows must ascend"
        case .vector(let path, let row, let reason):
            "the vector of row \(row) cannot enter the scan cache \(PathText.inQuotes(path)): \(reason); check the "
                + "store with 'winnow store verify'"
        case .writerFailed(let path):
            "an earlier write of the scan cache \(PathText.inQuotes(path)) failed: open it again"
        }
    }
}
