import Winnow
import WinnowCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What computes, and how far it is from what this processor could do.
struct MachineChecks {
    let given: GivenOptions
    /// nil where it could not be loaded: the forward pass is left out.
    let encoder: CrossEncoder?
    let isQuick: Bool
    /// Bytes that a search of the store maps; 0 without one.
    let mapped: Int

    private static let farFromRoof = 0.25
    private static let littleMemory = 256 << 20

    func findings() async throws -> [Finding] {
        var findings = [kernels, threads]
        if let precision { findings.append(precision) }
        if let memory { findings.append(memory) }
        if encoder != nil { findings.append(try await speed()) }
        return findings
    }

    private var bench: String { "winnow bench\(given.reranker)" }

    private var threadsOption: String { given.engine.threads.map { " --threads \($0)" } ?? "" }

    private var kernels: Finding {
        let (active, available) = (Kernels.active, Kernels.available)
        let evidence: [(String, Evidence)] = [
            ("kernels", .text(active.name)), ("available", .texts(available.map(\.name))),
            ("processor", .text(Kernels.processorFeatures.isEmpty ? "none known" : Kernels.processorFeatures)),
            ("vnni", .text(active.hasVNNI ? "yes" : "no")), ("bfloat16", .text(active.hasBFloat16 ? "yes" : "no")),
        ]
        guard let best = available.first, best.name != active.name else {
            return active.hasVNNI
                ? Finding("machine.kernels", .ok, "the fastest kernels of this processor are used", evidence)
                : Finding(
                    "machine.kernels", .note,
                    "the fastest kernels of this processor are used, and it has no VNNI: int8 is no faster than it must be, so float32 is the "
                        + "default", evidence)
        }
        return Finding(
            "machine.kernels", .warning,
            "WINNOW_KERNELS asks for \(active.name), and this processor runs \(best.name), which is faster", evidence,
            command: "unset WINNOW_KERNELS")
    }

    private var threads: Finding {
        let online = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let allowed = Kernels.processorCount
        let used = given.engine.threads ?? allowed
        let evidence: [(String, Evidence)] = [
            ("threads", .count(used)), ("allowed", .count(allowed)), ("processors", .count(online)),
        ]
        if used > allowed {
            return Finding(
                "machine.threads", .warning,
                "\(NumberText.plural(used, "thread is", "threads are")) asked for, and this process may use "
                    + "\(NumberText.plural(allowed, "processor")): they take turns, and each request takes longer",
                evidence,
                command: "\(bench)\(given.precision) --threads \(allowed),\(min(256, used))")
        }
        if allowed < online {
            return Finding(
                "machine.threads", .note,
                "this process may use \(allowed) of \(NumberText.plural(online, "processor")), by its affinity mask or a quota of its "
                    + "control group", evidence)
        }
        return Finding(
            "machine.threads", .ok, "\(NumberText.plural(used, "thread")), one a processor at most", evidence)
    }

    private var precision: Finding? {
        guard let encoder, let identity = try? encoder.identity else { return nil }
        let isQuantized = encoder.description.bert.quantization != nil
        let evidence: [(String, Evidence)] = [
            ("precision", .text(identity.precision)), ("weights", .text(isQuantized ? "int8" : "float")),
            ("vnni", .text(Kernels.active.hasVNNI ? "yes" : "no")),
        ]
        guard identity.precision != "int8", Kernels.active.hasVNNI else {
            return Finding("machine.precision", .ok, "the arithmetic suits weights and processor", evidence)
        }
        if isQuantized {
            return Finding(
                "machine.precision", .note,
                "\(identity.precision) is asked for, and int8 would be several times as fast here; Documentation/quality.md has what it costs",
                evidence, command: "\(bench) --precision \(identity.precision),int8")
        }
        return Finding(
            "machine.precision", .note,
            "the weights are floats, and this processor multiplies int8 several times as fast: quantising says what it costs",
            evidence,
            command: given.model.map {
                "winnow models quantize \(ShellText.quoted($0)) \(ShellText.quoted($0 + "-int8"))"
            })
    }

    private var memory: Finding? {
        guard let available = MemoryAvailable.bytes else { return nil }
        let evidence: [(String, Evidence)] = [("available", .bytes(available)), ("mapped", .bytes(mapped))]
        return available < Self.littleMemory + mapped
            ? Finding(
                "machine.memory", .warning,
                "there is little memory left: models take about 150 MB, and a search wants its scan cache in memory",
                evidence)
            : Finding("machine.memory", .ok, "there is memory for the models and the store's scan cache", evidence)
    }

    private func speed() async throws -> Finding {
        let threads = given.engine.threads ?? Kernels.processorCount
        let model = try BenchModel(.rerank, given.model, precision: given.engine.precision, threads: threads)
        let tokens = min(150, encoder?.maxLength ?? 150)
        let count = isQuick ? 4 : 20
        let request: (work: BertWork, run: @Sendable () async throws -> Void)
        do {
            request = try model.request(count: count, tokens: tokens)
        } catch {
            return Finding("machine.speed", .note, "how fast the cross-encoder is cannot be measured: \(error)")
        }
        // Threads that take turns on a processor do not add to what it can do.
        let roof = try await Roof.operationsPerSecond(
            model.precision, kernels: .active, threads: min(threads, Kernels.processorCount))
        var times: [Duration] = []
        for round in 0..<(isQuick ? 3 : 6) {
            try Task.checkCancellation()
            let start = ContinuousClock.now
            try await request.run()
            if round > 0 { times.append(ContinuousClock.now - start) }
        }
        // The best: a neighbour on the machine takes time from the others.
        let best = times.min() ?? .zero
        let achieved = request.work.computed / max(1e-9, best / .seconds(1))
        var evidence: [(String, Evidence)] = [
            ("candidates", .count(count)), ("tokens", .count(tokens)), ("best", .time(best)),
            ("gigaOperationsPerSecond", .number(achieved / 1e9, decimals: 0)),
        ]
        guard let roof else {
            return Finding(
                "machine.speed", .ok,
                "\(count) candidates take \(NumberText.duration(best)); how much faster it could be cannot be told, as the kernels "
                    + "\(Kernels.active.name) have no peak that was measured in \(model.precision.rawValue)", evidence)
        }
        let share = achieved / roof
        let what =
            "\(count) candidates take \(NumberText.duration(best)), \(Evidence.share(share).text) of what the registers could do with the "
            + "kernels \(Kernels.active.name) in \(model.precision.rawValue)"
        let why =
            threads > count
            ? "that is too little work for \(threads) threads, or something else takes the processors' time"
            : "something else takes the processors' time, or memory is slow"
        evidence += [("roof", .number(roof / 1e9, decimals: 0)), ("share", .share(share))]
        return share < Self.farFromRoof
            ? Finding(
                "machine.speed", .note, "\(what): \(why)", evidence,
                command: "\(bench)\(given.precision)\(threadsOption)")
            : Finding("machine.speed", .ok, what, evidence)
    }
}

/// What the system would give this process.
enum MemoryAvailable {
    /// The lesser of what is free or can be freed, and what the control group leaves; nil where the system does not say.
    static var bytes: Int? {
        let free = (try? SmallFile.text("/proc/meminfo")).flatMap { text -> Int? in
            guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("MemAvailable:") }),
                let kilobytes = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
            else { return nil }
            return kilobytes * 1024
        }
        let groups = [
            left("/sys/fs/cgroup/", "memory.max", "memory.current", pages: ["inactive_file", "active_file"]),
            // Version 1.
            left(
                "/sys/fs/cgroup/memory/", "memory.limit_in_bytes", "memory.usage_in_bytes",
                pages: ["total_inactive_file", "total_active_file"]),
        ]
        return ([free] + groups).compactMap { $0 }.min()
    }

    /// What a control group has left, nil where it has no limit. Its use counts the page cache too, which is given up when memory is asked
    /// for.
    private static func left(_ folder: String, _ limit: String, _ current: String, pages: [String]) -> Int? {
        guard let limit = number(folder + limit), let used = number(folder + current) else { return nil }
        let lines = (try? SmallFile.text(folder + "memory.stat"))?.split(separator: "\n") ?? []
        let cached = lines.reduce(0) { sum, line in
            let parts = line.split(separator: " ")
            guard parts.count == 2, pages.contains(String(parts[0])), let bytes = Int(parts[1]) else { return sum }
            return sum + max(0, bytes)
        }
        return max(0, limit - max(0, used - cached))
    }

    private static func number(_ path: String) -> Int? {
        (try? SmallFile.text(path)).flatMap { Int($0.split(whereSeparator: \.isWhitespace).first ?? "") }
    }
}
