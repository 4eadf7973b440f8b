// Compiles the header's size checks.
#include "CFuseKernel.h"
