// The FUSE kernel ABI, as far as an export of one regular file meets it: our own declarations (the
// system's header is too old for io_uring), each with its size checked. Names follow the kernel's.
#pragma once

#include <stdint.h>

#define CFUSE_SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), #type " must have " #bytes " bytes")

// Every request begins with this; `len` counts the header too.
struct fuse_in_header {
  uint32_t len, opcode;
  uint64_t unique, nodeid;
  uint32_t uid, gid, pid;
  uint16_t total_extlen, padding;
};
CFUSE_SIZE(struct fuse_in_header, 40);

// Every reply begins with this; `error` is 0 or a negative errno.
struct fuse_out_header {
  uint32_t len;
  int32_t error;
  uint64_t unique;
};
CFUSE_SIZE(struct fuse_out_header, 16);

struct fuse_init_in {
  uint32_t major, minor, max_readahead, flags;
  // Since minor 36; older kernels send the first 16 bytes only.
  uint32_t flags2, unused[11];
};
CFUSE_SIZE(struct fuse_init_in, 64);

struct fuse_init_out {
  uint32_t major, minor, max_readahead, flags;
  uint16_t max_background, congestion_threshold;
  uint32_t max_write;
  uint32_t time_gran;
  uint16_t max_pages, map_alignment;
  uint32_t flags2, max_stack_depth;
  uint16_t request_timeout, unused[11];
};
CFUSE_SIZE(struct fuse_init_out, 64);

struct fuse_attr {
  uint64_t ino, size, blocks, atime, mtime, ctime;
  uint32_t atimensec, mtimensec, ctimensec, mode, nlink, uid, gid, rdev, blksize, flags;
};
CFUSE_SIZE(struct fuse_attr, 88);

struct fuse_attr_out {
  uint64_t attr_valid;
  uint32_t attr_valid_nsec, dummy;
  struct fuse_attr attr;
};
CFUSE_SIZE(struct fuse_attr_out, 104);

struct fuse_getattr_in {
  uint32_t getattr_flags, dummy;
  uint64_t fh;
};
CFUSE_SIZE(struct fuse_getattr_in, 16);

struct fuse_setattr_in {
  uint32_t valid, padding;
  uint64_t fh, size, lock_owner, atime, mtime, ctime;
  uint32_t atimensec, mtimensec, ctimensec, mode, unused4, uid, gid, unused5;
};
CFUSE_SIZE(struct fuse_setattr_in, 88);

struct fuse_open_in {
  uint32_t flags, open_flags;
};
CFUSE_SIZE(struct fuse_open_in, 8);

struct fuse_open_out {
  uint64_t fh;
  uint32_t open_flags;
  int32_t backing_id;
};
CFUSE_SIZE(struct fuse_open_out, 16);

struct fuse_read_in {
  uint64_t fh, offset;
  uint32_t size, read_flags;
  uint64_t lock_owner;
  uint32_t flags, padding;
};
CFUSE_SIZE(struct fuse_read_in, 40);

struct fuse_write_in {
  uint64_t fh, offset;
  uint32_t size, write_flags;
  uint64_t lock_owner;
  uint32_t flags, padding;
};
CFUSE_SIZE(struct fuse_write_in, 40);

struct fuse_write_out {
  uint32_t size, padding;
};
CFUSE_SIZE(struct fuse_write_out, 8);

struct fuse_flush_in {
  uint64_t fh;
  uint32_t unused, padding;
  uint64_t lock_owner;
};
CFUSE_SIZE(struct fuse_flush_in, 24);

struct fuse_release_in {
  uint64_t fh;
  uint32_t flags, release_flags;
  uint64_t lock_owner;
};
CFUSE_SIZE(struct fuse_release_in, 24);

struct fuse_fsync_in {
  uint64_t fh;
  uint32_t fsync_flags, padding;
};
CFUSE_SIZE(struct fuse_fsync_in, 16);

struct fuse_fallocate_in {
  uint64_t fh, offset, length;
  uint32_t mode, padding;
};
CFUSE_SIZE(struct fuse_fallocate_in, 32);

struct fuse_lseek_in {
  uint64_t fh, offset;
  uint32_t whence, padding;
};
CFUSE_SIZE(struct fuse_lseek_in, 24);

struct fuse_lseek_out {
  uint64_t offset;
};
CFUSE_SIZE(struct fuse_lseek_out, 8);

struct fuse_statfs_out {
  uint64_t blocks, bfree, bavail, files, ffree;
  uint32_t bsize, namelen, frsize, padding, spare[6];
};
CFUSE_SIZE(struct fuse_statfs_out, 80);

// The header block of one ring entry: request header and reply header share `in_out`.
struct fuse_uring_ent_in_out {
  uint64_t flags, commit_id;
  uint32_t payload_sz;
  // Since minor 46, of a queue with a pool of buffers: where in the pool the payload lies. Padding before.
  uint32_t offset;
  uint64_t reserved;
};
CFUSE_SIZE(struct fuse_uring_ent_in_out, 32);

struct fuse_uring_req_header {
  uint8_t in_out[128];
  uint8_t op_in[128];
  struct fuse_uring_ent_in_out ring_ent_in_out;
};
CFUSE_SIZE(struct fuse_uring_req_header, 288);

// A queue's pool of payload buffers, one piece of memory (minor 46, FUSE_IO_URING_CMD_ADD_BUFPOOL).
struct fuse_uring_bufpool {
  uint64_t uaddr;
  uint32_t len, reserved;
};
CFUSE_SIZE(struct fuse_uring_bufpool, 16);

// The command area of a ring command. What follows `padding` is of minor 46: of ADD_BUFPOOL the pool, of REGISTER on
// a queue with zero copy the entry's place in the ring's table of buffers.
struct fuse_uring_cmd_req {
  uint64_t flags, commit_id;
  uint16_t qid;
  uint8_t padding[6];
  union {
    struct fuse_uring_bufpool bufpool;
    uint16_t ent_zero_copy_buf_index;
  };
};
CFUSE_SIZE(struct fuse_uring_cmd_req, 40);

// What the kernel tells a server unasked, or is told (enum fuse_notify_code): a reply header with unique 0 and the code
// in place of an error.
#define CFUSE_NOTIFY_RESEND 7
