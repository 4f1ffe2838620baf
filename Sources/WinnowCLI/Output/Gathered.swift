import Synchronization

/// Values that come in from a callback.
final class Gathered<Value: Sendable>: Sendable {
    private let storage = Mutex<[Value]>([])

    func append(_ value: Value) { storage.withLock { $0.append(value) } }

    func replace(with values: [Value]) { storage.withLock { $0 = values } }

    var values: [Value] { storage.withLock { $0 } }
}
