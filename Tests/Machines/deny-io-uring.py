# deny-io-uring.py COMMAND…: runs it where the three calls of io_uring give EPERM, as under a container's seccomp filter.
import ctypes, os, platform, struct, sys

if platform.machine() != "x86_64":
    sys.exit("deny-io-uring.py: knows the calls' numbers for x86_64 only")


def step(code, jump_true, jump_false, value):
    return struct.pack("HBBI", code, jump_true, jump_false, value)


# Load the number; below 425 or above 427 allow, else EPERM (seccomp(2), linux/filter.h).
program = (step(0x20, 0, 0, 0) + step(0x35, 0, 2, 425) + step(0x25, 1, 0, 427)
           + step(0x06, 0, 0, 0x00050001) + step(0x06, 0, 0, 0x7FFF0000))
buffer = ctypes.create_string_buffer(program)


class Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_void_p)]


wanted = Filter(len(program) // 8, ctypes.addressof(buffer))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, ctypes.byref(wanted), 0, 0):
    sys.exit("deny-io-uring.py: no filter can be set: " + os.strerror(ctypes.get_errno()))
os.execvp(sys.argv[1], sys.argv[1:])
