// What the first word may be: a slip of the finger is told with the command that was meant.

import ArgumentParser
import Harness

/// A first word that is no command.
struct UnknownCommandError: Error, CustomStringConvertible {
  let description: String
}

enum CommandSuggestion {
  /// Looks at the first of `words`. Nothing but a command or an option can stand there: the default command takes no
  /// names, and its usage would tell nothing about the slip.
  static func check(_ words: [String]) throws(UnknownCommandError) {
    guard let word = words.first, !word.hasPrefix("-") else { return }
    let commands = Fusebench.configuration.subcommands.map { $0.configuration }
    let names = commands.compactMap { $0.commandName } + ["help"]
    guard !names.contains(word) else { return }
    let shown = commands.filter { $0.shouldDisplay }.compactMap { $0.commandName }
    let way =
      TextFormat.nearest(to: word, of: shown).map { "did you mean '\($0)'?" }
      ?? "the commands are \(shown.joined(separator: ", "))"
    throw UnknownCommandError(description: "unknown command '\(word)'; \(way)")
  }
}
