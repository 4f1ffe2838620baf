// Postings: packed integers, and sums over the rows that they name.

#include "winnow_kernels.h"

#include <stddef.h>
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
    for (size_t i = 0; i < wanted_count; i++) {
        // Halved without a branch that could be foretold wrongly: the last posting that is no more, or the first.
        const uint16_t place = wanted[i];
        const uint16_t *low = postings + start;
        size_t length = end - start;
        while (length > 1) {
            size_t half = length / 2;
            low = low[half] <= place ? low + half : low;
            length -= half;
        }
        found[i] = length != 0 && *low == place ? (int32_t)(low - postings) : -1;
        start = (size_t)(low - postings);
    }
}

/// Moves the `rank`-th largest of the values, from 1, to its place and returns it: Hoare's selection.
static float select_largest(float *values, size_t count, size_t rank) {
    ptrdiff_t low = 0, high = (ptrdiff_t)count - 1, target = (ptrdiff_t)rank - 1;
    while (low < high) {
        float pivot = values[low + (high - low) / 2];
        ptrdiff_t left = low, right = high;
        while (left <= right) {
            while (values[left] > pivot) left++;
            while (values[right] < pivot) right--;
            if (left > right) break;
            float value = values[left];
            values[left++] = values[right];
            values[right--] = value;
        }
        if (target <= right)
            high = right;
        else if (target >= left)
            low = left;
        else
            break;
    }
    return values[target];
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
    return select_largest(largest, groups, wanted);
}
