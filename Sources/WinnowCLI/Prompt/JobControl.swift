#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What a shell does with jobs, as far as a session at a terminal must play along.
enum JobControl {
    /// The terminal is another job's now. Calls what a signal's handler may call.
    static var isInBackground: Bool {
        let foreground = tcgetpgrp(0)
        return foreground > 0 && foreground != getpgrp()
    }

    /// Lets the terminal stop this process when the calling thread reads from it, or sets it, in the background. Threads of Dispatch block
    /// these signals, and reading then fails, while setting succeeds.
    static func admitStops() { mask(SIG_UNBLOCK) }

    static func refuseStops() { mask(SIG_BLOCK) }

    private static func mask(_ how: CInt) {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in [SIGTTIN, SIGTTOU] { sigaddset(&set, signal) }
        pthread_sigmask(how, &set, nil)
    }
}
