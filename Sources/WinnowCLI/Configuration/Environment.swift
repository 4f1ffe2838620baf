#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The environment of this process, as far as it configures.
enum Environment {
    /// nil also where the variable is empty, as an unset variable of a shell makes it.
    static func value(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        let text = String(cString: value)
        return text.isEmpty ? nil : text
    }

    /// Names in the manner of ours that nothing reads.
    static func unknownNames() -> [String] {
        let known = Set(
            ConfigurationKeys.all.map(\.variable) + [
                "WINNOW_CONFIG", "WINNOW_PROFILE", "WINNOW_KERNELS", "WINNOW_HISTORY",
            ])
        return ProcessInfo.processInfo.environment.keys.filter { $0.hasPrefix("WINNOW_") && !known.contains($0) }
            .sorted()
    }

    /// What the environment says of keys.
    static func settings() -> (settings: [Setting], problems: [ConfigurationProblem]) {
        var settings: [Setting] = []
        var problems: [ConfigurationProblem] = []
        for key in ConfigurationKeys.all {
            guard let value = value(key.variable) else { continue }
            if let fault = key.kind.fault(of: value) {
                problems.append(.init(key: key.path, text: "\(key.variable): \(fault)"))
            } else {
                settings.append(Setting(key: key, value: value, origin: .environment(key.variable)))
            }
        }
        return (settings, problems)
    }
}
