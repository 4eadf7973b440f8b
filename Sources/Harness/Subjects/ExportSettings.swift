// What a scenario or a suite wants of an export, in words that hold for every subject.

/// The node that an export presents.
package enum NodeKind: String, CaseIterable, Codable, Sendable {
  /// A raw image file.
  case file
  /// Nothing behind it: reads and writes cost no I/O.
  case null
}

/// How a file node does its I/O.
package enum NodeAIO: String, CaseIterable, Codable, Sendable {
  case threads, native
  case ioUring = "io_uring"
}

/// What happens to discarded ranges of the image.
package enum DiscardPolicy: String, CaseIterable, Codable, Sendable {
  case ignore, unmap
}

/// What a serving thread waits by, and what carries its file I/O.
package enum EventLoop: String, CaseIterable, Codable, Sendable {
  case ioUring = "io_uring"
  /// epoll, and a pool of threads for file I/O; what an export takes where io_uring is denied.
  case epoll
}

/// Whether other users may use the mount.
package enum AllowOther: String, CaseIterable, Codable, Sendable {
  case off, on, auto
}

/// The settings of one export, independent of the program that serves it.
package struct ExportSettings: Codable, Sendable, Equatable {
  /// What stands behind the export.
  package var node: NodeKind = .file
  /// Length of the node in bytes (a file node takes its image's own length).
  package var size: Int64 = 0
  /// Whether clients may write.
  package var writable = true
  /// Whether writes beyond the end extend the node; needs `writable`.
  package var growable = false
  /// Whether other users may use the mount.
  package var allowOther: AllowOther = .auto
  /// Whether the node bypasses the host's page cache.
  package var direct = false
  /// How a file node does its I/O.
  package var aio: NodeAIO = .threads
  /// What happens to discarded ranges of the image.
  package var discard: DiscardPolicy = .ignore
  /// Ring entries per queue; nil leaves it to the subject.
  package var depth: Int?
  /// Nanoseconds that a serving thread looks for work before it sleeps; nil leaves it to the subject.
  package var pollLimit: Int?
  /// Answers of the node that a serving thread passes on at a time; nil leaves it to the subject.
  package var batch: Int?
  /// What the serving threads wait by; nil leaves it to the subject.
  package var eventLoop: EventLoop?
  /// Iothreads; nil is the mode's own number.
  package var threads: Int?

  /// A writable, fixed-size export of a file through the page cache.
  package init() {}
}
