// Which variant runs: decided once, high up, by name; it can be listed, forced and reported.

#if defined(__x86_64__)
#include <cpuid.h>
#endif
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/winnow_internal.h"

enum { MAX_VARIANTS = 6 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static const winnow_kernels *available[MAX_VARIANTS + 1];
static const winnow_kernels *active;
#if defined(__x86_64__)
static winnow_kernels avxvnni_kernels, avx512vnni_kernels, avx512bf16_kernels;
#endif
static const char *refused_request;
static char features[160];

static void add_feature(const char *name, bool present) {
    size_t used = strlen(features);
    if (present) snprintf(features + used, sizeof features - used, "%s%s", used ? " " : "", name);
}

#if defined(__x86_64__)
/// AVX-VNNI, leaf 7.1, EAX bit 4: the compiler's own check does not know it in every version.
static bool winnow_has_avxvnni(void) {
    unsigned a, b, c, d;
    return __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a & 1u << 4);
}
#endif

static void decide(void) {
    size_t count = 0;
#if defined(__x86_64__)
    __builtin_cpu_init();
    bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                  __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
    add_feature("avx2", __builtin_cpu_supports("avx2"));
    add_feature("fma", __builtin_cpu_supports("fma"));
    add_feature("avx512f", __builtin_cpu_supports("avx512f"));
    add_feature("avx512vnni", __builtin_cpu_supports("avx512vnni"));
    add_feature("avx512bf16", __builtin_cpu_supports("avx512bf16"));
    bool vnni = avx512 && __builtin_cpu_supports("avx512vnni");
    bool bf16 = vnni && __builtin_cpu_supports("avx512bf16");
    bool avxvnni = avx2 && winnow_has_avxvnni();
    add_feature("avxvnni", avxvnni);
    if (bf16) winnow_fill_avx512bf16(&avx512bf16_kernels);
    if (vnni) winnow_fill_avx512vnni(&avx512vnni_kernels);
    // On Intel's processors vdpbf16ps does half the multiplications a second of float32's instruction (84 against 172 GFLOP/s a
    // core, family 6 model 207): there float32 is the better way to multiply bfloat16.
    bool slow = __builtin_cpu_is("intel");
    if (bf16 && !slow) available[count++] = &avx512bf16_kernels;
    if (vnni) available[count++] = &avx512vnni_kernels;
    if (bf16 && slow) available[count++] = &avx512bf16_kernels;
    if (avx512) available[count++] = &winnow_kernels_avx512;
    if (avxvnni) {
        winnow_fill_avxvnni(&avxvnni_kernels);
        available[count++] = &avxvnni_kernels;
    }
    if (avx2) available[count++] = &winnow_kernels_avx2;
#elif defined(__aarch64__)
    add_feature("neon", true);
#endif
    available[count++] = &winnow_kernels_scalar;
    active = available[0];

    const char *request = getenv("WINNOW_KERNELS");
    if (request && *request) {
        refused_request = request;
        for (size_t i = 0; i < count; i++)
            if (strcmp(request, available[i]->name) == 0) {
                active = available[i];
                refused_request = NULL;
            }
    }
}

const winnow_kernels *winnow_kernels_active(void) {
    pthread_once(&once, decide);
    return active;
}

const winnow_kernels *winnow_kernels_available(size_t index) {
    pthread_once(&once, decide);
    return index <= MAX_VARIANTS ? available[index] : NULL;
}

const char *winnow_kernels_refused_request(void) {
    pthread_once(&once, decide);
    return refused_request;
}

const char *winnow_processor_features(void) {
    pthread_once(&once, decide);
    return features;
}
