// The export as a program: `exportMain` runs one command line of qemu-storage-daemon words.
/// Runs an export with `words`, the command line behind `fusebench export`; the result is the exit status.
public func exportMain(_ words: [String]) -> Int32 { 2 }
