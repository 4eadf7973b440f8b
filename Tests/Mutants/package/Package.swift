// swift-tools-version: 6.1
// The export alone, without the harness: what a mutant needs, and no more to compile than that.

import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
  name: "mutant",
  targets: [
    .target(name: "CFuseKernel"),
    .target(name: "CLinux"),
    .target(name: "CLiburing", linkerSettings: [.linkedLibrary("uring")]),
    .target(name: "CLibFUSE"),
    .target(
      name: "ExportUnderTest",
      dependencies: ["CFuseKernel", "CLiburing", "CLibFUSE", "CLinux"],
      swiftSettings: strict + [.unsafeFlags(["-O"])]),
    .executableTarget(name: "fusebench", dependencies: ["ExportUnderTest"], swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
