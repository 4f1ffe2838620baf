import CWinnowKernels

/// The inner product that a dense search ranks by, in the kernels that the processor has.
enum InnerProduct {
    /// `count` products of float32, each lane summed in ascending order: the same bits wherever the vectors lie.
    static func dot(_ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, _ count: Int) -> Float {
        winnow_kernels_active().pointee.dot_f32(left, right, count)
    }
}
