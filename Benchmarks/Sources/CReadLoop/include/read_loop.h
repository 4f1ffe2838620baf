// A loop that only reads: what memory gives at best, to hold a scan against.

#ifndef READ_LOOP_H
#define READ_LOOP_H

#include <stddef.h>
#include <stdint.h>

/// Memory of its own, on huge pages where the system has them, every page written; NULL when there is none. Never given back.
void *read_loop_memory(size_t bytes);

/// Exclusive or of all words, with the widest loads of the processor, eight of them at a time; what is no multiple of 512 bytes
/// is left out.
uint64_t read_loop_words(const void *memory, size_t bytes);

#endif
