// What a subject's program says of its version, for the record and for expected failures: what it can do is
// found out by trying.

extension Command {
  /// What it prints, errors left out; nil if it does not start, or does not end well and within `limit`.
  /// - Throws: `Interrupted`.
  func said(within limit: Duration) async throws -> ByteText? {
    var command = self
    command.errors = .memory
    do {
      let done = try await command.run(within: limit)
      return done.status.isSuccess ? done.outputBytes : nil
    } catch is StartError {
      return nil
    }
  }
}

extension Subject {
  /// This subject with the first line that its program prints for `--version`; without one if it has no such option.
  /// - Throws: `Interrupted`.
  package func knowingVersion() async throws -> Subject {
    var subject = self
    guard let program = executable() else { return subject }
    subject.version = try await said([program, "--version"])?.firstLine
    return subject
  }
}

extension Subject {
  /// This subject with what its programs say of their versions, if its expected failures may ask for that.
  /// - Throws: `Interrupted`.
  package func knowingVersionOfFailures() async throws -> Subject {
    guard knownFailures.contains(where: { !$0.versions.isEmpty }) else { return self }
    var subject = self
    subject.version = try await programIdentity().version
    return subject
  }

  /// The programs that the subject is about: its own, or those that its own, a shell, starts.
  private var programs: [String] {
    program.begins(with: "/") && !needs.isEmpty ? needs.map { Programs.find($0) ?? $0 } : [executable() ?? program]
  }

  /// What identifies what is run: the programs' paths, the first line that each prints for `--version`, and the SHA-256
  /// of each file, in hexadecimal digits, since two builds may say the same version. What cannot be had is nil, such as
  /// a digest behind a prefix that has no `sha256sum`.
  /// - Throws: `Interrupted`.
  package func programIdentity() async throws -> (path: String, version: String?, digest: String?) {
    var versions: [String] = []
    var digests: [String] = []
    for program in programs {
      if let version = try await said([program, "--version"])?.firstLine { versions.append(version) }
      // A name with a backslash in it makes sha256sum put one before the digits.
      let printed = try await said(["sha256sum", "--", program], within: .seconds(30))
      let digits = printed?.bytes.drop { $0 == UInt8(ascii: "\\") }.prefix(64)
      guard let digits, digits.count == 64, digits.allSatisfy("0123456789abcdef".utf8.contains) else { continue }
      digests.append(ByteText(digits).text)
    }
    let isWhole = digests.count == programs.count
    return (
      programs.joined(separator: ", "), versions.isEmpty ? nil : versions.joined(separator: ", "),
      isWhole ? digests.joined(separator: "+") : nil
    )
  }

  /// What `words` print where the subject's program is run; nil if they fail.
  private func said(_ words: [String], within limit: Duration = ToolVersions.limit) async throws -> ByteText? {
    let line = prefix + words
    return try await Command(line[0], Array(line.dropFirst())).said(within: limit)
  }
}
