import WinnowCore

/// What is said differently in the revisions.
extension MCPSession {
    private static let versionKey = "io.modelcontextprotocol/protocolVersion"
    private static let capabilitiesKey = "io.modelcontextprotocol/clientCapabilities"
    private static let serverKey = "io.modelcontextprotocol/serverInfo"

    static let capabilities = JSONText.object([("tools", .object([("listChanged", .bool(false))]))])

    static func serverInfo(_ version: ProtocolVersion) -> JSONText {
        var fields: [(String, JSONText)] = [("name", .string("winnow"))]
        if version.hasStructuredContent { fields.append(("title", .string("Winnow"))) }
        return .object(fields + [("version", .string(Version.current))])
    }

    /// The revision that a request says it is of; nil where it says nothing.
    static func envelope(_ params: RPCParams) throws(RPCError) -> ProtocolVersion? {
        guard let meta = params.object("_meta"), let stated = meta[versionKey] else { return nil }
        guard case .string(let requested) = stated else { throw .invalidParams("_meta: \(versionKey) is no string") }
        guard let version = ProtocolVersion(rawValue: requested), !version.hasHandshake else {
            throw .unsupportedVersion(requested)
        }
        guard meta.object(capabilitiesKey) != nil else {
            throw .invalidParams("_meta needs \(capabilitiesKey), an object")
        }
        return version
    }

    func discovered(_ version: ProtocolVersion) -> JSONText {
        let versions = ProtocolVersion.allCases.filter { !$0.hasHandshake }
        return stated(
            .object([
                ("supportedVersions", .array(versions.map { .string($0.rawValue) })),
                ("capabilities", Self.capabilities), ("instructions", .string(tools.instructions)),
            ]), version, isCacheable: true)
    }

    /// How long a client may keep what does not change while the process runs.
    private static let timeToLive = 300_000

    /// A result with what its revision wants of every result.
    func stated(_ result: JSONText, _ version: ProtocolVersion, isCacheable: Bool = false) -> JSONText {
        guard !version.hasHandshake, case .object(var fields) = result else { return result }
        fields.append(("resultType", .string("complete")))
        if isCacheable {
            fields += [("ttlMs", .integer(Self.timeToLive)), ("cacheScope", .string("private"))]
        }
        return .object(fields + [("_meta", .object([(Self.serverKey, Self.serverInfo(version))]))])
    }
}
