// The smallest honest export: a raw image as one file, by libfuse. docs/first-subject.md judges it.
//   cc -O2 -Wall smallest.c -o smallest $(pkg-config --cflags --libs fuse3) && ./smallest IMAGE MOUNTPOINT
#define FUSE_USE_VERSION 31
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <stdio.h>
#include <unistd.h>

static int image;
static int result(ssize_t value) { return value < 0 ? -errno : (int)value; }

static int get_attributes(const char *path, struct stat *out, struct fuse_file_info *file) {
  return result(fstat(image, out));
}
static int open_image(const char *path, struct fuse_file_info *file) {
  file->direct_io = 1;  // no page cache between clients and the image
  return 0;
}
static int read_image(const char *path, char *data, size_t size, off_t offset, struct fuse_file_info *file) {
  return result(pread(image, data, size, offset));
}
static int write_image(const char *path, const char *data, size_t size, off_t offset, struct fuse_file_info *file) {
  return result(pwrite(image, data, size, offset));
}
static int synchronize(const char *path, int data_only, struct fuse_file_info *file) { return result(fsync(image)); }

static const struct fuse_operations operations = {
    .getattr = get_attributes, .open = open_image, .read = read_image, .write = write_image, .fsync = synchronize};

int main(int count, char **words) {
  if (count != 3 || (image = open(words[1], O_RDWR | O_CLOEXEC)) < 0) return perror("smallest IMAGE MOUNTPOINT"), 1;
  struct fuse_args none = FUSE_ARGS_INIT(1, words);
  struct fuse *fuse = fuse_new(&none, &operations, sizeof operations, NULL);
  if (!fuse || fuse_mount(fuse, words[2]) || fuse_set_signal_handlers(fuse_get_session(fuse))) return 1;
  int end = fuse_loop(fuse);  // a signal ends it with that signal's number, an unmount with 0
  fuse_unmount(fuse);
  return end < 0;
}
