// Integer inner products of dense search with VNNI, which sums products of four bytes an instruction: half the work of
// widening the codes to 16 bits. Written once, for vectors of 16 and of 8 lanes.
//
// The including file sets WIDTH, NAME(x), the target attribute and DOT_BYTES(sum, u, s) (vpdpbusd: `sum` plus the products of
// the unsigned bytes of `u` with the signed ones of `s`, no saturation).
//
// A query's value w is two digits, w = 256 · high + low with high = ⌊w / 256⌋ in −128…127 and low in 0…255. So
//
//     Σ c·w = 256 · Σ c·high + Σ c·low
//
// The low digits are the unsigned operand and the codes c the signed one. The high digits are signed as the codes are; there
// the codes with their sign bit flipped, c + 128, are the unsigned operand, and 128 · Σ high is taken off at the end.
//
// A lane adds at most 255 · 128 for each of its codes, so both sums are exact in int32 for as many codes as `digits` holds. What
// puts them together may wrap, as it is done modulo 2³²: the result, which the caller promised to fit an int32, does not care.

#include "integer_basics.inc.h"

/// Codes whose digits are split at a time: 8 KB of stack.
enum { NAME(most_digits) = 4096 };

typedef struct {
    uint8_t low[NAME(most_digits)];
    int8_t high[NAME(most_digits)];
    uint32_t start;  // −256 · 128 · Σ high
} NAME(digits);

static inline void NAME(split)(const int16_t *query, size_t count, NAME(digits) *digits) {
    int32_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        digits->low[i] = (uint8_t)query[i];
        digits->high[i] = (int8_t)(query[i] >> 8);
        sum += digits->high[i];
    }
    digits->start = (uint32_t)sum * (uint32_t)-32768;
}

/// totals[j] = Σ row j · query, for the first `height` of four rows; `count` is a multiple of 4 · WIDTH. With `spread` each load
/// of codes asks for as much of what lies ahead, in the order of addresses, although the rows are read abreast.
static inline __attribute__((always_inline)) void NAME(dot_tile)(const int8_t *rows, size_t stride, int height,
                                                                const NAME(digits) *query, size_t count,
                                                                uint32_t *totals, bool spread) {
    typedef int8_t bytes __attribute__((ext_vector_type(4 * WIDTH)));
    typedef int8_t bytes_u __attribute__((ext_vector_type(4 * WIDTH), aligned(1)));
    typedef uint32_t lanes __attribute__((ext_vector_type(WIDTH)));
    sums_i32 high[4] = {0, 0, 0, 0}, low[4] = {0, 0, 0, 0};
    for (size_t i = 0; i < count; i += 4 * WIDTH) {
        bytes query_low = (bytes) * (const bytes_u *)(query->low + i);
        bytes query_high = (bytes) * (const bytes_u *)(query->high + i);
#pragma unroll
        for (int j = 0; j < height; j++) {
            size_t asked = i * (size_t)height + (size_t)j * sizeof(bytes);
            if (spread && asked % 64 == 0) NAME(fetch_line)(rows, asked);
            bytes codes = (bytes) * (const bytes_u *)(rows + (size_t)j * stride + i);
            low[j] = DOT_BYTES(low[j], query_low, codes);
            high[j] = DOT_BYTES(high[j], codes ^ (int8_t)-128, query_high);
        }
    }
    sums_i32 sums[4];
#pragma unroll
    for (int j = 0; j < 4; j++) sums[j] = (sums_i32)(((lanes)high[j] << 8) + (lanes)low[j]);
    int32_t signed_totals[4];
    NAME(sum_lanes_4)(sums, signed_totals);
    for (int j = 0; j < height; j++) totals[j] = (uint32_t)signed_totals[j] + query->start;
}

static void NAME(dot_rows_i8i16)(const int8_t *rows, size_t stride, size_t row_count, const int16_t *query,
                                 size_t count, int32_t *output) {
    size_t whole = count / (4 * WIDTH) * (4 * WIDTH), first = 0;
    NAME(digits) digits;
    do {  // once, unless a row is longer than `most_digits`
        size_t part = whole - first < NAME(most_digits) ? whole - first : NAME(most_digits);
        NAME(split)(query + first, part, &digits);
        uint32_t totals[4];
        for (size_t r = 0, height; r < row_count; r += height) {
            const int8_t *tile = rows + r * stride + first;
            height = row_count - r < 4 ? 1 : 4;
            if (height == 4) {
                // Four rows share each load of the query: faster than one by one, in the cache and from memory.
                bool spread = SCAN_SPREADS && first == 0 && part == stride;
                if (first == 0 && !spread) NAME(fetch_ahead)(tile, 4 * stride);
                if (spread)
                    NAME(dot_tile)(tile, stride, 4, &digits, part, totals, true);
                else
                    NAME(dot_tile)(tile, stride, 4, &digits, part, totals, false);
            } else {
                NAME(dot_tile)(tile, stride, 1, &digits, part, totals, false);
            }
            for (size_t j = 0; j < height; j++)
                output[r + j] = (int32_t)((first == 0 ? 0 : (uint32_t)output[r + j]) + totals[j]);
        }
        first += part;
    } while (first < whole);
    for (size_t r = 0; r < row_count; r++)
        for (size_t i = whole; i < count; i++) output[r] += rows[r * stride + i] * query[i];
}
