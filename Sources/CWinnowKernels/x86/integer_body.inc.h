// Integer inner products of dense search, written once and compiled for each x86 instruction set.
//
// The including file sets WIDTH (int32 lanes of a vector), NAME(x), the target attribute and MADD (vpmaddwd: products of
// int16 pairs, added to int32). A step is 2 · WIDTH elements: int8 widened to int16, then MADD. Integer sums that cannot
// overflow have one value in every order, so variants agree to the bit without a fixed order.

#include "../shared/winnow_internal.h"

typedef int8_t codes_i8 __attribute__((ext_vector_type(2 * WIDTH)));
// The same vectors at any address.
typedef int8_t codes_i8u __attribute__((ext_vector_type(2 * WIDTH), aligned(1)));
typedef int16_t codes_i16 __attribute__((ext_vector_type(2 * WIDTH)));
typedef int16_t codes_i16u __attribute__((ext_vector_type(2 * WIDTH), aligned(2)));
typedef int32_t sums_i32 __attribute__((ext_vector_type(WIDTH)));

/// Sum of the lanes of four vectors, one lane each: adds halves until four lanes are left, then transposes those.
static inline __attribute__((always_inline)) void NAME(sum_lanes_4)(const sums_i32 *sums, int32_t *output) {
    typedef int32_t quarter __attribute__((ext_vector_type(4)));
    quarter part[4];
#pragma unroll
    for (int r = 0; r < 4; r++) {
        quarter lanes[WIDTH / 4];
        memcpy(lanes, &sums[r], sizeof lanes);
        part[r] = lanes[0];
#pragma unroll
        for (int i = 1; i < WIDTH / 4; i++) part[r] += lanes[i];
    }
    quarter low = __builtin_shufflevector(part[0], part[1], 0, 4, 1, 5);
    low += __builtin_shufflevector(part[0], part[1], 2, 6, 3, 7);
    quarter high = __builtin_shufflevector(part[2], part[3], 0, 4, 1, 5);
    high += __builtin_shufflevector(part[2], part[3], 2, 6, 3, 7);
    quarter total = __builtin_shufflevector(low, high, 0, 1, 4, 5) + __builtin_shufflevector(low, high, 2, 3, 6, 7);
    memcpy(output, &total, sizeof total);
}

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
