import WinnowCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A whole text file, checked to be UTF-8 without NUL, and its lines.
struct InputFile {
    let path: String
    /// Without a byte order mark at the start.
    let bytes: ArraySlice<UInt8>

    struct Line {
        /// From 1.
        var number: Int
        /// Without the line feed and the carriage return before it.
        var bytes: ArraySlice<UInt8>

        var text: String { String(decoding: bytes, as: UTF8.self) }
        var isBlank: Bool { bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D } }
    }

    /// - Throws: ``EvaluationError/file(_:)`` when it cannot be read, is no text, or is empty.
    init(_ path: String) throws {
        self.path = path
        let all = try Self.read(path)
        bytes = all.starts(with: [0xEF, 0xBB, 0xBF]) ? all[3...] : all[...]
        if all.starts(with: [0x1F, 0x8B]) {
            throw FileFault(path: path, reason: "is compressed with gzip: unpack it first (gunzip)").error
        }
        if all.starts(with: [0xFF, 0xFE]) || all.starts(with: [0xFE, 0xFF]) {
            throw FileFault(path: path, reason: "is UTF-16: convert it with iconv -f UTF-16 -t UTF-8").error
        }
        if let zero = bytes.firstIndex(of: 0) {
            throw FileFault(
                path: path, line: Self.line(of: zero, in: bytes),
                reason:
                    "there is a NUL byte, which no text has; if it is UTF-16, convert it with iconv -f UTF-16 -t UTF-8"
            ).error
        }
        if String(validating: bytes, as: UTF8.self) == nil {
            let bad = lines().first { String(validating: $0.bytes, as: UTF8.self) == nil }
            throw FileFault(
                path: path, line: bad?.number,
                reason: "is not valid UTF-8; convert the file, for example with iconv -f ISO-8859-1 -t UTF-8"
            ).error
        }
        guard lines().contains(where: { !$0.isBlank }) else {
            throw FileFault(path: path, reason: "is empty: there is nothing to evaluate in it").error
        }
    }

    /// All lines, blank ones too.
    func lines() -> UnfoldSequence<Line, (start: Int, number: Int)> {
        sequence(state: (start: bytes.startIndex, number: 0)) { [bytes] state in
            guard state.start < bytes.endIndex else { return nil }
            let end = bytes[state.start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
            var line = bytes[state.start..<end]
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            state.start = end + 1
            state.number += 1
            return Line(number: state.number, bytes: line)
        }
    }

    func fault(_ line: Int?, _ reason: String) -> EvaluationError {
        FileFault(path: path, line: line, reason: reason).error
    }

    /// The part of the path behind its last point, in lower case; empty when there is none.
    var suffix: String { Self.suffix(path) }

    static func suffix(_ path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        guard let point = name.lastIndex(of: "."), point != name.startIndex else { return "" }
        return name[name.index(after: point)...].lowercased()
    }

    /// The file's name without folders and without what follows its last point.
    static func stem(_ path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        guard let point = name.lastIndex(of: "."), point != name.startIndex else { return String(name) }
        return String(name[..<point])
    }

    private static func line(of offset: Int, in bytes: ArraySlice<UInt8>) -> Int {
        bytes[..<offset].count { $0 == UInt8(ascii: "\n") } + 1
    }

    /// Two gigabytes: the file is held in memory whole.
    private static let longest = 1 << 31

    private static func read(_ path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFault(path: path, reason: cannot("be opened")).error }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileFault(path: path, reason: cannot("be read")).error }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw FileFault(path: path, reason: "is a folder where a file is wanted").error
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(status.st_size) + 1)
        while true {
            let start = bytes.count
            let wanted = max(1 << 16, min(Int(status.st_size) - start + 1, 1 << 24))
            guard start + wanted <= longest else {
                throw FileFault(path: path, reason: "has over \(longest) bytes, and is read whole: split it").error
            }
            bytes.append(contentsOf: repeatElement(0, count: wanted))
            let got = bytes.withUnsafeMutableBytes { buffer in
                retrying { readBytes(descriptor, UnsafeMutableRawBufferPointer(rebasing: buffer[start...])) }
            }
            guard got >= 0 else { throw FileFault(path: path, reason: cannot("be read")).error }
            bytes.removeLast(wanted - got)
            if got == 0 { return bytes }
        }
    }
}

private func readBytes(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    read(descriptor, buffer.baseAddress, buffer.count)
}

private func retrying(_ call: () -> Int) -> Int {
    while true {
        let got = call()
        if got >= 0 || errno != EINTR { return got }
    }
}

/// `cannot be …: ` with the system's reason.
func cannot(_ action: String) -> String {
    let code = errno
    if code == ENOENT || code == ENOTDIR { return "does not exist" }
    return "cannot \(action): " + String(cString: strerror(code))
}
