// What the commands of a step know of their cell's places, spelled for each reader of a path.

import Glibc

/// The places of one cell, and how they are spelled.
///
/// A path may hold blanks, quotes, commas and line ends. A shell's variable holds it as it is; a list of options
/// (`--blockdev driver=file,filename=…`) wants commas doubled, and the kernel's table of mounts writes blanks, tabs,
/// line ends and backslashes as octal numbers.
struct StepVariables {
  /// The file that shows the export.
  let export: String
  /// The image.
  let image: String
  /// The folder of the steps.
  let scratch: String
  /// The folder around them.
  let work: String

  private var named: [(name: String, path: String)] { [("EXPORT", export), ("IMAGE", image), ("SCRATCH", scratch)] }

  /// The variables: each place as it is, as a word in a list of options (`_WORD`), and as mountinfo has it
  /// (`_MOUNTINFO`).
  var environment: [String: String] {
    var result: [String: String] = [:]
    for (name, path) in named {
      result[name] = path
      result[name + "_WORD"] = Self.optionWord(path)
      result[name + "_MOUNTINFO"] = Self.mountInfo(path)
    }
    return result
  }

  /// What in a transcript stands for each place, the innermost first: the path itself and the kernel's spelling.
  var hidden: [(path: String, name: String)] {
    (named + [("WORK", work)]).flatMap { name, path in
      let listed = Self.mountInfo(path)
      return listed == path ? [(path, "$\(name)")] : [(path, "$\(name)"), (listed, "$\(name)")]
    }
  }

  /// `path` as a value in a comma-separated list of options: QEMU's and our own readers take two commas for one.
  static func optionWord(_ path: String) -> String { path.doubling(",") }

  /// `path` as /proc/self/mountinfo has it.
  static func mountInfo(_ path: String) -> String { ByteText(MountTable.escaped(Array(path.utf8))).text }

  /// Why scenarios with commands cannot run below `path`, or nil. Colons separate folders of PATH and files of fio; the
  /// others are patterns to find(1).
  static func reasonAgainst(_ path: String) -> String? {
    guard let found = path.unicodeScalars.first(where: { ":*?[\\".unicodeScalars.contains($0) }) else { return nil }
    return "the work folder's path holds '\(found)', which fio or find take for more than a letter; set TMPDIR"
  }

  /// The first folder on the way to `path` that users other than its owner and group cannot enter, as a reason for a
  /// skip; nil if there is none.
  static func reasonOthersCannotEnter(_ path: String) -> String? {
    var folder = path
    while !folder.isEmpty {
      var status = stat()
      if stat(folder, &status) == 0, status.st_mode & S_IXOTH == 0 {
        let mode = String(status.st_mode & 0o7777, radix: 8)
        return "needs another user, who cannot enter \(folder) (mode \(mode)); set TMPDIR to another folder"
      }
      folder = folder.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(folder[..<$0]) } ?? ""
    }
    return nil
  }
}
