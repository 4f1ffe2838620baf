#include "winnow_kernels.h"
