// A loop that only reads: what memory gives at best, to hold a scan against.

#ifndef READ_LOOP_H
#define READ_LOOP_H

#include <stddef.h>
#include <stdint.h>

/// Memory of its own, on huge pages where the system has them, every page written; NULL when there is none. Never given back.
void *read_loop_memory(size_t bytes);

/// Reads `bytes` bytes (what is no multiple of 512 is left out) with the widest loads of the processor, eight of them at a time, on
/// this thread and `threads` - 1 more that it starts; each takes the next 4 MB when it is done. Returns the exclusive or of all words,
/// so that no compiler leaves the reading out.
uint64_t read_loop(const void *memory, size_t bytes, unsigned threads);

#endif
