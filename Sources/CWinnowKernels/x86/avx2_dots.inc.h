// Integer products and conversions with AVX2, and with AVX-VNNI where HAS_VNNI: what lossy_body.inc.h asks for.

INLINE vi round_i32(vf x) { return (vi)_mm256_cvtps_epi32((__m256)x); }

/// Nobody asks for bfloat16 where there is no arithmetic for it.
INLINE void store_bf16(uint16_t *p, vf low, vf high) { (void)p, (void)low, (void)high; }

#if HAS_VNNI
#define I8_GROUP 4
INLINE vi weights_i8(const int8_t *p) { return (vi)_mm256_loadu_si256((const __m256i *)p); }
INLINE vi spread_i8(const uint8_t *p) {
    int32_t four;
    memcpy(&four, p, sizeof four);
    return (vi)_mm256_set1_epi32(four);
}
INLINE vi dot_i8(vi sum, vi codes, vi weights) {
    return (vi)_mm256_dpbusd_avx_epi32((__m256i)sum, (__m256i)codes, (__m256i)weights);
}
#else
#define I8_GROUP 2
INLINE vi weights_i8(const int8_t *p) { return (vi)_mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)p)); }
INLINE vi spread_i8(const uint8_t *p) {
    int32_t two = (int32_t)p[0] | (int32_t)p[1] << 16;
    return (vi)_mm256_set1_epi32(two);
}
INLINE vi dot_i8(vi sum, vi codes, vi weights) {
    return sum + (vi)_mm256_madd_epi16((__m256i)codes, (__m256i)weights);
}
#endif
