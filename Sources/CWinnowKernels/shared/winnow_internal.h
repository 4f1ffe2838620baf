// Shared by the variants and the dispatcher; not part of the public header.

#ifndef WINNOW_INTERNAL_H
#define WINNOW_INTERNAL_H

#include <string.h>

#include "winnow_kernels.h"

extern const winnow_kernels winnow_kernels_scalar;
#if defined(__x86_64__)
extern const winnow_kernels winnow_kernels_avx2;
extern const winnow_kernels winnow_kernels_avx512;
/// Variants that add to another one's table.
void winnow_fill_avxvnni(winnow_kernels *table);
void winnow_fill_avx512vnni(winnow_kernels *table);
void winnow_fill_avx512bf16(winnow_kernels *table);
#endif

static inline size_t winnow_round_up(size_t value, size_t multiple) {
    return (value + multiple - 1) / multiple * multiple;
}

/// Rounded to nearest even, denormals to zero, as the instructions have it; NaN stays NaN.
static inline uint16_t winnow_bf16(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    uint32_t magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) return (uint16_t)(bits >> 16 | 0x40);
    if (magnitude < 0x00800000) return (uint16_t)(bits >> 16 & 0x8000);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}
static inline float winnow_from_bf16(uint16_t half) {
    uint32_t bits = (uint32_t)half << 16;
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/// Attention scratch, in floats: key panels [ceil(keys/32)][head][32], value panels [ceil(head/32)][keys][32], and a block
/// of score rows. The row stride is an odd number of cache lines, so that rows do not share L1 sets.
enum { WINNOW_SCORE_ROWS = 12 };

static inline size_t winnow_score_stride(size_t keys) {
    size_t padded = winnow_round_up(keys, WINNOW_PANEL_COLUMNS);
    return padded / 16 % 2 == 0 ? padded + 16 : padded;
}
/// Bytes from row to row of weights in digits: an odd number of cache lines.
static inline size_t winnow_digit_stride(size_t keys) {
    size_t padded = winnow_round_up(keys, 64);
    return padded / 64 % 2 == 0 ? padded + 64 : padded;
}
static inline size_t winnow_key_panels_count(size_t keys, size_t head) {
    return winnow_round_up(keys, WINNOW_PANEL_COLUMNS) * head;
}
static inline size_t winnow_value_panels_count(size_t keys, size_t head) {
    return keys * winnow_round_up(head, WINNOW_PANEL_COLUMNS);
}

/// What a tile fetches into the second-level cache while it computes: two cache lines every four steps, so that the first four
/// tiles of a panel (a step of every arithmetic takes 128 bytes of it) bring the next panel.
struct winnow_ahead {
    const char *line;
    size_t step;
};

/// - Parameters:
///   - next: the panel of `bytes` bytes that comes next.
///   - tile: the place of the tile in this panel.
static inline struct winnow_ahead winnow_look_ahead(const void *next, size_t tile, size_t bytes) {
    struct winnow_ahead ahead = {(const char *)next, 0};
    if (tile < 4) ahead.line += tile * (bytes / 4), ahead.step = 128;
    return ahead;
}

/// For a tile after which nothing is known to come: fetches what is there, `near`, which costs next to nothing.
static inline struct winnow_ahead winnow_no_look_ahead(const void *near) {
    return (struct winnow_ahead){(const char *)near, 0};
}

static inline __attribute__((always_inline)) void winnow_fetch(struct winnow_ahead *ahead) {
    __builtin_prefetch(ahead->line, 0, 2);
    __builtin_prefetch(ahead->line + 64, 0, 2);
    ahead->line += ahead->step;
}

/// Rows of a tile when `rows` are cut into the fewest tiles of at most `most`, as evenly as they go: no short last tile.
static inline size_t winnow_tile_rows(size_t rows, size_t most) {
    size_t tiles = (rows + most - 1) / most;
    return (rows + tiles - 1) / tiles;
}

#endif
