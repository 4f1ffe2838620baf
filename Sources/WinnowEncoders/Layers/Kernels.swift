import CWinnowKernels

/// A set of compute kernels for one instruction set, chosen once for the process.
///
/// `@unchecked Sendable`: the table is a C constant; nothing writes to it.
public struct Kernels: @unchecked Sendable {
    package let table: UnsafePointer<winnow_kernels>

    /// The variant in use: the best that the processor runs, or the one that `WINNOW_KERNELS` names.
    public static let active = Kernels(table: winnow_kernels_active())

    /// Every variant that this build has and this processor runs, best first.
    public static var available: [Kernels] {
        var variants: [Kernels] = []
        while let table = winnow_kernels_available(variants.count) { variants.append(Kernels(table: table)) }
        return variants
    }

    /// What `WINNOW_KERNELS` asks for when nothing of that name runs here; nil otherwise. Programs refuse to start on it.
    public static var refusedRequest: String? {
        winnow_kernels_refused_request().map { String(cString: $0) }
    }

    /// The instruction sets found in the processor, such as `avx2 fma avx512f`.
    public static var processorFeatures: String { String(cString: winnow_processor_features()) }

    /// Processors that this process may use: the affinity mask, cut by the control group's quota. Asked once.
    public static let processorCount = Int(winnow_processor_count())

    /// Whether there are instructions for products of bfloat16 with bfloat16.
    public var hasBFloat16: Bool { table.pointee.linear_bf16 != nil }

    /// Whether products of int8 are by far the fastest: AVX-512 VNNI or AVX-VNNI.
    public var hasVNNI: Bool { table.pointee.has_vnni }

    /// `avx512bf16`, `avx512vnni`, `avx512`, `avxvnni`, `avx2` or `scalar`.
    public var name: String { String(cString: table.pointee.name) }
}
