// Where the modes of one scenario disagree: their transcripts, aligned line by line.

/// The transcripts of one scenario in several modes, line beside line.
package struct ModeComparison: Sendable, Equatable {
  /// One line of each mode; nil where a mode has none there.
  package struct Row: Sendable, Equatable {
    /// In the order of `modes`.
    package var cells: [ByteText?]
    /// Whether the modes say different things here.
    package var differs: Bool
  }

  /// The modes compared, in their usual order.
  package let modes: [Mode]
  /// All lines, first to last.
  package let rows: [Row]

  /// Aligns `transcripts`; nil if they are all equal, or fewer than two.
  package init?(_ transcripts: [(mode: Mode, text: ByteText)]) {
    guard let first = transcripts.first, transcripts.contains(where: { $0.text != first.text }) else {
      return nil
    }
    modes = transcripts.map(\.mode)
    let texts = transcripts.map { Self.lines($0.text) }
    // Lines that every mode has are the anchors; what stands between two anchors is laid side by side.
    let partners = texts.map { Self.partners(of: texts[0], in: $0) }
    var rows: [Row] = []
    var places = texts.map { _ in 0 }
    func layOut(upTo ends: [Int]) {
      let slices = texts.indices.map { texts[$0][places[$0]..<ends[$0]] }
      for index in 0..<(slices.map(\.count).max() ?? 0) {
        rows.append(Row(cells: slices.map { $0.dropFirst(index).first.map { ByteText($0) } }, differs: true))
      }
    }
    for line in texts[0].indices {
      let anchor = partners.compactMap { $0[line] }
      guard anchor.count == texts.count else { continue }
      layOut(upTo: anchor)
      rows.append(Row(cells: texts.map { _ in ByteText(texts[0][line]) }, differs: false))
      places = anchor.map { $0 + 1 }
    }
    layOut(upTo: texts.map(\.count))
    self.rows = rows
  }

  /// A comparison whose lines are known.
  package init(modes: [Mode], rows: [Row]) {
    self.modes = modes
    self.rows = rows
  }

  /// Compares those of `cells` (one scenario, one round) that were run to their end; nil if they agree.
  package init?(_ cells: [JudgedCell]) {
    let complete = cells.filter { $0.run.skip == nil && $0.run.isComplete }
    self.init(
      Mode.allCases.compactMap { mode in
        complete.first { $0.cell.mode == mode }.map { (mode, $0.run.transcript) }
      })
  }

  private static func lines(_ text: ByteText) -> [ArraySlice<UInt8>] {
    let lines = text.lines
    return lines.last?.isEmpty == true ? lines.dropLast() : lines
  }

  /// For each line of `old` its place in `new`, or nil if it has none there.
  private static func partners(of old: [ArraySlice<UInt8>], in new: [ArraySlice<UInt8>]) -> [Int?] {
    let changes = LineChanges(from: old, to: new)
    var kept = new.indices.filter { !changes.inserted[$0] }[...]
    return old.indices.map { changes.removed[$0] ? nil : kept.popFirst() }
  }
}
