// Integer inner products of dense search, written once and compiled for each x86 instruction set.
//
// The including file sets WIDTH (int32 lanes of a vector), NAME(x), the target attribute and MADD (vpmaddwd: products of
// int16 pairs, added to int32). A step is 2 · WIDTH elements: int8 widened to int16, then MADD. Integer sums that cannot
// overflow have one value in every order, so variants agree to the bit without a fixed order.

#include <math.h>

#include "integer_basics.inc.h"

// Explicit operations only: contraction would give other bounds than the scalar variant's.
#pragma STDC FP_CONTRACT OFF

static int32_t NAME(dot_i8i16)(const int8_t *row, const int16_t *query, size_t count) {
    sums_i32 sum = 0;
    size_t i = 0;
    for (; i + 2 * WIDTH <= count; i += 2 * WIDTH)
        sum += MADD(__builtin_convertvector((codes_i8) * (const codes_i8u *)(row + i), codes_i16),
                    (codes_i16) * (const codes_i16u *)(query + i));
    int32_t total = 0;
    for (int lane = 0; lane < WIDTH; lane++) total += sum[lane];
    for (; i < count; i++) total += row[i] * query[i];
    return total;
}

static void NAME(dot_rows_i8i16)(const int8_t *rows, size_t stride, size_t row_count, const int16_t *query,
                                 size_t count, int32_t *output) {
    size_t r = 0, whole = count / (2 * WIDTH) * (2 * WIDTH);
    // Four rows share the adding up of lanes. They are read one after the other: abreast, sharing each load of the query,
    // is a fifth faster out of the cache, but from memory, where a scan reads, a single stream is the faster one.
    for (; r + 4 <= row_count; r += 4, rows += 4 * stride) {
        NAME(fetch_ahead)(rows, 4 * stride);
        sums_i32 sums[4] = {0, 0, 0, 0};
#pragma unroll
        for (int j = 0; j < 4; j++)
            for (size_t i = 0; i < whole; i += 2 * WIDTH) {
                codes_i8 codes = *(const codes_i8u *)(rows + j * stride + i);
                sums[j] += MADD(__builtin_convertvector(codes, codes_i16), (codes_i16) * (const codes_i16u *)(query + i));
            }
        NAME(sum_lanes_4)(sums, output + r);
        for (size_t i = whole; i < count; i++)
            for (int j = 0; j < 4; j++) output[r + j] += rows[j * stride + i] * query[i];
    }
    for (; r < row_count; r++, rows += stride) output[r] = NAME(dot_i8i16)(rows, query, count);
}

static double NAME(upper_bounds_f64)(const float *scales, const float *errors, const int32_t *products, size_t row_count,
                                     double step, double factor, double offset, double *bounds) {
    enum { LANES = WIDTH / 2 };
    typedef double lanes_f64 __attribute__((ext_vector_type(LANES)));
    typedef double lanes_f64u __attribute__((ext_vector_type(LANES), aligned(8)));
    typedef float lanes_f32u __attribute__((ext_vector_type(LANES), aligned(4)));
    typedef int32_t lanes_i32u __attribute__((ext_vector_type(LANES), aligned(4)));
    lanes_f64 most = -INFINITY;
    size_t r = 0;
    for (; r + LANES <= row_count; r += LANES) {
        lanes_f64 scale = __builtin_convertvector(*(const lanes_f32u *)(scales + r), lanes_f64);
        lanes_f64 error = __builtin_convertvector(*(const lanes_f32u *)(errors + r), lanes_f64);
        lanes_f64 product = __builtin_convertvector(*(const lanes_i32u *)(products + r), lanes_f64);
        lanes_f64 bound = scale * step * product + error * factor + offset;
        *(lanes_f64u *)(bounds + r) = bound;
        most = bound > most ? bound : most;
    }
    double highest = -INFINITY;
    for (int lane = 0; lane < LANES; lane++)
        if (most[lane] > highest) highest = most[lane];
    for (; r < row_count; r++) {
        bounds[r] = (double)scales[r] * step * (double)products[r] + (double)errors[r] * factor + offset;
        if (bounds[r] > highest) highest = bounds[r];
    }
    return highest;
}
