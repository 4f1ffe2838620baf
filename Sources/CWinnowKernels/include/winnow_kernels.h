#ifndef WINNOW_KERNELS_H
#define WINNOW_KERNELS_H
#endif
