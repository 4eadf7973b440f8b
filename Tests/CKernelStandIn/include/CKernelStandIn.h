// Stands in for the kernel in tests of the serving loop: what read and write of chosen descriptors answer, and who
// takes FUSE commands of a ring. It takes the place of two functions of the C library in the test program only.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum standin_call { STANDIN_READ = 0, STANDIN_WRITE = 1 };

// The next `count` calls on `fd` fail with `error` (a positive errno) and do nothing; a count of -1: all of them.
void standin_fail(int32_t fd, enum standin_call call, int32_t error, int32_t count);
// Calls still to fail.
int32_t standin_failures_left(int32_t fd, enum standin_call call);
// Calls that failed so, since `standin_fail`.
int32_t standin_failed(int32_t fd, enum standin_call call);
void standin_forget(int32_t fd);

// A command as an export gave it to the ring.
struct standin_command {
  uint32_t command;
  uint16_t queue;
  uint64_t commit_id;
  uint64_t user_data;
  // REGISTER: where header block and payload of the entry are.
  void *header, *payload;
  size_t header_length, payload_length;
};

// Moves up to `max` of the commands out, oldest first; returns how many.
uint32_t standin_take_commands(struct standin_command *out, uint32_t max);
