// Integer products and conversions with AVX2, and with AVX-VNNI where HAS_VNNI: what lossy_body.inc.h asks for.

INLINE vi round_i32(vf x) { return (vi)_mm256_cvtps_epi32((__m256)x); }
INLINE vf within_four(vf x) { return at_most(splat(4.0f), at_least(splat(-4.0f), x)); }

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
INLINE vi spread_i8(const uint16_t *p) {
    int32_t two;
    memcpy(&two, p, sizeof two);
    return (vi)_mm256_set1_epi32(two);
}
INLINE vi dot_i8(vi sum, vi codes, vi weights) {
    return sum + (vi)_mm256_madd_epi16((__m256i)codes, (__m256i)weights);
}
#endif

#if HAS_VNNI
INLINE vf max_number(vf x, vf most) { return (vf)_mm256_max_ps((__m256)x, (__m256)most); }
INLINE vf exp2_rough(vf t);
INLINE vf exp2_weight(vf t) { return exp2_rough(t); }

/// The digits of 16 weights of 16 bits: the lower bytes to `low`, the upper ones to `high`. Within them come, for every 4 lanes, those
/// of the first vector and then those of the second.
INLINE void store_digits(uint8_t *low, uint8_t *high, vi first, vi second) {
    __m256i words = _mm256_packus_epi32((__m256i)first, (__m256i)second);
    __m256i bytes = _mm256_packus_epi16(_mm256_and_si256(words, _mm256_set1_epi16(255)), _mm256_srli_epi16(words, 8));
    bytes = _mm256_permute4x64_epi64(bytes, 0 | 2 << 2 | 1 << 4 | 3 << 6);
    _mm_storeu_si128((__m128i *)low, _mm256_castsi256_si128(bytes));
    _mm_storeu_si128((__m128i *)high, _mm256_extracti128_si256(bytes, 1));
}
#endif
