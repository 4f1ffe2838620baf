import Foundation

extension TemporaryFolder {
    /// Writes a file, with the folders above it, and returns its path.
    @discardableResult
    public func write(_ name: String, _ text: String) throws -> String { try write(name, bytes: Array(text.utf8)) }

    /// Writes a file, with the folders above it, and returns its path.
    @discardableResult
    public func write(_ name: String, bytes: [UInt8]) throws -> String {
        try write(Data(bytes), to: name)
        return path + "/" + name
    }
}
