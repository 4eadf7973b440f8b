// Which folders are taken without having been named: none that another user can put files into.

internal import Glibc

/// The trust in folders that are found by looking for them.
///
/// Scenarios and subjects name commands, and a harness that root runs would run them as root.
enum TrustedFolder {
  /// Why the folder `path` is not taken unasked: it, a folder above it or a file in one of its `parts` belongs to
  /// another user or can be written to by others. Nil if nothing speaks against it.
  static func objection(to path: String, parts: [String]) -> String? {
    guard let real = realpath(path, nil) else { return "it cannot be looked at" }
    defer { free(real) }
    let folder = ByteText((0..<strlen(real)).map { UInt8(bitPattern: real[$0]) })
    guard let place = String(validating: folder.bytes, as: UTF8.self) else { return "its path is no text" }
    if let why = objection(toEntry: place, isAbove: false) { return why }
    var above = place[...]
    while let slash = above.utf8.lastIndex(of: UInt8(ascii: "/")), above != "/" {
      above = slash == above.startIndex ? "/" : above[..<slash]
      if let why = objection(toEntry: String(above), isAbove: true) { return "\(above): \(why)" }
      if above == "/" { break }
    }
    for part in [""] + parts {
      let folder = part.isEmpty ? place : "\(place)/\(part)"
      if !part.isEmpty, InputFile.exists(folder), let why = objection(toEntry: folder, isAbove: false) {
        return "\(folder): \(why)"
      }
      for name in SystemFile.names(folder) where name.ends(with: ".yaml") || name.ends(with: ".out") {
        if let why = objection(toEntry: "\(folder)/\(name)", isAbove: false) { return "\(folder)/\(name): \(why)" }
      }
    }
    return nil
  }

  /// Why the file or folder at `path` is another's: in words that follow its path. A folder above may let others write
  /// where its sticky bit keeps them from what is not theirs.
  private static func objection(toEntry path: String, isAbove: Bool) -> String? {
    var status = stat()
    guard lstat(path, &status) == 0 else { return "it cannot be looked at" }
    guard FileOwner.isTrusted(status.st_uid) else { return "it belongs to uid \(status.st_uid)" }
    // Of a link only the owner counts; what it leads to is looked at in its place.
    if status.st_mode & S_IFMT == S_IFLNK {
      var target = stat()
      guard stat(path, &target) == 0 else { return "it is a link that leads nowhere" }
      guard FileOwner.isTrusted(target.st_uid) else { return "it leads to what belongs to uid \(target.st_uid)" }
      status = target
    }
    let isSticky = isAbove && status.st_mode & S_ISVTX != 0
    if status.st_mode & S_IWOTH != 0, !isSticky { return "others can write to it" }
    if status.st_mode & S_IWGRP != 0, status.st_gid != getegid(), !isSticky {
      return "its group \(status.st_gid) can write to it"
    }
    return nil
  }
}
