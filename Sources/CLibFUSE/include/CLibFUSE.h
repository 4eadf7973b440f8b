// libfuse for the mount and nothing else: a session without operations, mounted, its fd handed out.
#pragma once

#include <stdint.h>

struct clibfuse_mount;

// Mounts on `path` with the comma-separated `options`; NULL when libfuse refused or is not there (the reason, if there
// is one, stands in `reason`, at most `size` bytes). A failed mount destroys its session. From one thread only.
struct clibfuse_mount *clibfuse_mount(const char *path, const char *options, char *reason, uint32_t size);
// The /dev/fuse fd of the mount; owned by the session.
int32_t clibfuse_fd(const struct clibfuse_mount *mount);
// Closes the fd and frees the session; the caller has unmounted already.
void clibfuse_destroy(struct clibfuse_mount *mount);
