// What must be known beside single figures: notes of rows and cells, those that say the same in one line.

extension RunText {
  /// The notes of the rows and cells of `run`, each once, with the first place that it is about.
  static func notes(_ run: StoredRun) -> [String] {
    let ofRows = run.ownRows.flatMap { row in row.notes.map { (note: $0, place: row.title) } }
    let ofCells = run.cells.flatMap { cell in
      cell.notes.map { (note: $0, place: "\(cell.title), \(cell.column)") }
    }
    var groups: [(note: String, places: [String])] = []
    for (note, place) in ofRows + ofCells {
      if let known = groups.firstIndex(where: { $0.note == note }) {
        groups[known].places.append(place)
      } else {
        groups.append((note, [place]))
      }
    }
    return groups.map { note, places in
      let more = places.count > 1 ? " and \(places.count - 1) more" : ""
      return "note: \(note) (\(places[0])\(more))"
    }
  }
}
