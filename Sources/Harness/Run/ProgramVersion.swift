// What a subject's program says of its version, for the record only: what it can do is found out by trying.

extension Subject {
  /// This subject with the first line that its program prints for `--version`; without one if it has no such option.
  /// - Throws: `Interrupted`.
  package func knowingVersion() async throws -> Subject {
    var subject = self
    guard let program = executable() else { return subject }
    let words = prefix + [program, "--version"]
    var command = Command(words[0], Array(words.dropFirst()))
    command.errors = .memory
    do {
      let done = try await command.run(within: .seconds(5))
      let line = done.outputBytes.firstLine
      subject.version = done.status.isSuccess ? line : nil
    } catch is StartError {
      subject.version = nil
    }
    return subject
  }
}
