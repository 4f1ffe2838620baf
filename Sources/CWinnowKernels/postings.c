// Postings: packed integers, and sums over the rows that they name.

#include "winnow_kernels.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF

void winnow_unpack_bits(const uint8_t *bytes, unsigned width, size_t count, uint32_t *values) {
    uint64_t mask = ((uint64_t)1 << width) - 1;
    for (size_t i = 0; i < count; i++) {
        size_t bit = i * width;
        uint64_t word;
        memcpy(&word, bytes + bit / 8, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        word = __builtin_bswap64(word);
#endif
        values[i] = (uint32_t)(word >> bit % 8 & mask);
    }
}

void winnow_pack_bits(const uint32_t *values, unsigned width, size_t count, uint8_t *bytes) {
    memset(bytes, 0, winnow_packed_bits_count(count, width));
    for (size_t i = 0; i < count; i++) {
        uint64_t value = values[i];
        size_t bit = i * width;
        for (unsigned written = 0; written < width;) {
            unsigned shift = (bit + written) % 8, fits = 8 - shift;
            bytes[(bit + written) / 8] |= (uint8_t)(value >> written << shift);
            written += fits;
        }
    }
}

void winnow_add_scaled_at(float *sums, const uint16_t *places, const uint16_t *values, size_t count, float weight) {
    for (size_t i = 0; i < count; i++) sums[places[i]] += weight * (float)values[i];
}

float winnow_reached_by(const float *sums, size_t count, size_t wanted) {
    // The order of floats that are not negative is that of their bits.
    enum { SHIFT = 18, BUCKETS = 1 << (31 - SHIFT) };
    uint16_t filled[BUCKETS] = {0};
    size_t top = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, sums + i, sizeof bits);
        size_t bucket = bits >> SHIFT & (BUCKETS - 1);
        filled[bucket]++;
        top = bucket > top ? bucket : top;
    }
    size_t above = 0;
    for (size_t bucket = top; bucket > 0; bucket--) {
        above += filled[bucket];
        if (above < wanted) continue;
        uint32_t bits = (uint32_t)bucket << SHIFT;
        float value;
        memcpy(&value, &bits, sizeof value);
        return value;
    }
    return 0;
}
