import GRDB
import WinnowCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A row of a store that cannot have been written by Winnow: the file was damaged.
struct DamagedRow: Error {
    let detail: String

    init(_ detail: String) {
        self.detail = detail
    }
}

/// The columns of one row, checked as they are read: GRDB's subscripts trap on what they do not expect, and a damaged file
/// can hold anything.
///
/// For rows of a cursor only: those read TEXT as the bytes that it is, where copied rows end a text at U+0000.
struct Cells {
    private let row: Row
    private let table: String

    init(_ row: Row, _ table: String) {
        self.row = row
        self.table = table
    }

    func integer(_ index: Int) throws -> Int64 { try row.decode(Int64.self, atIndex: index) }

    func optionalInteger(_ index: Int) throws -> Int64? { try row.decode(Int64?.self, atIndex: index) }

    /// Whether SQLite stored an integer there, and no real.
    func isInteger(_ index: Int) -> Bool {
        let value: DatabaseValue = row[index]
        if case .int64 = value.storage { return true }
        return false
    }

    func real(_ index: Int) throws -> Double { try row.decode(Double.self, atIndex: index) }

    /// A number of things or of bytes.
    func count(_ index: Int) throws -> Int {
        guard let count = Int(exactly: try integer(index)), count >= 0 else {
            throw DamagedRow("column \(index) of a row of '\(table)' is a negative number")
        }
        return count
    }

    func text(_ index: Int) throws -> String {
        guard let text = try optionalText(index) else { throw missing(index) }
        return text
    }

    func optionalText(_ index: Int) throws -> String? {
        try row.withUnsafeData(atIndex: index) { data -> String? in
            guard let data else { return nil }
            guard let text = String(validating: data, as: UTF8.self) else {
                throw DamagedRow("column \(index) of a row of '\(table)' is not UTF-8")
            }
            return text
        }
    }

    func bytes(_ index: Int) throws -> [UInt8] {
        guard let bytes = try optionalBytes(index) else { throw missing(index) }
        return bytes
    }

    func optionalBytes(_ index: Int) throws -> [UInt8]? {
        try row.withUnsafeData(atIndex: index) { $0.map { Array($0) } }
    }

    /// Lends the bytes without a copy.
    func withBytes<Result>(_ index: Int, _ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
        try row.withUnsafeData(atIndex: index) { data in
            guard let data else { throw missing(index) }
            return try data.withUnsafeBytes(body)
        }
    }

    func fingerprint(_ index: Int) throws -> Fingerprint {
        guard let fingerprint = StoredBytes.fingerprint(try bytes(index)) else {
            throw DamagedRow("column \(index) of a row of '\(table)' is no fingerprint")
        }
        return fingerprint
    }

    private func missing(_ index: Int) -> DamagedRow { DamagedRow("column \(index) of a row of '\(table)' is NULL") }
}

/// Between values and the bytes that are bound to statements.
enum StoredBytes {
    static func data(_ bytes: [UInt8]) -> Data { Data(bytes) }

    static func data(_ text: String) -> Data { Data(text.utf8) }

    static func bytes(_ fingerprint: Fingerprint) -> [UInt8] {
        let digits = Array(fingerprint.hexadecimal.utf8)
        return stride(from: 0, to: digits.count - 1, by: 2).map { index in
            nibble(digits[index]) << 4 | nibble(digits[index + 1])
        }
    }

    static func fingerprint(_ bytes: [UInt8]) -> Fingerprint? {
        let digits = Array("0123456789abcdef".utf8)
        let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return Fingerprint(hexadecimal: String(decoding: text, as: UTF8.self))
    }

    private static func nibble(_ digit: UInt8) -> UInt8 { digit <= 57 ? digit - 48 : digit - 87 }
}

extension Statement {
    /// Reads the first row, while its cursor holds it: a cursor that is no longer used may end, and its row is then all NULL.
    ///
    /// - Returns: nil when there is no row.
    func first<Value>(_ arguments: StatementArguments = [], _ read: (Row) throws -> Value) throws -> Value? {
        let rows = try Row.fetchCursor(self, arguments: arguments)
        return try withExtendedLifetime(rows) { try rows.next().map(read) }
    }
}
