import Winnow

/// The store of a server. What other processes commit is seen by the next call, for every call reads a state of its own; where the file
/// itself was replaced, or is not there yet, it is opened anew.
actor ServedStore {
    let path: String
    private var opened: (store: Store, file: FileIdentity)?

    init(_ path: String) { self.path = path }

    /// - Throws: ``StoreError``
    func get() throws -> Store {
        let file = FileIdentity(path)
        if let opened, opened.file == file { return opened.store }
        opened = nil
        let store = try Store.open(path)
        if let file { opened = (store, file) }
        return store
    }

    private func forget(_ store: Store) {
        if opened?.store === store { opened = nil }
    }

    /// Runs `body`, once more with the store opened anew when the store refuses: vectors of another model may have been put in since it was
    /// opened.
    nonisolated func with<Result: Sendable>(
        _ body: @Sendable (Store) async throws -> Result
    ) async throws -> Result {
        let store = try await get()
        do {
            return try await body(store)
        } catch is StoreError {
            try Task.checkCancellation()
            await forget(store)
            return try await body(try await get())
        }
    }
}
