// Errors of system calls: their numbers, names, and what libraries and programs say in place of them.

import Glibc

/// An error of a system call, as the kernel numbers it.
package struct ErrnoName: Sendable {
  /// The kernel's number, positive.
  package let number: CInt
  /// Its name in errno.h, such as ENOSPC.
  package let name: String
  /// What is printed in its place: glibc's text first, then that of musl, of Rust's library and of dash.
  package let texts: [String]

  private init(_ number: CInt, _ name: String, _ texts: String...) {
    self.number = number
    self.name = name
    self.texts = texts
  }

  private static let byNumber = Dictionary(uniqueKeysWithValues: all.map { ($0.number, $0.name) })
  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0.number) })

  /// The name of `number`, or `errno N` where none is known.
  package static func name(of number: CInt) -> String { byNumber[number] ?? "errno \(number)" }

  /// Whether `text` is the name of an error.
  package static func isName(_ text: String) -> Bool { byName[text] != nil }

  /// Linux's errors.
  package static let all: [ErrnoName] = [
    .init(EPERM, "EPERM", "Operation not permitted"),
    .init(
      ENOENT, "ENOENT", "No such file or directory", "entity not found", "No such file", "Directory nonexistent",
      "nonexistent directory"),
    .init(ESRCH, "ESRCH", "No such process"),
    .init(EINTR, "EINTR", "Interrupted system call", "operation interrupted"),
    .init(EIO, "EIO", "Input/output error", "I/O error"),
    .init(ENXIO, "ENXIO", "No such device or address"),
    .init(E2BIG, "E2BIG", "Argument list too long"),
    .init(ENOEXEC, "ENOEXEC", "Exec format error"),
    .init(EBADF, "EBADF", "Bad file descriptor"),
    .init(ECHILD, "ECHILD", "No child processes", "No child process"),
    .init(EAGAIN, "EAGAIN", "Resource temporarily unavailable", "operation would block"),
    .init(ENOMEM, "ENOMEM", "Cannot allocate memory", "Out of memory"),
    .init(EACCES, "EACCES", "Permission denied"),
    .init(EFAULT, "EFAULT", "Bad address"),
    .init(ENOTBLK, "ENOTBLK", "Block device required"),
    .init(EBUSY, "EBUSY", "Device or resource busy", "Resource busy"),
    .init(EEXIST, "EEXIST", "File exists", "entity already exists"),
    .init(EXDEV, "EXDEV", "Invalid cross-device link", "cross-device link or rename"),
    .init(ENODEV, "ENODEV", "No such device"),
    .init(ENOTDIR, "ENOTDIR", "Not a directory"),
    .init(EISDIR, "EISDIR", "Is a directory"),
    .init(EINVAL, "EINVAL", "Invalid argument", "invalid input parameter"),
    .init(ENFILE, "ENFILE", "Too many open files in system"),
    .init(EMFILE, "EMFILE", "Too many open files", "No file descriptors available"),
    .init(ENOTTY, "ENOTTY", "Inappropriate ioctl for device", "Not a tty"),
    .init(ETXTBSY, "ETXTBSY", "Text file busy", "executable file busy"),
    .init(EFBIG, "EFBIG", "File too large"),
    .init(ENOSPC, "ENOSPC", "No space left on device", "no storage space"),
    .init(ESPIPE, "ESPIPE", "Illegal seek", "seek on unseekable file"),
    .init(EROFS, "EROFS", "Read-only file system", "read-only filesystem or storage medium"),
    .init(EMLINK, "EMLINK", "Too many links"),
    .init(EPIPE, "EPIPE", "Broken pipe"),
    .init(EDOM, "EDOM", "Numerical argument out of domain"),
    .init(ERANGE, "ERANGE", "Numerical result out of range"),
    .init(EDEADLK, "EDEADLK", "Resource deadlock avoided", "Resource deadlock would occur", "deadlock"),
    .init(ENAMETOOLONG, "ENAMETOOLONG", "File name too long", "Filename too long"),
    .init(ENOLCK, "ENOLCK", "No locks available"),
    .init(ENOSYS, "ENOSYS", "Function not implemented"),
    .init(ENOTEMPTY, "ENOTEMPTY", "Directory not empty"),
    .init(ELOOP, "ELOOP", "Too many levels of symbolic links", "Symbolic link loop"),
    .init(ENOMSG, "ENOMSG", "No message of desired type"),
    .init(EIDRM, "EIDRM", "Identifier removed"),
    .init(ECHRNG, "ECHRNG", "Channel number out of range"),
    .init(EL2NSYNC, "EL2NSYNC", "Level 2 not synchronized"),
    .init(EL3HLT, "EL3HLT", "Level 3 halted"),
    .init(EL3RST, "EL3RST", "Level 3 reset"),
    .init(ELNRNG, "ELNRNG", "Link number out of range"),
    .init(EUNATCH, "EUNATCH", "Protocol driver not attached"),
    .init(ENOCSI, "ENOCSI", "No CSI structure available"),
    .init(EL2HLT, "EL2HLT", "Level 2 halted"),
    .init(EBADE, "EBADE", "Invalid exchange"),
    .init(EBADR, "EBADR", "Invalid request descriptor"),
    .init(EXFULL, "EXFULL", "Exchange full"),
    .init(ENOANO, "ENOANO", "No anode"),
    .init(EBADRQC, "EBADRQC", "Invalid request code"),
    .init(EBADSLT, "EBADSLT", "Invalid slot"),
    .init(EBFONT, "EBFONT", "Bad font file format"),
    .init(ENOSTR, "ENOSTR", "Device not a stream"),
    .init(ENODATA, "ENODATA", "No data available"),
    .init(ETIME, "ETIME", "Timer expired", "Device timeout"),
    .init(ENOSR, "ENOSR", "Out of streams resources"),
    .init(ENONET, "ENONET", "Machine is not on the network"),
    .init(ENOPKG, "ENOPKG", "Package not installed"),
    .init(EREMOTE, "EREMOTE", "Object is remote"),
    .init(ENOLINK, "ENOLINK", "Link has been severed"),
    .init(EADV, "EADV", "Advertise error"),
    .init(ESRMNT, "ESRMNT", "Srmount error"),
    .init(ECOMM, "ECOMM", "Communication error on send"),
    .init(EPROTO, "EPROTO", "Protocol error"),
    .init(EMULTIHOP, "EMULTIHOP", "Multihop attempted"),
    .init(EDOTDOT, "EDOTDOT", "RFS specific error"),
    .init(EBADMSG, "EBADMSG", "Bad message"),
    .init(EOVERFLOW, "EOVERFLOW", "Value too large for defined data type", "Value too large for data type"),
    .init(ENOTUNIQ, "ENOTUNIQ", "Name not unique on network"),
    .init(EBADFD, "EBADFD", "File descriptor in bad state"),
    .init(EREMCHG, "EREMCHG", "Remote address changed"),
    .init(ELIBACC, "ELIBACC", "Can not access a needed shared library"),
    .init(ELIBBAD, "ELIBBAD", "Accessing a corrupted shared library"),
    .init(ELIBSCN, "ELIBSCN", ".lib section in a.out corrupted"),
    .init(ELIBMAX, "ELIBMAX", "Attempting to link in too many shared libraries"),
    .init(ELIBEXEC, "ELIBEXEC", "Cannot exec a shared library directly"),
    .init(EILSEQ, "EILSEQ", "Invalid or incomplete multibyte or wide character"),
    .init(ERESTART, "ERESTART", "Interrupted system call should be restarted"),
    .init(ESTRPIPE, "ESTRPIPE", "Streams pipe error"),
    .init(EUSERS, "EUSERS", "Too many users"),
    .init(ENOTSOCK, "ENOTSOCK", "Socket operation on non-socket", "Not a socket"),
    .init(EDESTADDRREQ, "EDESTADDRREQ", "Destination address required"),
    .init(EMSGSIZE, "EMSGSIZE", "Message too long", "Message too large"),
    .init(EPROTOTYPE, "EPROTOTYPE", "Protocol wrong type for socket"),
    .init(ENOPROTOOPT, "ENOPROTOOPT", "Protocol not available"),
    .init(EPROTONOSUPPORT, "EPROTONOSUPPORT", "Protocol not supported"),
    .init(ESOCKTNOSUPPORT, "ESOCKTNOSUPPORT", "Socket type not supported"),
    .init(EOPNOTSUPP, "EOPNOTSUPP", "Operation not supported", "Not supported", "unsupported"),
    .init(EPFNOSUPPORT, "EPFNOSUPPORT", "Protocol family not supported"),
    .init(EAFNOSUPPORT, "EAFNOSUPPORT", "Address family not supported by protocol"),
    .init(EADDRINUSE, "EADDRINUSE", "Address already in use", "Address in use"),
    .init(EADDRNOTAVAIL, "EADDRNOTAVAIL", "Cannot assign requested address", "Address not available"),
    .init(ENETDOWN, "ENETDOWN", "Network is down"),
    .init(ENETUNREACH, "ENETUNREACH", "Network is unreachable", "Network unreachable"),
    .init(ENETRESET, "ENETRESET", "Network dropped connection on reset", "Connection reset by network"),
    .init(ECONNABORTED, "ECONNABORTED", "Software caused connection abort", "Connection aborted"),
    .init(ECONNRESET, "ECONNRESET", "Connection reset by peer", "connection reset"),
    .init(ENOBUFS, "ENOBUFS", "No buffer space available"),
    .init(EISCONN, "EISCONN", "Transport endpoint is already connected", "Socket is connected"),
    .init(ENOTCONN, "ENOTCONN", "Transport endpoint is not connected", "Socket not connected", "not connected"),
    .init(ESHUTDOWN, "ESHUTDOWN", "Cannot send after transport endpoint shutdown", "Cannot send after socket shutdown"),
    .init(ETOOMANYREFS, "ETOOMANYREFS", "Too many references: cannot splice"),
    .init(ETIMEDOUT, "ETIMEDOUT", "Connection timed out", "Operation timed out", "timed out"),
    .init(ECONNREFUSED, "ECONNREFUSED", "Connection refused"),
    .init(EHOSTDOWN, "EHOSTDOWN", "Host is down"),
    .init(EHOSTUNREACH, "EHOSTUNREACH", "No route to host", "Host is unreachable"),
    .init(EALREADY, "EALREADY", "Operation already in progress"),
    .init(EINPROGRESS, "EINPROGRESS", "Operation now in progress", "Operation in progress"),
    .init(ESTALE, "ESTALE", "Stale file handle", "stale network file handle"),
    .init(EUCLEAN, "EUCLEAN", "Structure needs cleaning", "Data consistency error"),
    .init(ENOTNAM, "ENOTNAM", "Not a XENIX named type file"),
    .init(ENAVAIL, "ENAVAIL", "No XENIX semaphores available", "Resource not available"),
    .init(EISNAM, "EISNAM", "Is a named type file"),
    .init(EREMOTEIO, "EREMOTEIO", "Remote I/O error"),
    .init(EDQUOT, "EDQUOT", "Disk quota exceeded", "Quota exceeded"),
    .init(ENOMEDIUM, "ENOMEDIUM", "No medium found"),
    .init(EMEDIUMTYPE, "EMEDIUMTYPE", "Wrong medium type"),
    .init(ECANCELED, "ECANCELED", "Operation canceled"),
    .init(ENOKEY, "ENOKEY", "Required key not available"),
    .init(EKEYEXPIRED, "EKEYEXPIRED", "Key has expired"),
    .init(EKEYREVOKED, "EKEYREVOKED", "Key has been revoked"),
    .init(EKEYREJECTED, "EKEYREJECTED", "Key was rejected by service"),
    .init(EOWNERDEAD, "EOWNERDEAD", "Owner died", "Previous owner died"),
    .init(ENOTRECOVERABLE, "ENOTRECOVERABLE", "State not recoverable"),
    .init(ERFKILL, "ERFKILL", "Operation not possible due to RF-kill"),
    .init(EHWPOISON, "EHWPOISON", "Memory page has hardware error"),
  ]
}
