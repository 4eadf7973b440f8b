// The variables that a scenario's commands have: a mistyped one would be empty, and the golden would say so for ever.

/// The variables of a scenario's commands.
package enum ShellVariables {
  /// What the harness gives each command (`CellRunner`), beside what a shell has of its own.
  package static let given: Set<String> = [
    "EXPORT", "EXPORT_WORD", "EXPORT_MOUNTINFO", "IMAGE", "IMAGE_WORD", "IMAGE_MOUNTINFO", "SCRATCH", "SCRATCH_WORD",
    "SCRATCH_MOUNTINFO", "PIDFILE", "FUSEBENCH", "MODE", "DAEMON", "TRANSPORT",
  ]

  /// What a shell has by itself, or from the caller.
  private static let usual: Set<String> = [
    "PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "PWD", "OLDPWD", "IFS", "PPID", "OPTIND", "OPTARG", "LINENO", "PS4",
    "LC_ALL", "TZ", "TERM", "LD_LIBRARY_PATH", "XDG_RUNTIME_DIR",
  ]

  /// The first variable in capitals that `line` uses, and that neither it nor any of `lines` sets; nil if there is
  /// none. A command's own variables in small letters are its own business.
  static func unknown(in line: String, beside lines: [String]) -> String? {
    used(in: Array(line.utf8)).first { name in
      !given.contains(name) && !usual.contains(name) && !lines.contains { sets(name, in: $0) }
    }
  }

  /// The names in capitals behind a `$` that a shell would expand.
  private static func used(in line: [UInt8]) -> [String] {
    var names: [String] = []
    var rest = line[...]
    var (isSingle, isDouble) = (false, false)
    // Whether the text around each open parenthesis is quoted: `"$(…)"` begins anew inside.
    var around: [Bool] = []
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "\\") where !isSingle: rest = rest.dropFirst()
      case UInt8(ascii: "'") where !isDouble: isSingle.toggle()
      case UInt8(ascii: "\"") where !isSingle: isDouble.toggle()
      case UInt8(ascii: "(") where !isSingle && !isDouble: around.append(false)
      case UInt8(ascii: ")") where !isSingle && !isDouble: isDouble = around.popLast() ?? false
      case UInt8(ascii: "$") where !isSingle:
        if rest.first == UInt8(ascii: "(") {
          rest = rest.dropFirst()
          around.append(isDouble)
          isDouble = false
          continue
        }
        if rest.first == UInt8(ascii: "{") { rest = rest.dropFirst() }
        let name = rest.prefix(while: isOfName)
        // `$N` of awk's kind has one letter more often than a variable has.
        if name.count > 1, name.first.map(isCapital) ?? false, name.allSatisfy({ !isSmall($0) }) {
          names.append(ByteText(name).text)
        }
      default: break
      }
    }
    return names
  }

  /// Whether `line` has `NAME=`, or `NAME` behind a word that sets it.
  private static func sets(_ name: String, in line: String) -> Bool {
    let bytes = Array(line.utf8)
    let wanted = Array(name.utf8)
    var start = 0
    while let place = bytes[start...].firstRange(of: wanted) {
      start = place.upperBound
      let isWhole = place.lowerBound == 0 || !isOfName(bytes[place.lowerBound - 1])
      guard isWhole, place.upperBound == bytes.count || !isOfName(bytes[place.upperBound]) else { continue }
      if place.upperBound < bytes.count, bytes[place.upperBound] == UInt8(ascii: "=") { return true }
      let before = bytes[..<place.lowerBound].reversed().drop { $0 == UInt8(ascii: " ") }
      let word = Array(before.prefix { isOfName($0) || $0 == UInt8(ascii: "-") }.reversed())
      if ["for", "read", "-r"].contains(where: { word.elementsEqual($0.utf8) }) { return true }
    }
    return false
  }

  private static func isOfName(_ byte: UInt8) -> Bool {
    isCapital(byte) || isSmall(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "_")
  }

  private static func isCapital(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }
  private static func isSmall(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }
}
