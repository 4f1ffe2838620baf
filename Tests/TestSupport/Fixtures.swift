import Foundation

/// Files that tests read, in the folder beside this source file. They are not copied into a bundle: tests run from a
/// checkout.
public enum Fixtures {
    /// - Parameter path: inside `Fixtures/`, such as `tiny-cross-encoder/config.json`.
    public static func url(_ path: String) -> URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/" + path)
    }

    public static func data(_ path: String) throws -> Data {
        try Data(contentsOf: url(path))
    }

    public static func json<Value: Decodable>(_ path: String, as type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: data(path))
    }
}
