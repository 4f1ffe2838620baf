// CRC-32C (Castagnoli) by the processor's own instruction.

#include "winnow_kernels.h"

#include <string.h>

#if defined(__x86_64__)

#include <nmmintrin.h>

bool winnow_has_crc32c(void) { return __builtin_cpu_supports("sse4.2"); }

__attribute__((target("sse4.2"))) uint32_t winnow_crc32c(uint32_t state, const void *bytes, size_t count) {
    const uint8_t *p = bytes;
    uint64_t wide = state;
    for (; count >= 8; count -= 8, p += 8) {
        uint64_t word;
        memcpy(&word, p, sizeof word);
        wide = _mm_crc32_u64(wide, word);
    }
    state = (uint32_t)wide;
    for (; count > 0; count--, p++) state = _mm_crc32_u8(state, *p);
    return state;
}

#else

bool winnow_has_crc32c(void) { return false; }

uint32_t winnow_crc32c(uint32_t state, const void *bytes, size_t count) {
    (void)bytes, (void)count;
    return state;
}

#endif
