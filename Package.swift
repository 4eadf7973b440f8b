// swift-tools-version: 6.1
// The package: two programs in one, and the harness never links the export (see docs/architecture.md).

import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

// Variants of the build, chosen by the environment of `swift build` (Tests/Sanitizers/run, Tests/Fuzz/run), each in a
// scratch folder of its own.
let environment = Context.environment
// ThreadSanitizer cannot see into Synchronization.Mutex (Sources/ExportUnderTest/Runtime/PthreadMutex.swift).
// FUSEBENCH_INVARIANTS=1 checks in the export what must hold between requests; CI runs its tests once so.
let variants: [SwiftSetting] =
  (environment["FUSEBENCH_TSAN"] == nil ? [] : [.define("PTHREAD_MUTEX")])
  + (environment["FUSEBENCH_INVARIANTS"] == "1" ? [.define("INVARIANTS")] : [])

// The export is optimised in debug builds too: `swift run fusebench` then measures the export rather than its
// checks. Only a release build optimises across files; results say which build they come from.
let optimised: [SwiftSetting] = strict + variants + [.unsafeFlags(["-O"], .when(configuration: .debug))]
let optimisedC: [CSetting] = [.unsafeFlags(["-O2"], .when(configuration: .debug))]

// A fuzzer's worth is its inputs per second.
let harness: [SwiftSetting] =
  strict + (environment["FUSEBENCH_FUZZ"] == nil ? [] : [.unsafeFlags(["-O"], .when(configuration: .debug))])

// `make dist` copies one program to other machines, which need not have liburing: it is linked in.
let liburing = environment["FUSEBENCH_STATIC"] == "1" ? ":liburing.a" : "uring"

let package = Package(
  name: "fusebench",
  products: [.executable(name: "fusebench", targets: ["fusebench"])],
  // Exact: figures depend on what made them, and Package.resolved is not kept.
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/onevcat/Rainbow", exact: "4.2.2"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
  ],
  targets: [
    .target(name: "CFuseKernel", cSettings: optimisedC),
    .target(name: "CLinux", cSettings: optimisedC),
    .target(name: "CProbe"),
    .target(name: "CLiburing", cSettings: optimisedC, linkerSettings: [.linkedLibrary(liburing)]),
    .target(name: "CLibFUSE", cSettings: optimisedC),
    .target(
      name: "ExportUnderTest",
      dependencies: ["CFuseKernel", "CLiburing", "CLibFUSE", "CLinux"],
      swiftSettings: optimised),
    .target(name: "Floor", dependencies: ["CFuseKernel", "CLiburing", "CLinux"], swiftSettings: optimised),
    // What leans on nothing of the harness is a module of its own: the compiler keeps it so.
    .target(name: "ImageClient", dependencies: ["CProbe"], path: "Sources/Harness/Image", swiftSettings: strict),
    .target(name: "HarnessStatistics", path: "Sources/Harness/Statistics", swiftSettings: harness),
    .target(
      name: "Harness",
      dependencies: [
        "HarnessStatistics",
        "CLinux", "CProbe", "Yams", "Rainbow",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "Mustache", package: "swift-mustache"),
      ],
      exclude: ["Image", "Statistics"],
      // In the program itself: a binary that is copied elsewhere still makes its pages.
      resources: [
        .embedInCode("Reports/Page/Files/page.css"), .embedInCode("Reports/Page/Files/matrix.css"),
        .embedInCode("Reports/Page/Files/matrix.html"), .embedInCode("Reports/Page/Files/matrix.js"),
        .embedInCode("Reports/Page/Files/bench.css"), .embedInCode("Reports/Page/Files/bench.html"),
        .embedInCode("Reports/Page/Files/bench.js"), .embedInCode("Reports/Page/Files/table.html"),
        .embedInCode("Reports/Page/Files/legend.html"),
      ],
      swiftSettings: harness),
    .executableTarget(
      name: "fusebench",
      dependencies: [
        "CLinux", "ExportUnderTest", "Floor", "Harness", "ImageClient",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
    .testTarget(name: "TidyTests", swiftSettings: strict),
    // What read, write and FUSE's commands answer where a test says so; linked into tests only.
    .target(name: "CKernelStandIn", path: "Tests/CKernelStandIn"),
    .testTarget(name: "ExportTests", dependencies: ["ExportUnderTest", "CKernelStandIn"], swiftSettings: strict),
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
    .testTarget(
      name: "HarnessTests", dependencies: ["Harness", "HarnessStatistics", "ImageClient", "TestSupport"],
      exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(
      name: "EndToEndTests", dependencies: ["Harness", "HarnessStatistics", "TestSupport"], exclude: ["Fixtures"],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)

// The fuzzers: a program with libFuzzer's main, which only `make fuzz` can link.
if environment["FUSEBENCH_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "fuzz", dependencies: ["ExportUnderTest", "Harness", "CLiburing", "CLinux"],
      path: "Tests/Fuzz/Sources",
      swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])]))
}

// The export alone, for builds with a sanitizer: nothing of the harness is compiled.
if environment["FUSEBENCH_EXPORT_ONLY"] != nil {
  let kept = ["CFuseKernel", "CLinux", "CLiburing", "CLibFUSE", "ExportUnderTest", "ExportTests", "CKernelStandIn"]
  package.dependencies = []
  package.products = []
  package.targets = package.targets.filter { kept.contains($0.name) }
  package.targets.append(
    .executableTarget(
      name: "fusebench", dependencies: ["ExportUnderTest"], path: "Tests/Mutants/package/Sources/fusebench",
      swiftSettings: strict))
  package.targets.append(.executableTarget(name: "planted", path: "Tests/Sanitizers/Planted", swiftSettings: strict))
}
