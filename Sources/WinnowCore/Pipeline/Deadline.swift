/// How long a query may take, from its way into a pipeline to the results' way out of it.
///
/// It binds what can be left out: candidates that cannot be scored before it keep the first stage's order below the scored ones, and
/// sentences that cannot be are not compared. The first stage is exact and takes the time that it takes, and so does an LLM.
public struct Deadline: Sendable, Hashable {
    public var limit: Duration
    /// When it is reached.
    public var instant: ContinuousClock.Instant

    /// When scoring ends: two milliseconds earlier, at most a tenth of the limit, for what comes after it: ranking, and putting the results out.
    public var scoringEnd: ContinuousClock.Instant { instant - min(.milliseconds(2), limit / 10) }

    /// - Parameter start: when the query came in.
    public init(_ limit: Duration, from start: ContinuousClock.Instant = .now) {
        self.limit = limit
        instant = start + limit
    }
}
