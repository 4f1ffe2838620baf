import CWinnowKernels

/// The inner product that dense search runs on, in one place: the kernel of the instruction set in use.
struct InnerProduct {
    private let kernel: @convention(c) (UnsafePointer<Float>?, UnsafePointer<Float>?, Int) -> Float

    init() { kernel = winnow_kernels_active().pointee.dot_f32 }

    /// Σ left[i]·right[i] over `count` floats: the same bits for the same two vectors wherever they lie in memory.
    @inline(__always)
    func callAsFunction(_ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, _ count: Int) -> Float {
        kernel(left, right, count)
    }
}
