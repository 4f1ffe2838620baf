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

/// Sum of the lanes, always in the same tree.
INLINE float sum_lanes(vf x) {
    float lanes[WIDTH];
    memcpy(lanes, &x, sizeof lanes);
    for (int half = WIDTH / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++) lanes[i] += lanes[i + half];
    return lanes[0];
}

INLINE float max_lanes(vf x) {
    float lanes[WIDTH];
    memcpy(lanes, &x, sizeof lanes);
    for (int half = WIDTH / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++) lanes[i] = lanes[i] > lanes[i + half] ? lanes[i] : lanes[i + half];
    return lanes[0];
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

/// Layer norm of x + y, or of x where y is NULL, the same bits in every arithmetic: exact mean, then centred squares.
INLINE void norm_row(const float *x, const float *y, const float *weight, const float *bias, float epsilon,
                   size_t columns, float *out) {
    size_t whole = columns / WIDTH * WIDTH;
    vf sum = splat(0);
    float rest = 0;
    for (size_t c = 0; c < whole; c += WIDTH) {
        vf v = y ? load(x + c) + load(y + c) : load(x + c);
        store(out + c, v);
        sum += v;
    }
    for (size_t c = whole; c < columns; c++) {
        out[c] = y ? x[c] + y[c] : x[c];
        rest += out[c];
    }
    float mean = (sum_lanes(sum) + rest) / (float)columns;
    vf squares = splat(0);
    rest = 0;
    for (size_t c = 0; c < whole; c += WIDTH) {
        vf v = load(out + c) - splat(mean);
        squares = fma_(v, v, squares);
    }
    for (size_t c = whole; c < columns; c++) rest += (out[c] - mean) * (out[c] - mean);
    float deviation = 1.0f / sqrtf((sum_lanes(squares) + rest) / (float)columns + epsilon);
    // The squares left float32: 1/∞ would make every row the bias.
    if (deviation == 0) deviation = NAN;
    for (size_t c = 0; c < whole; c += WIDTH)
        store(out + c, fma_((load(out + c) - splat(mean)) * splat(deviation), load(weight + c), load(bias + c)));
    for (size_t c = whole; c < columns; c++) out[c] = (out[c] - mean) * deviation * weight[c] + bias[c];
}
