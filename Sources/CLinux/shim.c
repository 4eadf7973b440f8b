// Plain functions over what the importer cannot see; see the header for their contract.
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <time.h>
#include <string.h>
#include <unistd.h>

#define FUSE_DEV_IOC_CLONE _IOR(229, 0, uint32_t)

// statx fields that are newer than this system's headers (STATX_DIOALIGN, Linux 6.1).
enum { WANT_DIOALIGN = 0x2000 };
struct statx_dioalign {
  uint32_t mask;
  uint8_t before[148];
  uint32_t memory, offset;
  uint8_t after[96];
};
_Static_assert(sizeof(struct statx_dioalign) == sizeof(struct statx), "statx has 256 bytes");

static int32_t result(int64_t value) { return value < 0 ? -errno : (int32_t)value; }

int32_t clinux_open(const char *path, enum clinux_open_flags flags) {
  int access = flags & CLINUX_OPEN_WRITABLE ? O_RDWR : O_RDONLY;
  return result(open(path, access | (flags & CLINUX_OPEN_DIRECT ? O_DIRECT : 0) | O_CLOEXEC));
}

int32_t clinux_clone_fuse_device(int32_t source) {
  int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return -errno;
  uint32_t from = (uint32_t)source;
  if (ioctl(fd, FUSE_DEV_IOC_CLONE, &from) < 0) {
    int error = errno;
    close(fd);
    return -error;
  }
  return fd;
}

int32_t clinux_set_nonblocking(int32_t fd) {
  int flags = fcntl(fd, F_GETFL);
  return result(flags < 0 ? flags : fcntl(fd, F_SETFL, flags | O_NONBLOCK));
}

int32_t clinux_copy_descriptor(int32_t fd) { return result(fcntl(fd, F_DUPFD_CLOEXEC, 3)); }

int32_t clinux_set_close_on_exec(int32_t fd) { return result(fcntl(fd, F_SETFD, FD_CLOEXEC)); }

int32_t clinux_get_status(const char *path, int32_t fresh, struct clinux_status *status) {
  struct statx s;
  int flags = AT_SYMLINK_NOFOLLOW | (fresh ? AT_STATX_FORCE_SYNC : AT_STATX_DONT_SYNC);
  if (statx(AT_FDCWD, path, flags, STATX_BASIC_STATS, &s) < 0) return -errno;
  *status = (struct clinux_status){
      .size = s.stx_size, .mode = s.stx_mode, .uid = s.stx_uid, .gid = s.stx_gid, .device_minor = s.stx_dev_minor,
      .changed = s.stx_ctime.tv_sec};
  return 0;
}

// Room for one descriptor beside a message.
union beside {
  struct cmsghdr header;
  char bytes[CMSG_SPACE(sizeof(int))];
};

int32_t clinux_send_message(int32_t socket, const void *bytes, uint32_t size, int32_t fd) {
  union beside beside = {0};
  struct iovec part = {.iov_base = (void *)bytes, .iov_len = size};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (fd >= 0) {
    message.msg_control = &beside;
    message.msg_controllen = sizeof beside;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
  }
  return result(sendmsg(socket, &message, MSG_NOSIGNAL));
}

int32_t clinux_receive_message(int32_t socket, void *bytes, uint32_t size, int32_t *fd) {
  union beside beside = {0};
  struct iovec part = {.iov_base = bytes, .iov_len = size};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = &beside, .msg_controllen = sizeof beside};
  *fd = -1;
  int32_t count = result(recvmsg(socket, &message, MSG_CMSG_CLOEXEC));
  if (count < 0) return count;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
      header->cmsg_len == CMSG_LEN(sizeof *fd)) {
    memcpy(fd, CMSG_DATA(header), sizeof *fd);
  }
  return count;
}

int64_t clinux_peer_user(int32_t socket) {
  struct ucred peer;
  socklen_t size = sizeof peer;
  return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 ? -errno : (int64_t)peer.uid;
}

int32_t clinux_spare_access_time(int32_t fd) {
  int flags = fcntl(fd, F_GETFL);
  return result(flags < 0 ? flags : fcntl(fd, F_SETFL, flags | O_NOATIME));
}

int32_t clinux_accept(int32_t listener) {
  return result(accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK));
}

int64_t clinux_block_device_size(int32_t fd) {
  uint64_t bytes = 0;
  return ioctl(fd, BLKGETSIZE64, &bytes) < 0 ? -errno : (int64_t)bytes;
}

uint32_t clinux_major(uint64_t device) { return major(device); }

uint32_t clinux_minor(uint64_t device) { return minor(device); }

uint64_t clinux_device(uint32_t major, uint32_t minor) { return makedev(major, minor); }

int32_t clinux_block_device_sector(int32_t fd) {
  int bytes = 0;
  return ioctl(fd, BLKSSZGET, &bytes) < 0 ? -errno : bytes;
}

int32_t clinux_direct_alignment(int32_t fd) {
  struct statx_dioalign s = {0};
  if (statx(fd, "", AT_EMPTY_PATH, WANT_DIOALIGN, (struct statx *)&s) < 0 || !(s.mask & WANT_DIOALIGN)) return 0;
  return (int32_t)(s.memory > s.offset ? s.memory : s.offset);
}

static struct flock range(short type, int64_t start, int64_t length) {
  return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
}

int32_t clinux_lock_shared(int32_t fd, int64_t byte) {
  struct flock lock = range(F_RDLCK, byte, 1);
  return result(fcntl(fd, F_OFD_SETLK, &lock));
}

int32_t clinux_lock_is_held(int32_t fd, int64_t byte) {
  struct flock lock = range(F_WRLCK, byte, 1);
  if (fcntl(fd, F_OFD_GETLK, &lock) < 0) return -errno;
  return lock.l_type != F_UNLCK;
}

int32_t clinux_lock_file(int32_t fd) {
  struct flock lock = range(F_WRLCK, 0, 0);
  return result(fcntl(fd, F_OFD_SETLK, &lock));
}

int32_t clinux_create_new_at(int32_t folder, const char *name, int32_t mode) {
  return result(openat(folder, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, (mode_t)mode));
}

int32_t clinux_open_output_at(int32_t folder, const char *name, int32_t readable, int32_t follow) {
  int flags = (readable ? O_RDWR : O_WRONLY) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW);
  return result(openat(folder, name, flags));
}

int32_t clinux_open_place_at(int32_t folder, const char *name) {
  return result(openat(folder < 0 ? AT_FDCWD : folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
}

int32_t clinux_is_proc(int32_t fd) {
  struct statfs s;
  return fstatfs(fd, &s) == 0 && s.f_type == PROC_SUPER_MAGIC;
}

static int argument_count;
static char **arguments;

// glibc hands every constructor what main gets; Swift's own CommandLine reads /proc/self/cmdline, which may be missing.
__attribute__((constructor)) static void keep_arguments(int count, char **words) {
  argument_count = count;
  arguments = words;
}

int32_t clinux_argument_count(void) { return argument_count; }

const char *clinux_argument(int32_t index) { return arguments[index]; }

int32_t clinux_fill_standard_descriptors(void) {
  for (int fd = 0; fd <= 2; fd++) {
    if (fcntl(fd, F_GETFD) >= 0) continue;
    // The lowest free descriptor is this one: those below are open by now.
    int null = open("/dev/null", O_RDWR);
    if (null < 0) null = memfd_create("null", 0);
    if (null != fd) return -EBADF;
  }
  return 0;
}

int32_t clinux_fork(void) { return result(fork()); }

int32_t clinux_eventfd(void) { return result(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }

int32_t clinux_memory_file(int64_t size) {
  int fd = memfd_create("fusebench-payloads", MFD_CLOEXEC);
  if (fd < 0) return -errno;
  if (ftruncate(fd, size) < 0) {
    int error = errno;
    close(fd);
    return -error;
  }
  return fd;
}

int32_t clinux_unmount(const char *path, enum clinux_unmount_flags flags) {
  int force = flags & CLINUX_UNMOUNT_FORCE ? MNT_FORCE : 0;
  int detach = flags & CLINUX_UNMOUNT_DETACH ? MNT_DETACH : 0;
  return result(umount2(path, force | detach | UMOUNT_NOFOLLOW));
}

int32_t clinux_open_fusectl(void) {
  int context = fsopen("fusectl", FSOPEN_CLOEXEC);
  if (context < 0) return -errno;
  int folder = fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
  if (folder == 0) folder = fsmount(context, FSMOUNT_CLOEXEC, 0);
  int32_t outcome = result(folder);
  close(context);
  return outcome;
}

int32_t clinux_open_at(int32_t folder, const char *path, enum clinux_open_flags flags) {
  return result(openat(folder, path, (flags & CLINUX_OPEN_WRITABLE ? O_WRONLY : O_RDONLY) | O_CLOEXEC));
}

int32_t clinux_signalfd(const int32_t *signals, uint32_t count) {
  sigset_t set;
  sigemptyset(&set);
  for (uint32_t i = 0; i < count; i++) sigaddset(&set, signals[i]);
  int rc = pthread_sigmask(SIG_BLOCK, &set, NULL);
  if (rc) return -rc;
  return result(signalfd(-1, &set, SFD_CLOEXEC));
}

int32_t clinux_is_ignored(int32_t signal) {
  struct sigaction now;
  return sigaction(signal, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

int32_t clinux_set_thread_name(const char *name) { return -pthread_setname_np(pthread_self(), name); }

int64_t clinux_online_cpus(void) { return sysconf(_SC_NPROCESSORS_ONLN); }

int32_t clinux_epoll_create(void) { return result(epoll_create1(EPOLL_CLOEXEC)); }

int32_t clinux_epoll_add(int32_t epoll, int32_t fd, enum clinux_epoll_flags flags, uint64_t data) {
  uint32_t exclusive = flags & CLINUX_EPOLL_EXCLUSIVE ? (uint32_t)EPOLLEXCLUSIVE : 0;
  struct epoll_event event = {.events = EPOLLIN | exclusive, .data.u64 = data};
  return result(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
}

int32_t clinux_epoll_remove(int32_t epoll, int32_t fd) { return result(epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL)); }

int32_t clinux_epoll_wait(int32_t epoll, struct clinux_epoll_event *events, int32_t max, int64_t nanoseconds) {
  enum { MOST = 64 };
  struct epoll_event found[MOST];
  if (max > MOST) max = MOST;
  int count = -1;
  errno = ENOSYS;
#ifdef SYS_epoll_pwait2
  struct timespec limit = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
  count = (int)syscall(SYS_epoll_pwait2, epoll, found, max, nanoseconds < 0 ? NULL : &limit, NULL, 0);
#endif
  // Linux 5.10 and older, or a filter that does not know it: milliseconds must do.
  if (count < 0 && (errno == ENOSYS || errno == EPERM)) {
    int64_t milliseconds = nanoseconds < 0 ? -1 : (nanoseconds + 999999) / 1000000;
    count = epoll_wait(epoll, found, max, milliseconds > INT32_MAX ? INT32_MAX : (int)milliseconds);
  }
  for (int i = 0; i < count; i++) events[i].data = found[i].data.u64;
  return result(count);
}

int32_t clinux_fallocate(int32_t fd, int32_t mode, int64_t offset, int64_t length) {
  return result(fallocate(fd, mode, offset, length));
}

int32_t clinux_load_module(int32_t file) { return result((int)syscall(SYS_finit_module, file, "", 0)); }

struct clinux_line clinux_find_line(
    const void *bytes, uint64_t length, uint64_t from, const void *part, uint64_t part_length) {
  const char *text = bytes;
  const char *place = from < length ? memmem(text + from, length - from, part, part_length) : NULL;
  if (!place) return (struct clinux_line){length, length};
  const char *before = memrchr(text + from, '\n', (size_t)(place - text) - from);
  const char *end = memchr(place, '\n', length - (uint64_t)(place - text));
  return (struct clinux_line){
      before ? (uint64_t)(before - text) + 1 : from, end ? (uint64_t)(end - text) : length};
}

static int is_octal(uint8_t byte) { return byte >= '0' && byte <= '7'; }

uint64_t clinux_unescape(uint8_t *field, uint64_t length) {
  uint64_t count = 0;
  for (uint64_t i = 0; i < length; i++) {
    uint8_t *at = field + i;
    int is_escape = *at == '\\' && length - i > 3 && at[1] <= '3' && is_octal(at[1]) && is_octal(at[2]) &&
                    is_octal(at[3]);
    field[count++] = is_escape ? (uint8_t)((at[1] - '0') << 6 | (at[2] - '0') << 3 | (at[3] - '0')) : *at;
    if (is_escape) i += 3;
  }
  return count;
}
