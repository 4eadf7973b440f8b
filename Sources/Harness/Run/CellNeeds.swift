// What a cell needs of subject and machine, and whether it is there: each lack is the reason for a skip.

internal import CProbe
internal import Glibc

extension CellRunner {
  /// The first thing that `cell` needs and that is not there, or nil.
  package static func missing(for cell: Cell) -> String? {
    ofSubject(cell) ?? ofMachine(cell.scenario.requires) ?? ofMode(cell.mode)
  }

  private static func ofSubject(_ cell: Cell) -> String? {
    let subject = cell.subject
    if !subject.modes.contains(cell.mode) {
      return "\(subject.name) does not serve \(cell.mode)"
        + (subject.lacks[cell.mode.rawValue].map { " (\($0))" } ?? "")
    }
    for capability in cell.scenario.requires.capabilities where !subject.capabilities.contains(capability) {
      return "\(subject.name) lacks \(capability)" + (subject.lacks[capability].map { " (\($0))" } ?? "")
    }
    return nil
  }

  private static func ofMachine(_ requires: Requirements) -> String? {
    for program in requires.programs where Programs.find(program) == nil { return "\(program) is not installed" }
    if requires.root {
      if geteuid() != 0 { return "needs root" }
      if !hasAllUsers(SystemFile.text("/proc/self/uid_map")) {
        return "needs root of the machine, and this is root of a user namespace"
      }
    }
    let online = sysconf(CInt(_SC_NPROCESSORS_ONLN))
    if online < requires.cpus { return "needs \(requires.cpus) CPUs, and \(online) is online" }
    for name in requires.fileSystems where !Machine.knows(fileSystem: name) {
      return "the kernel has no file system \(name)"
    }
    if requires.ioUring, let denial = ioUringDenial { return "its clients use io_uring, and \(denial)" }
    return nil
  }

  private static func ofMode(_ mode: Mode) -> String? {
    guard mode == .ioUring else { return nil }
    if EnableUring.state != true { return "the kernel's FUSE over io_uring is off (\(EnableUring.parameter))" }
    return ioUringDenial
  }

  /// Whether `map`, what /proc/self/uid_map says (user_namespaces(7)), has every user of the machine. A kernel without
  /// user namespaces has no such file, and no other root.
  static func hasAllUsers(_ map: String?) -> Bool {
    guard let map else { return true }
    return map.split(whereSeparator: \.isWhitespace).elementsEqual(["0", "0", "4294967295"])
  }

  /// Why no io_uring can be made by this process, as a reason; nil if one can. A container's filter denies it, or
  /// the machine's setting.
  package static var ioUringDenial: String? {
    let fault = probe_io_uring()
    return fault == 0 ? nil : "io_uring is denied here (\(ErrnoName.name(of: fault)))"
  }
}
