// Vectors of floats in clang's vector types: what the kernels of every precision are written with.
//
// The including file sets WIDTH (lanes of a vector) and the target attribute.

#include <math.h>
#include <string.h>

#include "../shared/winnow_internal.h"

// Explicit fused multiply-adds only: contraction would make bits depend on the compiler's mood.
#pragma STDC FP_CONTRACT OFF

typedef float vf __attribute__((ext_vector_type(WIDTH)));
typedef int32_t vi __attribute__((ext_vector_type(WIDTH)));
// The same vector at any address.
typedef float vfu __attribute__((ext_vector_type(WIDTH), aligned(4)));
typedef int32_t viu __attribute__((ext_vector_type(WIDTH), aligned(2)));

#define INLINE static inline __attribute__((always_inline))
#define TILE_COLUMNS (2 * WIDTH)
/// A case for every height that a register tile can have, so that each is compiled with its rows as a constant.
#if TILE_ROWS > 6
#define EVERY_HEIGHT(CASE) \
    CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12)
#else
#define EVERY_HEIGHT(CASE) CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6)
#endif

INLINE vf load(const float *p) { return *(const vfu *)p; }
INLINE void store(float *p, vf x) { *(vfu *)p = x; }
INLINE vf splat(float x) { return (vf)x; }
INLINE vf fma_(vf a, vf b, vf c) { return __builtin_elementwise_fma(a, b, c); }
/// The larger one; the other one where one is NaN.
INLINE vf max_(vf a, vf b) { return __builtin_elementwise_max(a, b); }
/// x between bounds, NaN where x is NaN: with `max_` a value that is no number would come out as the bound, and a score
/// out of nothing. One instruction each, like `max_`.
INLINE vf at_least(vf bound, vf x) { return bound > x ? bound : x; }
INLINE vf at_most(vf bound, vf x) { return bound < x ? bound : x; }

typedef float vf8 __attribute__((ext_vector_type(8)));
typedef float vf4 __attribute__((ext_vector_type(4)));
typedef float vf2 __attribute__((ext_vector_type(2)));
#if WIDTH == 16
#define FOLD_TO_8(x, OPERATION) OPERATION((x).lo, (x).hi)
#else
#define FOLD_TO_8(x, OPERATION) (x)
#endif
/// Lanes together, upper half onto lower half until one is left.
#define FOLD(x, OPERATION)                            \
    vf8 eight = FOLD_TO_8(x, OPERATION);              \
    vf4 four = OPERATION(eight.lo, eight.hi);         \
    vf2 two = OPERATION(four.lo, four.hi);            \
    return OPERATION(two.lo, two.hi);

/// Sum of the lanes, always in the same tree.
INLINE float sum_lanes(vf x) {
#define SUM(a, b) ((a) + (b))
    FOLD(x, SUM)
#undef SUM
}

INLINE float max_lanes(vf x) {
#define LARGER(a, b) ((a) > (b) ? (a) : (b))
    FOLD(x, LARGER)
#undef LARGER
}

INLINE float min_lanes(vf x) { return -max_lanes(-x); }

/// 2^t for t ≤ 0: degree 5 minimax on ±½ (relative error 7.5e-8), times 2^n put together from its bits; below 2^-126
/// it stays there. NaN for NaN: n is taken from a t that is a number, for NaN converted to an integer means nothing.
INLINE vf exp2_(vf t) {
    vf n = __builtin_elementwise_rint(max_(t, splat(-126.0f)));
    vf f = at_least(splat(-126.0f), t) - n;
    vf p = splat(0.0013276470126584172f);
    p = fma_(p, f, splat(0.009675540961325169f));
    p = fma_(p, f, splat(0.05550713464617729f));
    p = fma_(p, f, splat(0.24022120237350464f));
    p = fma_(p, f, splat(0.6931469440460205f));
    p = fma_(p, f, splat(1.0f));
    vi power = (__builtin_convertvector(n, vi) + 127) << 23;
    return p * (vf)power;
}

/// gelu(x) = x/2 · (1 + erf(x/√2)). erf(t) = t·P(t²)/Q(t²), degrees 5/5 fitted on |t| ≤ 3.9 by weighted least squares
/// (Scripts/fit-polynomials; error 1.5e-8), beyond which erf is ±1 to float32's last bit. Below −3.9·√2 the value there
/// (about −2e-7) stands for all: with x itself the last bit of erf would be multiplied by any x. Absolute error below 1.3e-6
/// for x ≤ 8, relative error below 1.2e-7 above. NaN for NaN.
INLINE vf gelu_(vf x) {
    x = at_least(splat(-5.5154328932550705f), x);
    vf t = at_most(splat(3.9f), x * splat(0.70710678118654752f));
    vf s = t * t;
    vf p = splat(2.0503950963757234e-06f);
    p = fma_(p, s, splat(0.0002874518686439842f));
    p = fma_(p, s, splat(0.0038367111701518297f));
    p = fma_(p, s, splat(0.052966415882110596f));
    p = fma_(p, s, splat(0.1919373869895935f));
    p = fma_(p, s, splat(1.128378987312317f));
    vf q = splat(3.82305370294489e-05f);
    q = fma_(q, s, splat(0.001181691070087254f));
    q = fma_(q, s, splat(0.015108879655599594f));
    q = fma_(q, s, splat(0.11475668102502823f));
    q = fma_(q, s, splat(0.5034318566322327f));
    q = fma_(q, s, splat(1.0f));
    vf half = x * splat(0.5f);
    return fma_(half, t * p / q, half);
}

// MARK: - Rows

/// Magnitude as bits: integers order as the magnitudes do, and NaN and infinity are the largest.
INLINE vi magnitude(vf x) { return (vi)x & 0x7fffffff; }

/// Rows whose norms are computed side by side: the sums of a row are one chain each, and its square root and division wait for them.
#define NORM_ROWS 4

/// Layer norm of x + y, or of x where y is NULL, of so many rows, the same bits in every arithmetic and whatever stands beside a row:
/// exact mean, then centred squares. `rows` is a constant.
INLINE void norm_tile(const float *x, size_t x_stride, const float *y, size_t y_stride, const float *weight,
                      const float *bias, float epsilon, size_t columns, float *out, size_t out_stride, const int rows) {
    const size_t whole = columns / WIDTH * WIDTH;
    vf sums[NORM_ROWS], squares[NORM_ROWS];
    float means[NORM_ROWS], deviations[NORM_ROWS];
#pragma unroll
    for (int r = 0; r < rows; r++) sums[r] = splat(0), squares[r] = splat(0);
    for (size_t c = 0; c < whole; c += WIDTH)
#pragma unroll
        for (int r = 0; r < rows; r++) {
            vf v = load(x + r * x_stride + c);
            if (y) v += load(y + r * y_stride + c);
            store(out + r * out_stride + c, v);
            sums[r] += v;
        }
#pragma unroll
    for (int r = 0; r < rows; r++) {
        float rest = 0;
        for (size_t c = whole; c < columns; c++) {
            float v = y ? x[r * x_stride + c] + y[r * y_stride + c] : x[r * x_stride + c];
            out[r * out_stride + c] = v;
            rest += v;
        }
        means[r] = (sum_lanes(sums[r]) + rest) / (float)columns;
    }
    for (size_t c = 0; c < whole; c += WIDTH)
#pragma unroll
        for (int r = 0; r < rows; r++) {
            // What follows, which may be nothing: a prefetch of what is not there does nothing. Through integers, since C has no
            // pointers past the end of an array.
            __builtin_prefetch((const void *)((uintptr_t)x + ((size_t)(r + rows) * x_stride + c) * sizeof(float)), 0, 3);
            __builtin_prefetch((const void *)((uintptr_t)y + ((size_t)(r + rows) * y_stride + c) * sizeof(float)), 0, 3);
            vf v = load(out + r * out_stride + c) - splat(means[r]);
            squares[r] = fma_(v, v, squares[r]);
        }
#pragma unroll
    for (int r = 0; r < rows; r++) {
        float rest = 0;
        for (size_t c = whole; c < columns; c++) {
            float v = out[r * out_stride + c] - means[r];
            rest += v * v;
        }
        float deviation = 1.0f / sqrtf((sum_lanes(squares[r]) + rest) / (float)columns + epsilon);
        // The squares left float32: 1/∞ would make every row the bias.
        deviations[r] = deviation == 0 ? NAN : deviation;
    }
    for (size_t c = 0; c < whole; c += WIDTH) {
        vf w = load(weight + c), b = load(bias + c);
#pragma unroll
        for (int r = 0; r < rows; r++) {
            float *o = out + r * out_stride + c;
            store(o, fma_((load(o) - splat(means[r])) * splat(deviations[r]), w, b));
        }
    }
#pragma unroll
    for (int r = 0; r < rows; r++)
        for (size_t c = whole; c < columns; c++) {
            float *o = out + r * out_stride + c;
            *o = (*o - means[r]) * deviations[r] * weight[c] + bias[c];
        }
}

/// `norm_tile` of up to NORM_ROWS rows.
INLINE void norm_rows(const float *x, size_t x_stride, const float *y, size_t y_stride, const float *weight,
                      const float *bias, float epsilon, size_t columns, float *out, size_t out_stride, size_t rows) {
    if (rows == NORM_ROWS) {
        norm_tile(x, x_stride, y, y_stride, weight, bias, epsilon, columns, out, out_stride, NORM_ROWS);
        return;
    }
    for (size_t r = 0; r < rows; r++)
        norm_tile(x + r * x_stride, x_stride, y ? y + r * y_stride : NULL, y_stride, weight, bias, epsilon, columns,
                  out + r * out_stride, out_stride, 1);
}
