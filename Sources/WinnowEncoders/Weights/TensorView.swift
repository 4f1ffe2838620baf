/// The element types that weights are read from.
public enum TensorType: String, Sendable, Hashable, CaseIterable {
    case f32 = "F32"
    case f16 = "F16"
    case bf16 = "BF16"
    case i8 = "I8"

    /// `float32`, `float16`, `bfloat16`, `int8`.
    package var spelledOut: String {
        switch self {
        case .f32: "float32"
        case .f16: "float16"
        case .bf16: "bfloat16"
        case .i8: "int8"
        }
    }

    /// Bytes of one element.
    public var size: Int {
        switch self {
        case .f32: 4
        case .f16, .bf16: 2
        case .i8: 1
        }
    }
}

/// A tensor where it lies in its file: name, type, shape, bytes. Row-major, little-endian, of any alignment.
public struct TensorView: Sendable {
    public let name: String
    /// The file it is in, for messages.
    public let file: String
    public let dtype: TensorType
    /// `bytes.count` is their product times ``TensorType/size``. Empty: one element.
    public let shape: [Int]
    private let owner: ModelBytes
    private let range: Range<Int>

    init(name: String, file: String, dtype: TensorType, shape: [Int], owner: ModelBytes, range: Range<Int>) {
        self.name = name
        self.file = file
        self.dtype = dtype
        self.shape = shape
        self.owner = owner
        self.range = range
    }

    /// The number of elements.
    public var count: Int { range.count / dtype.size }

    /// The bytes, for the time of the call.
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(owner) { try body(UnsafeRawBufferPointer(rebasing: owner.buffer[range])) }
    }

    /// Gives back the memory of elements that were read and will not be soon: a file of float weights is twice to four times as
    /// large as what is packed of it. They can be read again.
    package func dropPages() { owner.dropPages(range) }

    /// The elements `elements` as float32: exact for f32, f16 and bf16; an int8 is its own value, without any scale.
    /// - Precondition: `elements` lies in `0..<count`; `destination` has room for them.
    package func copyFloats(_ elements: Range<Int>, into destination: UnsafeMutablePointer<Float>) {
        precondition(
            elements.lowerBound >= 0 && elements.upperBound <= count,
            "elements \(elements) of \(name), which has \(count)")
        withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            let source = base + elements.lowerBound * dtype.size
            switch dtype {
            case .f32:
                UnsafeMutableRawPointer(destination).copyMemory(from: source, byteCount: elements.count * 4)
            case .f16:
                for index in 0..<elements.count {
                    let bits = UInt32(source.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
                    destination[index] = Self.float(halfBits: bits)
                }
            case .bf16:
                for index in 0..<elements.count {
                    let bits = UInt32(source.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
                    destination[index] = Float(bitPattern: bits << 16)
                }
            case .i8:
                for index in 0..<elements.count {
                    destination[index] = Float(source.loadUnaligned(fromByteOffset: index, as: Int8.self))
                }
            }
        }
    }

    /// All elements as float32.
    package func floats() -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            if let base = buffer.baseAddress { copyFloats(0..<count, into: base) }
            initialized = count
        }
    }

    /// - Throws: ``ModelError`` that names the tensor and the first element that is infinite or not a number.
    package func checkFinite() throws {
        let isFinite = withUnsafeBytes { bytes in
            switch dtype {
            case .f32: Self.allFinite(bytes, Int32.self, exponent: 0x7F80_0000)
            case .f16: Self.allFinite(bytes, Int16.self, exponent: 0x7C00)
            case .bf16: Self.allFinite(bytes, Int16.self, exponent: 0x7F80)
            case .i8: true
            }
        }
        guard !isFinite else { return }
        let values = floats()
        let index = withUnsafeBytes { bytes in
            values.indices.first {
                switch dtype {
                case .f16: bytes.loadUnaligned(fromByteOffset: 2 * $0, as: UInt16.self) & 0x7C00 == 0x7C00
                default: !values[$0].isFinite
                }
            }
        }
        throw ModelError(
            .invalidWeights, at: file,
            "tensor \"\(name)\": element \(index ?? 0) is infinite or not a number, and no score can come of that")
    }

    /// Infinity and NaN are the values whose exponent has all bits set, so the largest exponent tells. No early exit
    /// and signed lanes, so that the loop vectorises: 2 ms for 45 MB, where comparing each element takes 14.
    private static func allFinite<Bits: FixedWidthInteger & SignedInteger>(
        _ bytes: UnsafeRawBufferPointer, _ type: Bits.Type, exponent: Bits
    ) -> Bool {
        var largest: Bits = 0
        for index in 0..<bytes.count / MemoryLayout<Bits>.size {
            let bits =
                bytes.loadUnaligned(fromByteOffset: index &* MemoryLayout<Bits>.size, as: Bits.self) & exponent
            largest = bits > largest ? bits : largest
        }
        return largest != exponent
    }

    /// IEEE half to single without a branch: the exponent's bias is moved by a multiplication, which subnormals
    /// survive. Infinity and NaN come out wrong: ``checkFinite()`` has refused them. (`Float16` is missing on Intel
    /// Macs.)
    private static func float(halfBits bits: UInt32) -> Float {
        let magnitude = Float(bitPattern: (bits & 0x7FFF) << 13) * 0x1p112
        return Float(bitPattern: magnitude.bitPattern | (bits & 0x8000) << 16)
    }
}
