/* SPDX-License-Identifier: Apache-2.0 */
/* Each function of the runtime that is probed, in all its variants. */
#include "cuda_runtime.h"
#include "target.h"

#define RT(name) CALL_IN(RUNTIME, name)
#define FUNCTION(n) ((const void *)KERNEL(n))
#define POINTER(n) ((void *)(uintptr_t)(0x7f1000000000 + (n)))

static char host[4096];

static void nothing(void *data)
{
	(void)data;
}

static void every_launch(cudaStream_t stream)
{
	const cudaLaunchConfig_t config = { { 2, 3, 4 }, { 5, 6, 7 }, 128, stream, NULL, 0 };

	MUST(RT(cudaLaunchKernel)(FUNCTION(1), (dim3){ 3, 4, 5 }, (dim3){ 6, 7, 8 }, NULL, 64, stream));
	MUST(RT(cudaLaunchKernel_ptsz)(FUNCTION(2), (dim3){ 4, 5, 6 }, (dim3){ 1, 2, 9 }, NULL, 65, stream));
	MUST(RT(cudaLaunchCooperativeKernel)(FUNCTION(3), (dim3){ 5, 6, 7 }, (dim3){ 32, 32, 1 }, NULL, 66, stream));
	MUST(RT(cudaLaunchCooperativeKernel_ptsz)(FUNCTION(4), (dim3){ 1 << 20, 7, 8 }, (dim3){ 1, 1, 64 }, NULL, 67,
						  stream));
	MUST(RT(cudaLaunchKernelExC)(&config, FUNCTION(5), NULL));
	MUST(RT(cudaLaunchKernelExC_ptsz)(&config, FUNCTION(6), NULL));
	MUST(RT(cudaLaunchHostFunc)(stream, nothing, (void *)0x3001));
	MUST(RT(cudaLaunchHostFunc_ptsz)(stream, nothing, (void *)0x3002));
}

static void every_copy(cudaStream_t stream)
{
	for (int kind = cudaMemcpyHostToHost; kind <= cudaMemcpyDefault; kind++) {
		MUST(RT(cudaMemcpy)(POINTER(1), host, 101, kind));
		MUST(RT(cudaMemcpy_ptds)(POINTER(2), host, 102, kind));
		MUST(RT(cudaMemcpyAsync)(POINTER(3), host, 103, kind, stream));
		MUST(RT(cudaMemcpyAsync_ptsz)(POINTER(4), host, ((size_t)3 << 32) + 104, kind, stream));
		MUST(RT(cudaMemcpy2D)(POINTER(5), 64, host, 64, 33, 7, kind));
		MUST(RT(cudaMemcpy2D_ptds)(POINTER(6), 64, host, 64, 34, 8, kind));
		MUST(RT(cudaMemcpy2DAsync)(POINTER(7), (size_t)1 << 34, host, (size_t)1 << 34, (size_t)1 << 33, 9, kind,
					   stream));
		MUST(RT(cudaMemcpy2DAsync_ptsz)(POINTER(8), 64, host, 64, 36, 10, kind, stream));
	}
	/* Rows that overlap, and no direction at all: refused before the driver hears of it. */
	MUST_NOT(RT(cudaMemcpy2D)(POINTER(5), 16, host, 64, 33, 7, cudaMemcpyHostToDevice));
	MUST_NOT(RT(cudaMemcpyAsync)(POINTER(3), host, 103, 9, stream));
	MUST(RT(cudaMemcpyPeer)(POINTER(9), 1, POINTER(10), 2, 201));
	MUST(RT(cudaMemcpyPeerAsync)(POINTER(9), 1, POINTER(10), 2, 202, stream));
}

static void every_wait(cudaStream_t stream)
{
	cudaEvent_t event;

	MUST(RT(cudaEventCreate)(&event));
	MUST(RT(cudaEventRecord)(event, stream));
	MUST(RT(cudaEventRecord_ptsz)(event, stream));
	MUST(RT(cudaEventRecordWithFlags)(event, stream, 1));
	MUST(RT(cudaEventRecordWithFlags_ptsz)(event, stream, 1));
	MUST(RT(cudaStreamWaitEvent)(stream, event, 0));
	MUST(RT(cudaStreamWaitEvent_ptsz)(stream, event, 0));
	MUST(RT(cudaStreamSynchronize)(stream));
	MUST(RT(cudaStreamSynchronize_ptsz)(stream));
	MUST(RT(cudaEventSynchronize)(event));
	MUST(RT(cudaDeviceSynchronize)());
	MUST(RT(cudaStreamQuery)(stream));
	MUST(RT(cudaStreamQuery_ptsz)(stream));
	MUST(RT(cudaEventQuery)(event));
	MUST(RT(cudaEventDestroy)(event));
	MUST_NOT(RT(cudaStreamSynchronize)((cudaStream_t)BAD_HANDLE));
	MUST_NOT(RT(cudaEventSynchronize)((cudaEvent_t)BAD_HANDLE));
}

/* The legacy default stream refuses a capture. */
static void every_graph(cudaStream_t stream)
{
	cudaGraphInstantiateParams params = { 0 };
	cudaGraphExec_t exec, other;
	cudaGraph_t graph, captured;

	RT(cudaStreamBeginCapture_ptsz)(CU_STREAM_PER_THREAD, cudaStreamCaptureModeRelaxed);
	MUST(RT(cudaStreamEndCapture_ptsz)(CU_STREAM_PER_THREAD, &graph));
	RT(cudaStreamBeginCapture)(stream, cudaStreamCaptureModeThreadLocal);
	RT(cudaStreamEndCapture)(stream, &captured);
	RT(cudaStreamBeginCaptureToGraph)(stream, graph, NULL, NULL, 0, cudaStreamCaptureModeGlobal);
	RT(cudaStreamEndCapture)(stream, &captured);
	RT(cudaStreamBeginCaptureToGraph_ptsz)(stream, graph, NULL, NULL, 0, cudaStreamCaptureModeThreadLocal);
	RT(cudaStreamEndCapture_ptsz)(stream, &captured);
	MUST(RT(cudaGraphInstantiate)(&exec, graph, 0));
	MUST(RT(cudaGraphInstantiateWithFlags)(&exec, graph, 8));
	MUST(RT(cudaGraphInstantiateWithParams)(&exec, graph, &params));
	MUST(RT(cudaGraphInstantiateWithParams_ptsz)(&exec, graph, &params));
	MUST_NOT(RT(cudaGraphInstantiate)(&other, (cudaGraph_t)BAD_HANDLE, 0));
	MUST(RT(cudaGraphLaunch)(exec, stream));
	MUST(RT(cudaGraphLaunch_ptsz)(exec, stream));
	MUST(RT(cudaGraphExecDestroy)(exec));
	MUST(RT(cudaGraphDestroy)(graph));
}

#define POOL ((cudaMemPool_t)0x4001)

static void every_allocation(cudaStream_t stream)
{
	void *plain, *managed, *async, *per_thread, *pooled, *pooled_per_thread, *never;

	MUST(RT(cudaMalloc)(&plain, 4096));
	MUST_NOT(RT(cudaMalloc)(&never, 0));
	MUST(RT(cudaMallocManaged)(&managed, 4095, 1));
	MUST(RT(cudaMallocAsync)(&async, 4097, stream));
	MUST_NOT(RT(cudaMallocAsync)(&never, (size_t)81 << 30, stream));
	MUST(RT(cudaMallocAsync_ptsz)(&per_thread, 4098, stream));
	MUST(RT(cudaMallocFromPoolAsync)(&pooled, 4099, POOL, stream));
	MUST(RT(cudaMallocFromPoolAsync_ptsz)(&pooled_per_thread, 4100, POOL, stream));
	MUST(RT(cudaFree)(plain));
	MUST_NOT(RT(cudaFree)((void *)BAD_HANDLE));
	MUST(RT(cudaFree)(NULL));
	MUST(RT(cudaFreeAsync)(async, stream));
	MUST(RT(cudaFreeAsync_ptsz)(per_thread, stream));
}

/* every-runtime: each probed function of the runtime once on a stream of its own, then once on each default stream's name */
void every_runtime(const char *unused)
{
	cudaStream_t streams[] = { NULL, NULL, CU_STREAM_LEGACY, CU_STREAM_PER_THREAD };

	(void)unused;
	MUST(RT(cudaStreamCreate)(&streams[0]));
	for (size_t i = 0; i < LENGTH(streams); i++) {
		every_launch(streams[i]);
		every_copy(streams[i]);
		every_wait(streams[i]);
		every_graph(streams[i]);
		every_allocation(streams[i]);
	}
	puts("ok");
}

/* stubs N: N launches by each of the functions that nvcc 13 compiles a launch to */
void stubs(const char *count)
{
	for (long i = 0; i < atol(count); i++) {
		MUST(RT(__cudaLaunchKernel)((cudaKernel_t)FUNCTION(i), (dim3){ 1, 2, 3 }, (dim3){ 4, 5, 6 }, NULL, 0, NULL));
		MUST(RT(__cudaLaunchKernel_ptsz)((cudaKernel_t)FUNCTION(i), (dim3){ 2, 2, 3 }, (dim3){ 4, 5, 7 }, NULL, 0,
						 NULL));
	}
	puts("ok");
}
