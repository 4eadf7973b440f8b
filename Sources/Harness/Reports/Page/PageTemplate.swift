// Pages are templates: files of their own, compiled into the program, filled and escaped by the template engine.

internal import Mustache

/// The templates of pages, by name, with all that they include.
enum PageTemplate {
  /// How a page's text is escaped. The engine's own way goes by Characters, and a quotation mark before a combining
  /// mark is none of those that it knows.
  private struct Escaping: MustacheContentType {
    func escapeText(_ text: String) -> String { XMLText.page(text) }
  }

  private static let library: MustacheLibrary = {
    MustacheContentTypes.register(Escaping(), named: "PAGE")
    let files = [
      "matrix": PackageResources.matrix_html, "bench": PackageResources.bench_html,
      "table": PackageResources.table_html, "legend": PackageResources.legend_html,
    ]
    return MustacheLibrary(templates: files.mapValues(template))
  }()

  /// A template that is part of this program parses, or a test has failed. A partial begins anew with the engine's own
  /// escaping, so that each file is told.
  private static func template(_ bytes: [UInt8]) -> MustacheTemplate {
    do {
      return try MustacheTemplate(string: "{{% CONTENT_TYPE:PAGE}}" + text(bytes))
    } catch {
      preconditionFailure("a template of this program: \(error)")
    }
  }

  /// The template `name`, filled with the properties of `values`, by their names.
  static func page(_ name: String, _ values: Any) -> String {
    guard let page = library.render(values, withTemplate: name) else { preconditionFailure("no template \(name)") }
    return page
  }

  /// A file of this program as text.
  static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
