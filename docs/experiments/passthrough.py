#!/usr/bin/env python3
"""A file export by FUSE passthrough, just large enough to see what it can keep of an export's contract.

    passthrough.py IMAGE MOUNTPOINT      serves until it gets SIGTERM; root only, MOUNTPOINT is a regular file

docs/passthrough.md says what was found with it.
"""
import ctypes, errno, fcntl, os, signal, struct, sys

LOOKUP, FORGET, GETATTR, OPEN, READ, WRITE, RELEASE, FLUSH, INIT, DESTROY = 1, 2, 3, 14, 15, 16, 18, 25, 26, 38
ASYNC_READ, BIG_WRITES, ASYNC_DIO, MAX_PAGES, INIT_EXT, PASSTHROUGH = 1, 1 << 5, 1 << 15, 1 << 22, 1 << 30, 1 << 37
BACKING_OPEN = 0x4010E501           # _IOW(229, 1, struct { int32 fd; uint32 flags; uint64 padding; })
FOPEN_PASSTHROUGH = 1 << 7


def main(image, mount_point):
    backing = os.open(image, os.O_RDWR)
    device = os.open("/dev/fuse", os.O_RDWR)
    libc = ctypes.CDLL(None, use_errno=True)
    options = f"fd={device},rootmode=100000,user_id=0,group_id=0,default_permissions".encode()
    if libc.mount(b"passthrough", mount_point.encode(), b"fuse", 6, options):  # 6: nosuid, nodev
        sys.exit(f"{mount_point}: {os.strerror(ctypes.get_errno())}")

    def stop(*_):
        libc.umount2(mount_point.encode(), 2)
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    backing_id, counts = 0, {}
    while True:
        try:
            request = os.read(device, 1 << 18)
        except OSError:                # the mount is gone
            return
        _, opcode, unique = struct.unpack_from("<IIQ", request)
        counts[opcode] = counts.get(opcode, 0) + 1
        error, body = 0, b""
        if opcode == INIT:
            flags = ASYNC_READ | BIG_WRITES | ASYNC_DIO | MAX_PAGES | INIT_EXT | PASSTHROUGH
            # … max_background, congestion, max_write, time_gran, max_pages, map_align, flags2, max_stack_depth
            body = struct.pack("<IIIIHHIIHHII24x", 7, 41, 0, flags & 0xFFFFFFFF, 64, 48, 1 << 17, 1, 32, 0, flags >> 32, 1)
        elif opcode == OPEN:
            body = struct.pack("<QIi", 0, FOPEN_PASSTHROUGH, backing_id)
        elif opcode == GETATTR:
            now = os.fstat(backing)
            # The size has to be the image's own: nobody else is told of writes.
            attributes = struct.pack("<6Q10I", 1, now.st_size, now.st_blocks, 0, 0, 0, 0, 0, 0, 0o100600, 1, 0, 0, 0, 4096, 0)
            body = struct.pack("<QII", 1, 0, 0) + attributes
        elif opcode == FORGET:
            continue
        elif opcode == LOOKUP:
            error = -errno.ENOENT
        elif opcode not in (RELEASE, FLUSH, DESTROY):
            error = -errno.ENOSYS
        os.write(device, struct.pack("<IiQ", 16 + len(body), error, unique) + body)
        if opcode == INIT:
            backing_id = fcntl.ioctl(device, BACKING_OPEN, bytearray(struct.pack("<iIQ", backing, 0, 0)))
        if opcode == RELEASE:
            print(f"requests seen: {counts.get(READ, 0)} READ, {counts.get(WRITE, 0)} WRITE, {counts.get(GETATTR, 0)} GETATTR", flush=True)


main(*sys.argv[1:3])
