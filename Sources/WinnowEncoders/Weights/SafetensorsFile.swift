/// A file of named tensors in the safetensors format, checked in full before any tensor is handed out.
///
/// Layout: 8 bytes little-endian with the header's length, the header as a JSON object
/// `{name: {dtype, shape, data_offsets: [begin, end]}, "__metadata__": {…}}`, then the tensors' bytes, to which the
/// offsets refer. Every byte after the header belongs to exactly one tensor. See
/// https://github.com/huggingface/safetensors.
public struct SafetensorsFile: Sendable {
    /// The file, for messages.
    public let file: String
    /// All tensors' names, sorted.
    public let names: [String]
    private let bytes: ModelBytes
    private let entries: [String: Entry]

    private struct Entry: Sendable {
        let dtype: String
        let shape: [Int]
        /// In the file, not in the data section.
        let range: Range<Int>
    }

    /// Reads and checks the header. Costs nothing for the tensors: their bytes are used where they lie.
    /// - Parameter file: the path or name that errors give.
    /// - Throws: ``ModelError`` (`invalidWeights`) that names file, tensor and reason: a header that is truncated, too
    ///   long or no JSON; a name twice; an unknown dtype; a size that is negative, no whole number or overflows;
    ///   offsets that do not fit shape and dtype, overlap, leave bytes unused or end beyond the file.
    public init(_ bytes: ModelBytes, file: String) throws {
        func invalid(_ reason: String, remedy: String? = nil) -> ModelError {
            ModelError(.invalidWeights, at: file, reason, remedy: remedy)
        }
        let buffer = bytes.buffer
        guard buffer.count >= 8 else {
            throw invalid(
                "the file has \(buffer.count) bytes, and a safetensors file begins with 8 that give "
                    + "its header's length",
                remedy: Self.downloadAgain)
        }
        let length = UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
        guard length <= Self.maximumHeaderLength else {
            throw invalid(
                "the header claims \(length) bytes, more than the \(Self.maximumHeaderLength) that the format allows: "
                    + "this is no safetensors file, or a damaged one", remedy: Self.lfsHint(buffer))
        }
        guard length <= UInt64(buffer.count - 8) else {
            throw invalid(
                "the header claims \(length) bytes and the file has \(buffer.count - 8) after its first 8: "
                    + "it is truncated",
                remedy: Self.downloadAgain)
        }
        let start = 8 + Int(length)
        let header = UnsafeRawBufferPointer(rebasing: buffer[8..<start])
        guard header.first == UInt8(ascii: "{") else { throw invalid("the header does not begin with {") }
        let records = try withExtendedLifetime(bytes) {
            try JSONFile.decode(
                Header.self, from: header, location: file + " (header)", kind: .invalidWeights, onlyPlainIntegers: true)
        }

        var entries: [String: Entry] = [:]
        entries.reserveCapacity(records.tensors.count)
        for (name, record) in records.tensors {
            func invalidTensor(_ reason: String) -> ModelError { invalid("tensor \"\(name)\": \(reason)") }
            guard !name.isEmpty else { throw invalidTensor("the name is empty") }
            guard let bits = Self.bitsPerElement[record.dtype] else {
                throw invalidTensor("the dtype \"\(record.dtype)\" is unknown")
            }
            guard record.data_offsets.count == 2 else {
                throw invalidTensor("data_offsets has \(record.data_offsets.count) numbers instead of 2")
            }
            let (begin, end) = (record.data_offsets[0], record.data_offsets[1])
            guard begin >= 0, begin <= end else { throw invalidTensor("it begins at \(begin) and ends at \(end)") }
            guard end <= buffer.count - start else {
                throw invalid(
                    "tensor \"\(name)\": it ends at byte \(end) of the data and the file holds "
                        + "\(buffer.count - start): the file is truncated, or its header is wrong",
                    remedy: Self.downloadAgain)
            }
            var size = bits
            for dimension in record.shape {
                let (product, overflow) = size.multipliedReportingOverflow(by: dimension)
                guard dimension >= 0, !overflow else {
                    throw invalidTensor("the shape \(record.shape) is no shape of a tensor that fits in memory")
                }
                size = product
            }
            guard size % 8 == 0, size / 8 == end - begin else {
                throw invalidTensor(
                    "the shape \(record.shape) of \(record.dtype) takes \((size + 7) / 8) bytes and data_offsets "
                        + "gives it \(end - begin)")
            }
            entries[name] = Entry(dtype: record.dtype, shape: record.shape, range: start + begin..<start + end)
        }

        var position = start
        for (name, entry) in entries.sorted(by: {
            ($0.value.range.lowerBound, $0.value.range.upperBound, $0.key)
                < ($1.value.range.lowerBound, $1.value.range.upperBound, $1.key)
        }) {
            guard entry.range.lowerBound == position else {
                let how =
                    entry.range.lowerBound < position
                    ? "overlaps the tensor before it" : "leaves bytes before it unused"
                throw invalid(
                    "tensor \"\(name)\": it begins at byte \(entry.range.lowerBound - start) of the data and \(how)")
            }
            position = entry.range.upperBound
        }
        guard position == buffer.count else {
            throw invalid("\(buffer.count - position) bytes at the end belong to no tensor")
        }
        self.file = file
        self.bytes = bytes
        self.entries = entries
        self.names = entries.keys.sorted()
    }

    /// Opens `model.safetensors` of a model.
    public init(_ source: ModelSource) throws {
        try self.init(source.requiredFile("model.safetensors"), file: source.location(of: "model.safetensors"))
    }

    public func contains(_ name: String) -> Bool { entries[name] != nil }

    /// The shape of any tensor, of whatever dtype; nil when there is none of that name.
    public func shape(of name: String) -> [Int]? { entries[name]?.shape }

    /// - Throws: ``ModelError`` when there is no tensor of that name, or it is of a type that no model's weights have
    ///   here.
    public func tensor(_ name: String) throws -> TensorView {
        guard let entry = entries[name] else {
            throw ModelError(.invalidWeights, at: file, "there is no tensor \"\(name)\"")
        }
        guard let dtype = TensorType(rawValue: entry.dtype) else {
            throw ModelError(
                .unsupported, at: file,
                "tensor \"\(name)\" is of type \(entry.dtype); weights are read as "
                    + TensorType.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return TensorView(
            name: name, file: file, dtype: dtype, shape: entry.shape, owner: bytes, range: entry.range)
    }

    /// A tensor of any dtype as it stands in the file, for whoever copies it; nil when there is none of that name.
    package func stored(_ name: String) -> (dtype: String, shape: [Int], bytes: StoredBytes)? {
        entries[name].map { ($0.dtype, $0.shape, StoredBytes(owner: bytes, range: $0.range)) }
    }

    /// Bytes of a file that stay valid as long as the value lives.
    package struct StoredBytes: Sendable {
        let owner: ModelBytes
        let range: Range<Int>

        package var count: Int { range.count }

        package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
            try withExtendedLifetime(owner) { try body(UnsafeRawBufferPointer(rebasing: owner.buffer[range])) }
        }
    }

    /// The reference implementation's limit.
    static let maximumHeaderLength: UInt64 = 100_000_000

    /// All types of the format: a file may carry buffers (`position_ids` in I64) beside the weights.
    private static let bitsPerElement = [
        "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8,
        "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32,
        "F32": 32, "F64": 64, "I64": 64, "U64": 64, "C64": 64,
    ]

    private static let downloadAgain = "Download the file again"

    /// A clone without Git LFS leaves a text of three lines in the place of the weights.
    private static func lfsHint(_ buffer: UnsafeRawBufferPointer) -> String {
        buffer.starts(with: "version https://git-lfs".utf8)
            ? "It is a Git LFS pointer: fetch the real file with `git lfs pull`" : downloadAgain
    }

    // swift-format-ignore: AlwaysUseLowerCamelCase
    private struct Record: Decodable {
        let dtype: String
        let shape: [Int]
        let data_offsets: [Int]
    }

    private struct Header: Decodable {
        var tensors: [String: Record] = [:]

        private struct Name: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init?(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Name.self)
            for name in container.allKeys {
                if name.stringValue == "__metadata__" {
                    // Text to text; nothing of it is used, and anything else breaks the format.
                    _ = try container.decode([String: String].self, forKey: name)
                } else {
                    tensors[name.stringValue] = try container.decode(Record.self, forKey: name)
                }
            }
        }
    }
}
