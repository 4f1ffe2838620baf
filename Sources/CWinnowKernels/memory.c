// Pages.

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include "winnow_kernels.h"

void winnow_use_large_pages(void *memory, size_t bytes) {
#if defined(__linux__)
    // Advice: a kernel without such pages refuses it, and nothing is lost.
    (void)madvise(memory, bytes, MADV_HUGEPAGE);
#else
    (void)memory, (void)bytes;
#endif
}
