// Lets launch_loop.cu be compiled by g++ against the stand-in CUDA library, to try the bench itself without a GPU.
#include <cstdlib>
#define _Static_assert static_assert
extern "C" {
#include <cuda_runtime.h>
}
#undef _Static_assert
#define __global__
#define LAUNCH(kernel, stream) \
	check(cudaLaunchKernel(reinterpret_cast<const void *>(kernel), dim3{1, 1, 1}, dim3{32, 1, 1}, nullptr, 0, stream))

inline cudaError_t cudaMallocHost(void **pointer, size_t bytes) {
	*pointer = malloc(bytes);
	return cudaSuccess;
}
