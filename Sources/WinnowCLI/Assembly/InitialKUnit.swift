import WinnowCore
import WinnowEvaluation

/// Of a run of documents all passages of each become candidates, for the run does not say which of them it found.
typealias InitialKUnit = SweepSettings.InitialKUnit

extension InitialKUnit {
    /// For a reader who expects passages.
    var remark: String? {
        self == .passages
            ? nil : "initialK counts documents of the run; all passages of each are candidates, and are reranked"
    }

    /// Beside `initialK` among the settings of an evaluation.
    func added(to report: JSONText) -> JSONText {
        guard case .object(let members) = report else { return report }
        return .object(
            members.map { key, value in
                guard key == "settings", case .object(var settings) = value,
                    let index = settings.firstIndex(where: { $0.0 == "initialK" })
                else { return (key, value) }
                settings.insert(("initialKUnit", .string(rawValue)), at: index + 1)
                return (key, .object(settings))
            })
    }
}
