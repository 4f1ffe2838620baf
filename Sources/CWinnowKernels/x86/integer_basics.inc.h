// What the integer products of dense search share: adding up lanes, and asking for rows before they are needed.
//
// The including file sets WIDTH (int32 lanes of a vector), NAME(x) and the target attribute.

#include "../shared/winnow_internal.h"

typedef int8_t codes_i8 __attribute__((ext_vector_type(2 * WIDTH)));
// The same vectors at any address.
typedef int8_t codes_i8u __attribute__((ext_vector_type(2 * WIDTH), aligned(1)));
typedef int16_t codes_i16 __attribute__((ext_vector_type(2 * WIDTH)));
typedef int16_t codes_i16u __attribute__((ext_vector_type(2 * WIDTH), aligned(2)));
typedef int32_t sums_i32 __attribute__((ext_vector_type(WIDTH)));

/// Sum of the lanes of four vectors, modulo 2³², one lane each: adds halves until four lanes are left, then transposes those.
static inline __attribute__((always_inline)) void NAME(sum_lanes_4)(const sums_i32 *sums, int32_t *output) {
    typedef uint32_t quarter __attribute__((ext_vector_type(4)));
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

// How far ahead of its reading a scan asks for memory, unless the including file says otherwise: into the second-level cache across the
// pages at which the hardware stops (0: not), and into the first a few rows before they are multiplied; for four rows at once, or spread
// over their multiplications. Documentation/performance.md, "Dense scan", has what it gains.
#ifndef SCAN_NEAR_AHEAD
#define SCAN_FAR_AHEAD 16384
#define SCAN_NEAR_AHEAD 1536
#define SCAN_SPREADS 0
#endif

/// Asks for the line that lies ahead of `rows` + `offset`. It may lie past the end: a prefetch of an address that is not mapped
/// does nothing.
static inline __attribute__((always_inline)) void NAME(fetch_line)(const int8_t *rows, size_t offset) {
    // Through an integer: C has no pointers past the end of an array.
    uintptr_t address = (uintptr_t)rows + offset;
    __builtin_prefetch((const void *)(address + SCAN_NEAR_AHEAD), 0, 3);
    if (SCAN_FAR_AHEAD) __builtin_prefetch((const void *)(address + SCAN_FAR_AHEAD), 0, 2);
}

/// Asks for what lies ahead of `bytes` at `rows`.
static inline __attribute__((always_inline)) void NAME(fetch_ahead)(const int8_t *rows, size_t bytes) {
    for (size_t offset = 0; offset < bytes; offset += 64) NAME(fetch_line)(rows, offset);
}
