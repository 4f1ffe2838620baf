import Foundation
import TestSupport
import Testing
import WinnowEncoders

/// A small file with every type that weights come in, a metadata entry, a scalar and an empty tensor.
private func smallFile() -> Data {
    var body = Data()
    body.append([Float](repeating: 1.5, count: 6).withUnsafeBytes { Data($0) })  // a: F32 [2, 3], 0..<24
    body.append(Data([0x00, 0x3C, 0x00, 0xC0]))  // b: F16 [2] = 1, -2, 24..<28
    body.append(Data([0x80, 0x3F]))  // c: BF16 [] = 1, 28..<30
    body.append(Data([1, 0xFF, 127, 0x81]))  // d: I8 [2, 2], 30..<34
    body.append(Data(repeating: 7, count: 8))  // ids: I64 [1], 34..<42
    let header = """
        {"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},\
        "b":{"dtype":"F16","shape":[2],"data_offsets":[24,28]},"c":{"dtype":"BF16","shape":[],"data_offsets":[28,30]},\
        "d":{"dtype":"I8","shape":[2,2],"data_offsets":[30,34]},"e":{"dtype":"F32","shape":[0,4],"data_offsets":[34,34]},\
        "ids":{"dtype":"I64","shape":[1],"data_offsets":[34,42]}}
        """
    return SafetensorsBuilder.file(header: header, body: body)
}

@Suite struct SafetensorsTests {
    @Test func readsEveryTypeOfWeights() throws {
        let file = try SafetensorsFile(smallFile())
        #expect(file.names == ["a", "b", "c", "d", "e", "ids"])
        #expect(try file.tensor("a").shape == [2, 3])
        #expect(try file.tensor("a").floats() == [Float](repeating: 1.5, count: 6))
        #expect(try file.tensor("b").floats() == [1, -2])
        #expect(try file.tensor("c").floats() == [1])
        #expect(try file.tensor("c").shape == [])
        #expect(try file.tensor("d").floats() == [1, -1, 127, -127])
        #expect(try file.tensor("e").count == 0)
        #expect(file.shape(of: "ids") == [1])
        #expect(file.contains("f") == false)
    }

    @Test func refusesTypesThatNoWeightsHave() throws {
        let file = try SafetensorsFile(smallFile())
        let error = #expect(throws: ModelError.self) { try file.tensor("ids") }
        #expect(error?.description.contains("\"ids\" is of type I64") == true)
        let missing = #expect(throws: ModelError.self) { try file.tensor("nope") }
        #expect(missing?.description.contains("no tensor \"nope\"") == true)
    }

    /// numpy.float16 and numpy's view of the upper half of a float32 say the same of these bits.
    @Test(
        arguments: [
            (0x0001, 0x1p-24), (0x03FF, 0x1.FF8p-15), (0x0400, 0x1p-14), (0x3555, 0.333251953125), (0x7BFF, 65504),
            (0x8000, -0.0), (0xC500, -5), (0x83FF, -0x1.FF8p-15),
        ] as [(UInt16, Float)])
    func widensHalfPrecisionExactly(bits: UInt16, value: Float) throws {
        var builder = SafetensorsBuilder()
        builder.add("h", "F16", [1], withUnsafeBytes(of: bits.littleEndian) { Data($0) })
        let read = try SafetensorsFile(builder.build()).tensor("h").floats()
        #expect(read[0].bitPattern == value.bitPattern)
    }

    @Test func readsTensorsAtOddAddresses() throws {
        var builder = SafetensorsBuilder()
        builder.add("pad", "I8", [3], Data([1, 2, 3]))
        builder.add("w", [3], [1, -2, 3.25])
        #expect(try SafetensorsFile(builder.build()).tensor("w").floats() == [1, -2, 3.25])
    }

    @Test(arguments: [
        ("F32", Data([0, 0, 0x80, 0x7F])), ("F32", Data([1, 0, 0x80, 0xFF])), ("F16", Data([0, 0x7C])),
        ("F16", Data([1, 0xFE])), ("BF16", Data([0x80, 0x7F])), ("BF16", Data([0xC0, 0xFF])),
    ])
    func refusesInfinityAndNaN(dtype: String, bad: Data) throws {
        let good = Data(count: bad.count * 70)
        var builder = SafetensorsBuilder()
        builder.add("layer.weight", dtype, [8, 9], good + bad + Data(count: bad.count))
        let file = try SafetensorsFile(builder.build())
        let error = #expect(throws: ModelError.self) {
            try WeightMatrix(file, name: "layer.weight", rows: 8, columns: 9, isQuantized: false)
        }
        #expect(
            error?.description.contains("test.safetensors: tensor \"layer.weight\": element 70 is infinite") == true)
    }

    @Test(arguments: lies)
    func refusesLiesByName(lie: Lie) throws {
        let error = #expect(throws: ModelError.self) { try SafetensorsFile(lie.data, file: "bad.safetensors") }
        let text = error?.description ?? ""
        #expect(text.contains("bad.safetensors") && text.contains(lie.reason), "\(text)")
    }

    /// Files cut at every length, and 600 files with one to three bytes of length and header changed.
    @Test func mutatedFilesThrowOrKeepTheirShapes() throws {
        let original = smallFile()
        let headerEnd = 8 + Int(original[0]) + Int(original[1]) << 8
        let shapes = try SafetensorsFile(original).shapes

        for length in 0..<original.count {
            expectSound(original.prefix(length), shapes: nil, "cut to \(length) bytes")
        }
        let seed: UInt64 = 3
        var generator = SeededGenerator(seed: seed)
        let likely = Array(#"0123456789-.eE"[]{},:\ "#.utf8)
        for round in 0..<600 {
            var data = original
            for _ in 0...Int.random(in: 0..<3, using: &generator) {
                let index = Int.random(in: 0..<headerEnd, using: &generator)
                // Half the changes are likely to leave JSON that parses.
                data[index] =
                    Bool.random(using: &generator) && index >= 8
                    ? likely.randomElement(using: &generator) ?? 0 : UInt8.random(in: 0...255, using: &generator)
            }
            expectSound(data, shapes: shapes, "seed \(seed), round \(round)")
        }
        for round in 0..<100 {
            var data = original
            let range = headerEnd..<original.count
            data[Int.random(in: range, using: &generator)] ^= UInt8.random(in: 1...255, using: &generator)
            #expect(try SafetensorsFile(data).shapes == shapes, "data byte, round \(round)")
        }
        for round in 0..<100 {
            // A piece of the file taken out or repeated.
            let start = Int.random(in: 0..<original.count, using: &generator)
            let end = Int.random(in: start...min(original.count, start + 40), using: &generator)
            let data =
                round % 2 == 0
                ? original[..<start] + original[end...] : original[..<end] + original[start...]
            expectSound(
                Data(data), shapes: start == end ? shapes : nil, "seed \(seed), piece \(start)..<\(end) \(round % 2)")
        }
    }

    private func expectSound(_ data: Data, shapes: [[Int]]?, _ what: String) {
        do {
            let file = try SafetensorsFile(Data(data), file: "mutated.safetensors")
            #expect(file.shapes == shapes, "\(what)")
            for name in file.names { _ = try? file.tensor(name).floats() }
        } catch let error as ModelError {
            #expect(error.location.contains("mutated.safetensors") && !error.reason.isEmpty, "\(what)")
        } catch {
            Issue.record("\(what): \(error) is no ModelError")
        }
    }
}

extension SafetensorsFile {
    fileprivate var shapes: [[Int]] {
        names.compactMap { shape(of: $0) }.sorted { $0.lexicographicallyPrecedes($1) }
    }
}

struct Lie: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let data: Data
    let reason: String

    init(_ name: String, header: String, body: Int = 0, reason: String) {
        testDescription = name
        data = SafetensorsBuilder.file(header: header, body: Data(count: body))
        self.reason = reason
    }

    init(_ name: String, data: Data, reason: String) {
        testDescription = name
        self.data = data
        self.reason = reason
    }

    /// One tensor `w` with the text given for its record.
    init(_ name: String, record: String, body: Int = 24, reason: String) {
        self.init(name, header: "{\"w\":{\(record)}}", body: body, reason: reason)
    }
}

private let lies: [Lie] = [
    Lie("empty file", data: Data(), reason: "has 0 bytes"),
    Lie("seven bytes", data: Data(count: 7), reason: "has 7 bytes"),
    Lie("length 2^64 - 1", data: Data(repeating: 0xFF, count: 64), reason: "claims 18446744073709551615 bytes"),
    Lie(
        "length 2^63", data: SafetensorsBuilder.file(header: Data("{}".utf8), length: 1 << 63, body: Data()),
        reason: "claims 9223372036854775808 bytes"),
    Lie(
        "length over 100 MB", data: SafetensorsBuilder.file(header: Data("{}".utf8), length: 100_000_001, body: Data()),
        reason: "claims 100000001 bytes"),
    Lie(
        "length beyond the file", data: SafetensorsBuilder.file(header: Data("{}".utf8), length: 3, body: Data()),
        reason: "it is truncated"),
    Lie(
        "a Git LFS pointer", data: Data("version https://git-lfs.github.com/spec/v1\noid x\n".utf8),
        reason: "git lfs pull"),
    Lie("no header", data: Data(count: 8), reason: "does not begin with {"),
    Lie("an array", header: "[]", reason: "does not begin with {"),
    Lie("no JSON", header: "{w}", reason: "no JSON"),
    Lie("half a JSON", header: "{\"w\":", reason: "ends inside a bracket"),
    Lie("a string without end", header: "{\"w", reason: "has no end"),
    Lie("a NUL", header: "{\"w\":\0}", reason: "control character"),
    Lie("a tensor that is a number", header: "{\"w\":3}", reason: "\"w\""),
    Lie("metadata that is no text", header: "{\"__metadata__\":{\"a\":[1]}}", reason: "__metadata__"),
    Lie("deep nesting", header: String(repeating: "{\"a\":", count: 100_000), reason: "nested deeper"),
    Lie("deep arrays", header: "{\"a\":" + String(repeating: "[", count: 1_000_000), reason: "nested deeper"),
    Lie(
        "a name twice",
        header:
            #"{"w":{"dtype":"F32","shape":[6],"data_offsets":[0,24]},"w":{"dtype":"F32","shape":[6],"data_offsets":[0,24]}}"#,
        body: 24, reason: "\"w\" stands twice"),
    Lie(
        "a name twice, once escaped",
        header:
            #"{"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"\u0077":{"dtype":"F32","shape":[3,2],"data_offsets":[0,24]}}"#,
        body: 24, reason: "\"w\" stands twice"),
    Lie(
        "an empty name", header: #"{"":{"dtype":"F32","shape":[6],"data_offsets":[0,24]}}"#, body: 24,
        reason: "name is empty"),
    Lie("an unknown dtype", record: #""dtype":"F33","shape":[6],"data_offsets":[0,24]"#, reason: "dtype \"F33\""),
    Lie("no dtype", record: #""shape":[6],"data_offsets":[0,24]"#, reason: "lacks \"w.dtype\""),
    Lie("no shape", record: #""dtype":"F32","data_offsets":[0,24]"#, reason: "lacks \"w.shape\""),
    Lie("no offsets", record: #""dtype":"F32","shape":[6]"#, reason: "lacks \"w.data_offsets\""),
    Lie("a negative size", record: #""dtype":"F32","shape":[-6],"data_offsets":[0,24]"#, reason: "-6"),
    Lie("a negative offset", record: #""dtype":"F32","shape":[6],"data_offsets":[-24,0]"#, reason: "-24"),
    Lie("a float as size", record: #""dtype":"F32","shape":[6.0],"data_offsets":[0,24]"#, reason: "6.0 in \"w.shape\""),
    Lie("an exponent as size", record: #""dtype":"F32","shape":[6e0],"data_offsets":[0,24]"#, reason: "6e0"),
    Lie("a text as size", record: #""dtype":"F32","shape":["6"],"data_offsets":[0,24]"#, reason: "w.shape"),
    Lie(
        "a size over Int64", record: #""dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,24]"#,
        reason: "9223372036854775808 in \"w.shape\", byte "),
    Lie(
        "a product over Int64", record: #""dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,24]"#,
        reason: "no shape"),
    Lie(
        "bits over Int64", record: #""dtype":"F32","shape":[1152921504606846976],"data_offsets":[0,24]"#,
        reason: "no shape"),
    Lie("a shape too large", record: #""dtype":"F32","shape":[7],"data_offsets":[0,24]"#, reason: "takes 28 bytes"),
    Lie("a shape too small", record: #""dtype":"F32","shape":[5],"data_offsets":[0,24]"#, reason: "takes 20 bytes"),
    Lie("half a byte", record: #""dtype":"F4","shape":[3],"data_offsets":[0,1]"#, body: 1, reason: "takes 2 bytes"),
    Lie(
        "offsets the wrong way round", record: #""dtype":"F32","shape":[6],"data_offsets":[24,0]"#,
        reason: "begins at 24"),
    Lie("one offset", record: #""dtype":"F32","shape":[6],"data_offsets":[24]"#, reason: "1 numbers instead of 2"),
    Lie(
        "three offsets", record: #""dtype":"F32","shape":[6],"data_offsets":[0,24,24]"#,
        reason: "3 numbers instead of 2"),
    Lie(
        "an end beyond the file", record: #""dtype":"F32","shape":[6],"data_offsets":[0,24]"#, body: 23,
        reason: "ends at byte 24"),
    Lie(
        "an offset of 2^63 - 1",
        record: #""dtype":"F32","shape":[6],"data_offsets":[9223372036854775783,9223372036854775807]"#,
        reason: "ends at byte 9223372036854775807"),
    Lie(
        "unused bytes before", record: #""dtype":"F32","shape":[5],"data_offsets":[4,24]"#,
        reason: "leaves bytes before it unused"),
    Lie(
        "unused bytes after", record: #""dtype":"F32","shape":[5],"data_offsets":[0,20]"#, reason: "4 bytes at the end"),
    Lie("bytes after nothing", header: "{}", body: 1, reason: "1 bytes at the end"),
    Lie(
        "an overlap",
        header:
            #"{"v":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"w":{"dtype":"F32","shape":[3],"data_offsets":[12,24]}}"#,
        body: 24, reason: "\"w\": it begins at byte 12 of the data and overlaps"),
    Lie(
        "two tensors in one place",
        header:
            #"{"v":{"dtype":"F32","shape":[6],"data_offsets":[0,24]},"w":{"dtype":"F32","shape":[6],"data_offsets":[0,24]}}"#,
        body: 24, reason: "overlaps"),
    Lie(
        "a hole",
        header:
            #"{"v":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[4],"data_offsets":[8,24]}}"#,
        body: 24, reason: "\"w\": it begins at byte 8 of the data and leaves bytes"),
]
