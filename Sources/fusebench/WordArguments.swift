// The harness's words as words of the command line.

public import ArgumentParser
public import Harness

extension Mode: ExpressibleByArgument {}
extension CheckFormat: ExpressibleByArgument {}
