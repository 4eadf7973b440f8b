// The only file that is compiled with _GNU_SOURCE: in a header it would change the types that Glibc's module has.
#define _GNU_SOURCE
#include "CProbe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/io_uring.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int probe_fallocate(int descriptor, int mode, int64_t offset, int64_t length) {
  return fallocate(descriptor, mode, offset, length);
}

// cachestat(2), which older headers do not declare.
int64_t probe_dirty(int descriptor) {
  struct { uint64_t offset, length; } range = {0, 0};
  struct { uint64_t cached, dirty, writeback, evicted, recently_evicted; } state = {0};
  if (syscall(451, descriptor, &range, &state, 0) < 0) return -1;
  return (int64_t)((state.dirty + state.writeback) * (uint64_t)sysconf(_SC_PAGESIZE));
}

int probe_attributes(const char *path) {
  struct statx attributes;
  return statx(AT_FDCWD, path, AT_STATX_FORCE_SYNC, STATX_BASIC_STATS, &attributes);
}

int probe_io_uring(void) {
  struct io_uring_params parameters = {0};
  long ring = syscall(SYS_io_uring_setup, 1, &parameters);
  if (ring < 0) return errno;
  close((int)ring);
  return 0;
}

const int probe_O_DIRECT = O_DIRECT;
const int probe_SEEK_DATA = SEEK_DATA;
const int probe_SEEK_HOLE = SEEK_HOLE;
const int probe_FALLOC_KEEP_SIZE = FALLOC_FL_KEEP_SIZE;
const int probe_FALLOC_PUNCH_HOLE = FALLOC_FL_PUNCH_HOLE;
const int probe_FALLOC_COLLAPSE_RANGE = FALLOC_FL_COLLAPSE_RANGE;
const int probe_FALLOC_ZERO_RANGE = FALLOC_FL_ZERO_RANGE;
const int probe_FALLOC_INSERT_RANGE = FALLOC_FL_INSERT_RANGE;
const int probe_FALLOC_UNSHARE_RANGE = FALLOC_FL_UNSHARE_RANGE;
