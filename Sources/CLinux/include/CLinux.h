// System calls and constants that Swift's Glibc import leaves out: variadic functions, ioctl macros, fork,
// O_DIRECT, open-file-description locks. Every function answers >= 0, or -errno.
#pragma once

#include <stdint.h>
#include <sys/types.h>

// How a file is opened; without a flag for reading only.
enum __attribute__((flag_enum, enum_extensibility(open), swift_name("OpenFlags"))) clinux_open_flags : uint32_t {
  CLINUX_OPEN_WRITABLE __attribute__((swift_name("writable"))) = 1,  // O_RDWR; at a folder: O_WRONLY
  CLINUX_OPEN_DIRECT __attribute__((swift_name("direct"))) = 2,      // O_DIRECT
};
int32_t clinux_open(const char *path, enum clinux_open_flags flags);
// Clones the FUSE device `source` onto a new /dev/fuse fd.
int32_t clinux_clone_fuse_device(int32_t source);
int32_t clinux_set_nonblocking(int32_t fd);
// Another descriptor of the same open file; programs that this one starts do not get it.
int32_t clinux_copy_descriptor(int32_t fd);
// Programs that this one starts do not get `fd`.
int32_t clinux_set_close_on_exec(int32_t fd);
// A line of a text: where it begins and where its end stands.
struct clinux_line {
  uint64_t start, end;
};
// The first line of `text` at or behind `from` that holds `part`, which every line does if it is empty; one that begins
// behind `length` where there is none. (By memmem(3): a container host's mount table has thousands of lines.)
struct clinux_line clinux_find_line(
    const void *text, uint64_t length, uint64_t from, const void *part, uint64_t part_length);
// Puts in place what a field of /proc/self/mountinfo spells as `\` and three octal digits: blanks, tabs, line ends and
// backslashes (fs/proc_namespace.c, mangle). How many bytes the field has then.
uint64_t clinux_unescape(uint8_t *field, uint64_t length);
// What a file's status says of it.
struct clinux_status {
  uint64_t size;
  uint32_t mode, uid, gid, device_minor;
  // Seconds of its last change; 0 of a FUSE file that nobody has served yet.
  int64_t changed;
};
// The status of `path`: as its file system remembers it, or, if `fresh`, asked for anew (statx, AT_STATX_DONT_SYNC and
// AT_STATX_FORCE_SYNC).
int32_t clinux_get_status(const char *path, int32_t fresh, struct clinux_status *status);
// One message over a unix socket, with `fd` beside it unless that is -1; how many bytes of it went.
int32_t clinux_send_message(int32_t socket, const void *bytes, uint32_t size, int32_t fd);
// The next message, and the descriptor beside it, or -1 in `fd`; how many bytes came, 0 at the end.
int32_t clinux_receive_message(int32_t socket, void *bytes, uint32_t size, int32_t *fd);
// The user of the process at the other end of a unix socket, or -errno.
int64_t clinux_peer_user(int32_t socket);
// Reads of `fd` leave the file's access time alone (O_NOATIME); its owner and root may ask for that.
int32_t clinux_spare_access_time(int32_t fd);
// The next client of a listening socket, as a non-blocking fd.
int32_t clinux_accept(int32_t listener);
// Bytes of a block device, and its logical sector size.
int64_t clinux_block_device_size(int32_t fd);
int32_t clinux_block_device_sector(int32_t fd);
// The parts of a device's number, and the number of both.
uint32_t clinux_major(uint64_t device);
uint32_t clinux_minor(uint64_t device);
uint64_t clinux_device(uint32_t major, uint32_t minor);
// The offset and memory alignment that O_DIRECT needs on `fd`; 0 when the file system does not say.
int32_t clinux_direct_alignment(int32_t fd);
// One byte of an open-file-description lock, shared (read) or released.
int32_t clinux_lock_shared(int32_t fd, int64_t byte);
// 1 when another open file holds a lock that conflicts with an exclusive one on `byte`, else 0.
int32_t clinux_lock_is_held(int32_t fd, int64_t byte);
// Takes the whole file exclusively without blocking (pidfile).
int32_t clinux_lock_file(int32_t fd);
// Makes a file in the folder `folder` that must not be there yet, whatever kind of file or link has its name.
int32_t clinux_create_new_at(int32_t folder, const char *name, int32_t mode);
// Opens what is there for writing (and reading), without waiting for the other end of a pipe; links only if `follow`.
int32_t clinux_open_output_at(int32_t folder, const char *name, int32_t readable, int32_t follow);
// Holds a place in the file system (O_PATH), a link itself where it is one; below the working folder if `folder` < 0.
int32_t clinux_open_place_at(int32_t folder, const char *name);
// 1 when the file lies in procfs, whose links lead to files that no path may lead to.
int32_t clinux_is_proc(int32_t fd);
// The program's words, as the kernel handed them over.
int32_t clinux_argument_count(void);
const char *clinux_argument(int32_t index);
// Opens /dev/null onto those of the descriptors 0 to 2 that are closed: the next file would else become one of them.
int32_t clinux_fill_standard_descriptors(void);
int32_t clinux_fork(void);
int32_t clinux_eventfd(void);
// Memory of `size` zero bytes that can be mapped at several addresses.
int32_t clinux_memory_file(int64_t size);
// Writes a byte over itself, so that its page is memory of its own and no longer the kernel's zero page.
static inline void clinux_make_real(void *byte) {
  volatile char *here = byte;
  *here = *here;
}
// How a mount is taken away although it is in use.
enum __attribute__((flag_enum, enum_extensibility(open), swift_name("UnmountFlags"))) clinux_unmount_flags : uint32_t {
  CLINUX_UNMOUNT_FORCE __attribute__((swift_name("force"))) = 1,    // MNT_FORCE: requests in flight fail
  CLINUX_UNMOUNT_DETACH __attribute__((swift_name("detach"))) = 2,  // MNT_DETACH: gone from the name space at once
};
// umount2; links are not followed.
int32_t clinux_unmount(const char *path, enum clinux_unmount_flags flags);
// A folder of the kernel's FUSE control file system that no path leads to; it ends with the fd.
int32_t clinux_open_fusectl(void);
// openat of a file or folder under `folder`, for reading or writing.
int32_t clinux_open_at(int32_t folder, const char *path, enum clinux_open_flags flags);
int32_t clinux_signalfd(const int32_t *signals, uint32_t count);
// 1 when the process was started with `signal` ignored, or has come to ignore it.
int32_t clinux_is_ignored(int32_t signal);
int32_t clinux_set_thread_name(const char *name);
// Loads the kernel module in the open file `file` (finit_module).
int32_t clinux_load_module(int32_t file);
// Processors that are online now.
int64_t clinux_online_cpus(void);

// A file descriptor that became readable: what `clinux_epoll_add` was given for it.
struct clinux_epoll_event {
  uint64_t data;
};

// How epoll watches a descriptor.
enum __attribute__((flag_enum, enum_extensibility(open), swift_name("EpollFlags"))) clinux_epoll_flags : uint32_t {
  // One of several waiters is woken (EPOLLEXCLUSIVE).
  CLINUX_EPOLL_EXCLUSIVE __attribute__((swift_name("exclusive"))) = 1,
};
int32_t clinux_epoll_create(void);
// Watches `fd` for input until it is removed.
int32_t clinux_epoll_add(int32_t epoll, int32_t fd, enum clinux_epoll_flags flags, uint64_t data);
int32_t clinux_epoll_remove(int32_t epoll, int32_t fd);
// Waits up to `nanoseconds` (-1: without a limit); how many of `events` were filled.
int32_t clinux_epoll_wait(int32_t epoll, struct clinux_epoll_event *events, int32_t max, int64_t nanoseconds);
// fallocate(2).
int32_t clinux_fallocate(int32_t fd, int32_t mode, int64_t offset, int64_t length);
