// The only file that is compiled with _GNU_SOURCE: in a header it would change the types that Glibc's module has.
#define _GNU_SOURCE
#include "CProbe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/io_uring.h>
#include <linux/loop.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
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

static int attach(int file, int number) {
  char path[32];
  snprintf(path, sizeof path, "/dev/loop%d", number);
  int device = open(path, O_RDWR | O_CLOEXEC);
  if (device < 0) return -1;
  struct loop_config config;
  memset(&config, 0, sizeof config);
  config.fd = (uint32_t)file;
  config.info.lo_flags = LO_FLAGS_AUTOCLEAR | LO_FLAGS_DIRECT_IO;
  if (ioctl(device, LOOP_CONFIGURE, &config) < 0) {
    int error = errno;
    close(device);
    errno = error;
    return -1;
  }
  // What the kernel cannot do past the page cache it does through it, without a word.
  struct loop_info64 info;
  if (ioctl(device, LOOP_GET_STATUS64, &info) < 0 || !(info.lo_flags & LO_FLAGS_DIRECT_IO)) {
    close(device);
    errno = EOPNOTSUPP;
    return -1;
  }
  return device;
}

int probe_loop_attach(const char *image, int *number) {
  int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
  if (control < 0) return -1;
  int device = -1, error = 0;
  int file = open(image, O_RDWR | O_DIRECT | O_CLOEXEC);
  if (file < 0) error = errno;
  // Somebody else may take the free number in between.
  for (int tries = 0; file >= 0 && device < 0 && tries < 16; tries++) {
    int free = ioctl(control, LOOP_CTL_GET_FREE);
    device = free < 0 ? -1 : attach(file, free);
    error = errno;
    *number = free;
    if (free < 0 || (device < 0 && error != EBUSY)) break;
  }
  if (file >= 0) close(file);
  close(control);
  errno = error;
  return device;
}

int probe_tracefs(void) {
  int folder = open("/sys/kernel/tracing", O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0 && faccessat(folder, "events", F_OK, 0) == 0) return folder;
  if (folder >= 0) close(folder);
  int context = fsopen("tracefs", FSOPEN_CLOEXEC);
  if (context < 0) return -1;
  int made = fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
  folder = made < 0 ? -1 : fsmount(context, FSMOUNT_CLOEXEC, 0);
  int error = errno;
  close(context);
  errno = error;
  return folder;
}

int probe_counter(uint64_t event, int cpu, const char *filter) {
  struct perf_event_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.type = PERF_TYPE_TRACEPOINT;
  attributes.size = sizeof attributes;
  attributes.config = event;
  int counter = (int)syscall(SYS_perf_event_open, &attributes, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
  if (counter < 0 || !*filter || ioctl(counter, PERF_EVENT_IOC_SET_FILTER, filter) == 0) return counter;
  int error = errno;
  close(counter);
  errno = error;
  return -1;
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
