// The modes as words of the command line.

public import ArgumentParser
public import Harness

extension Mode: ExpressibleByArgument {}
