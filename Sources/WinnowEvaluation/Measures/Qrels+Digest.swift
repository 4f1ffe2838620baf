import Crypto
import WinnowCore

extension Qrels {
    /// SHA-256 over all judgements in the order of their bytes: the same judgements have the same digest, whatever file and
    /// order they came in.
    public var digest: Fingerprint {
        var hash = SHA256()
        for queryID in queryIDs {
            for judgement in judgements(of: queryID) {
                for part in [queryID, judgement.documentID, String(judgement.grade)] {
                    // The length keeps two ids from being read as two others.
                    withUnsafeBytes(of: UInt64(part.utf8.count).littleEndian) { hash.update(bufferPointer: $0) }
                    hash.update(data: Array(part.utf8))
                }
            }
        }
        return Fingerprint(digest: hash.finalize())
    }
}
