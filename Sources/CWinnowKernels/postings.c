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

void winnow_find_places(const uint16_t *postings, size_t start, size_t end, const uint16_t *wanted, size_t wanted_count,
                        int32_t *found) {
    enum { BESIDE = 4 };
    for (size_t i = 0; i < wanted_count; i += BESIDE) {
        const size_t count = wanted_count - i < BESIDE ? wanted_count - i : BESIDE;
        uint16_t place[BESIDE];
        size_t low[BESIDE];
        for (size_t j = 0; j < BESIDE; j++) {
            place[j] = wanted[i + (j < count ? j : 0)];
            low[j] = start;
        }
        // The last posting that is no more, or the first: halved without a branch that could be foretold wrongly, some side by side,
        // so that none waits for the other's loads.
        size_t length = end - start;
        while (length > 1) {
            const size_t half = length / 2;
            for (size_t j = 0; j < BESIDE; j++) low[j] += half & -(size_t)(postings[low[j] + half] <= place[j]);
            length -= half;
        }
        for (size_t j = 0; j < count; j++)
            found[i + j] = length != 0 && postings[low[j]] == place[j] ? (int32_t)low[j] : -1;
    }
}

/// A value that at least `wanted` of the values reach: the least of those in the equal parts of the way to the largest that hold the
/// `wanted`-th largest and all above. 0 when fewer are above 0.
static float nearly_largest(const float *values, size_t count, size_t wanted) {
    enum { PARTS = 1024 };
    uint16_t filled[PARTS] = {0};
    float most = 0;
    for (size_t i = 0; i < count; i++) most = values[i] > most ? values[i] : most;
    // Sums below the normal numbers have no inverse: they are not told apart.
    const float scale = most > 1e-30f ? (PARTS - 1) / most : 0;
    for (size_t i = 0; i < count; i++) filled[(size_t)(values[i] * scale)]++;
    size_t part = PARTS, above = 0;
    while (part > 0 && above < wanted) above += filled[--part];
    float least = most;
    for (size_t i = 0; i < count; i++)
        least = (size_t)(values[i] * scale) >= part && values[i] < least ? values[i] : least;
    return least;
}

float winnow_reached_by(const float *sums, size_t count, size_t wanted) {
    // As many groups of sums as have one that reaches a value, so many sums reach it at the least.
    enum { MOST_GROUPS = 1024 };
    size_t size = 16;
    while (size > 4 && count / size < 2 * wanted) size /= 2;
    const size_t groups = count / size;
    if (wanted == 0 || groups < wanted || groups > MOST_GROUPS) return 0;
    float largest[MOST_GROUPS];
    memcpy(largest, sums, groups * sizeof *largest);
    for (size_t part = 1; part < size; part++) {
        const float *next = sums + part * groups;
        for (size_t i = 0; i < groups; i++) largest[i] = next[i] > largest[i] ? next[i] : largest[i];
    }
    return nearly_largest(largest, groups, wanted);
}
