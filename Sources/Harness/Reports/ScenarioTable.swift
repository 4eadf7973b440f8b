// The table of `list`.

/// The scenarios as a table of contents.
package enum ScenarioTable {
  /// Name, tags and title, a line each.
  package static func text(_ scenarios: [Scenario]) -> String {
    let names = scenarios.map(\.name.count).max() ?? 0
    let tags = scenarios.map { ByteText.oneLine($0.tags.joined(separator: " ")) }
    let width = tags.map(\.count).max() ?? 0
    return zip(scenarios, tags).map { scenario, tags in
      "\(scenario.name.padded(to: names))  \(tags.padded(to: width))  \(ByteText.oneLine(scenario.title))\n"
    }.joined()
  }
}
