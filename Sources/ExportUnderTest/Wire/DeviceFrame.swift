// How one request lies in the bytes that a read of /dev/fuse returned.

import CFuseKernel

/// The shape of a request read from a device fd: header, arguments and data in one piece.
enum DeviceFrame {
  /// Bytes in front of a WRITE's data: the header and its arguments. The buffer begins this far before a
  /// page boundary, so that the data lands on one.
  static let prefix = RequestHeader.size + MemoryLayout<fuse_write_in>.size

  /// Bytes of a reply's body that is copied to lie beside its header.
  static let shortBody = 128
  /// How far before the payload a reply with such a body begins: in the same page as the request, and before it.
  static let shortReply = 256

  /// Why nothing in a piece of bytes can be trusted.
  enum FrameError: Error, Equatable, CustomStringConvertible {
    case shortHeader(got: Int)
    case lengthMismatch(header: UInt32, got: Int)

    var description: String {
      switch self {
      case .shortHeader(let got):
        "a request of \(got) bytes is shorter than its header (\(RequestHeader.size) bytes)"
      case .lengthMismatch(let header, let got):
        "a request of \(got) bytes says that it has \(header)"
      }
    }
  }

  /// The request in `bytes`.
  /// - Throws: a `FrameError` after which the channel must not be trusted any more.
  static func parse(_ bytes: UnsafeRawBufferPointer) throws(FrameError) -> RequestView {
    guard bytes.count >= RequestHeader.size else { throw .shortHeader(got: bytes.count) }
    let base = bytes.baseAddress!
    let header = RequestHeader(at: base)
    guard Int(header.length) == bytes.count else {
      throw .lengthMismatch(header: header.length, got: bytes.count)
    }
    let rest = bytes.count - RequestHeader.size
    return RequestView(
      header: header, arguments: base + RequestHeader.size, argumentsLength: rest,
      payloadLength: max(0, bytes.count - prefix))
  }
}
