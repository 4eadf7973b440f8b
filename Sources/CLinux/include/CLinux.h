// Linux calls and constants that the Swift importer does not offer, because glibc hides them behind _GNU_SOURCE.

#ifndef CLINUX_H
#define CLINUX_H

#include <stdint.h>

/// fallocate(2): 0, or -1 with errno set.
int linux_fallocate(int descriptor, int mode, int64_t offset, int64_t length);

extern const int linux_O_DIRECT;
extern const int linux_SEEK_DATA;
extern const int linux_SEEK_HOLE;
extern const int linux_FALLOC_KEEP_SIZE;
extern const int linux_FALLOC_PUNCH_HOLE;
extern const int linux_FALLOC_COLLAPSE_RANGE;
extern const int linux_FALLOC_ZERO_RANGE;
extern const int linux_FALLOC_INSERT_RANGE;
extern const int linux_FALLOC_UNSHARE_RANGE;

#endif
