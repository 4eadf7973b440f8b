// What the probe language needs of the kernel and the Swift importer does not offer (it hides behind _GNU_SOURCE).

#ifndef CPROBE_H
#define CPROBE_H

#include <stdint.h>

/// fallocate(2): 0, or -1 with errno set.
int probe_fallocate(int descriptor, int mode, int64_t offset, int64_t length);

/// Bytes of an open file that are in the page cache and not on storage yet, or -1 with errno set (Linux 6.5 and later).
int64_t probe_dirty(int descriptor);

/// statx(2) of `path` that asks the file system even where the kernel remembers: 0, or -1 with errno set.
int probe_attributes(const char *path);

/// Makes the file `image` a block device past the page cache: the device's open descriptor, or -1 with errno set. The
/// number of /dev/loopN goes to `number`. The kernel takes the device apart when the last descriptor of it is closed,
/// that of a process that was killed too (LO_FLAGS_AUTOCLEAR). errno is EOPNOTSUPP where the file cannot be read past
/// the page cache.
int probe_loop_attach(const char *image, int *number);

/// A folder of tracefs that nobody else sees, or the one that is mounted: its descriptor, or -1 with errno set.
int probe_tracefs(void);

/// Counts how often the tracepoint with the id `event` is passed on `cpu` by what `filter` means (all if empty), by
/// perf_event_open(2): a descriptor whose 8 bytes are the number so far, or -1 with errno set.
int probe_counter(uint64_t event, int cpu, const char *filter);

/// Makes an io_uring and lets it go again: 0, or the errno of io_uring_setup(2).
int probe_io_uring(void);

extern const int probe_O_DIRECT;
extern const int probe_SEEK_DATA;
extern const int probe_SEEK_HOLE;
extern const int probe_FALLOC_KEEP_SIZE;
extern const int probe_FALLOC_PUNCH_HOLE;
extern const int probe_FALLOC_COLLAPSE_RANGE;
extern const int probe_FALLOC_ZERO_RANGE;
extern const int probe_FALLOC_INSERT_RANGE;
extern const int probe_FALLOC_UNSHARE_RANGE;

#endif
