#define _GNU_SOURCE
#include "read_loop.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

void *read_loop_memory(size_t bytes) {
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
    if (memory == MAP_FAILED) return NULL;
#ifdef MADV_HUGEPAGE
    madvise(memory, bytes, MADV_HUGEPAGE);
#endif
    memset(memory, 0x5a, bytes);
    return memory;
}

typedef uint64_t words __attribute__((ext_vector_type(8)));

static inline __attribute__((always_inline)) uint64_t read_words(const char *memory, size_t bytes) {
    words sums[8] = {0};
    for (size_t i = 0; i + sizeof sums <= bytes; i += sizeof sums)
#pragma unroll
        for (size_t j = 0; j < 8; j++) sums[j] ^= *(const words *)(memory + i + j * sizeof(words));
    for (int j = 1; j < 8; j++) sums[0] ^= sums[j];
    uint64_t sum = 0;
    for (int lane = 0; lane < 8; lane++) sum ^= sums[0][lane];
    return sum;
}

#if defined(__x86_64__)
__attribute__((target("avx512f"))) static uint64_t read_words_avx512(const char *memory, size_t bytes) {
    return read_words(memory, bytes);
}
__attribute__((target("avx2"))) static uint64_t read_words_avx2(const char *memory, size_t bytes) {
    return read_words(memory, bytes);
}
#endif

static uint64_t read_widest(const char *memory, size_t bytes) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) return read_words_avx512(memory, bytes);
    if (__builtin_cpu_supports("avx2")) return read_words_avx2(memory, bytes);
#endif
    return read_words(memory, bytes);
}

enum { PART = 4 << 20, MOST_THREADS = 256 };

typedef struct {
    const char *memory;
    size_t bytes;
    atomic_size_t next;
    _Atomic uint64_t sum;
} work;

static void *take_parts(void *argument) {
    work *shared = argument;
    uint64_t sum = 0;
    for (;;) {
        size_t start = atomic_fetch_add(&shared->next, PART);
        if (start >= shared->bytes) break;
        size_t left = shared->bytes - start;
        sum ^= read_widest(shared->memory + start, left < PART ? left : PART);
    }
    atomic_fetch_xor(&shared->sum, sum);
    return NULL;
}

uint64_t read_loop(const void *memory, size_t bytes, unsigned threads) {
    work shared = {.memory = memory, .bytes = bytes};
    pthread_t others[MOST_THREADS];
    unsigned started = 0;
    while (started + 1 < threads && started < MOST_THREADS
           && pthread_create(&others[started], NULL, take_parts, &shared) == 0)
        started++;
    take_parts(&shared);
    while (started > 0) pthread_join(others[--started], NULL);
    return atomic_load(&shared.sum);
}
