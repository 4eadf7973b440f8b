// What a scenario or a suite wants of an export, in words that hold for every subject.

/// The node that an export presents.
public enum NodeKind: String, CaseIterable, Codable, Sendable {
  /// A raw image file.
  case file
  /// Nothing behind it: reads and writes cost no I/O.
  case null
}

/// How a file node does its I/O.
public enum NodeAIO: String, CaseIterable, Codable, Sendable {
  case threads, native
  case ioUring = "io_uring"
}

/// What happens to discarded ranges of the image.
public enum DiscardPolicy: String, CaseIterable, Codable, Sendable {
  case ignore, unmap
}

/// Whether other users may use the mount.
public enum AllowOther: String, CaseIterable, Codable, Sendable {
  case off, on, auto
}

/// The settings of one export, independent of the program that serves it.
public struct ExportSettings: Codable, Sendable, Equatable {
  /// What stands behind the export.
  public var node: NodeKind = .file
  /// Length of the node in bytes (a file node takes its image's own length).
  public var size: Int64 = 0
  /// Whether clients may write.
  public var writable = true
  /// Whether writes beyond the end extend the node; needs `writable`.
  public var growable = false
  /// Whether other users may use the mount.
  public var allowOther: AllowOther = .auto
  /// Whether the node bypasses the host's page cache.
  public var direct = false
  /// How a file node does its I/O.
  public var aio: NodeAIO = .threads
  /// What happens to discarded ranges of the image.
  public var discard: DiscardPolicy = .ignore
  /// Ring entries per queue; nil leaves it to the subject.
  public var depth: Int?
  /// Nanoseconds that a serving thread looks for work before it sleeps; nil leaves it to the subject.
  public var pollLimit: Int?
  /// Answers of the node that a serving thread passes on at a time; nil leaves it to the subject.
  public var batch: Int?
  /// Whether idle processors are kept awake while requests come; nil leaves it to the subject.
  public var keepAwake: Bool?
  /// Iothreads; nil is the mode's own number.
  public var threads: Int?

  /// A writable, fixed-size export of a file through the page cache.
  public init() {}
}
