/* SPDX-License-Identifier: Apache-2.0 */
/* Each function of the driver that is probed, in all its variants. */
#include <string.h>

#include "target.h"

static char host[64];

static void nothing(void *data)
{
	(void)data;
}

static void every_launch(CUstream stream)
{
	CUlaunchConfig config = { 2, 3, 4, 5, 6, 7, 128, stream, NULL, 0 };

	MUST(CALL(cuLaunchKernel)(KERNEL(1), 3, 4, 5, 6, 7, 8, 64, stream, NULL, NULL));
	MUST(CALL(cuLaunchKernel_ptsz)(KERNEL(2), 4, 5, 6, 7, 8, 9, 65, stream, NULL, NULL));
	MUST(CALL(cuLaunchKernelEx)(&config, KERNEL(3), NULL, NULL));
	config.gridDimX = 1 << 20;
	MUST(CALL(cuLaunchKernelEx_ptsz)(&config, KERNEL(4), NULL, NULL));
	MUST(CALL(cuLaunchCooperativeKernel)(KERNEL(5), 5, 6, 7, 8, 9, 10, 66, stream, NULL));
	MUST(CALL(cuLaunchCooperativeKernel_ptsz)(KERNEL(6), 6, 7, 8, 9, 10, 11, 67, stream, NULL));
	MUST(CALL(cuGraphLaunch)((CUgraphExec)0x2001, stream));
	MUST(CALL(cuGraphLaunch_ptsz)((CUgraphExec)0x2002, stream));
	MUST(CALL(cuLaunchHostFunc)(stream, nothing, (void *)0x3001));
	MUST(CALL(cuLaunchHostFunc_ptsz)(stream, nothing, (void *)0x3002));
}

static void every_copy(CUstream stream)
{
	MUST(CALL(cuMemcpyHtoD_v2)(0x7f1000000001, host, 101));
	MUST(CALL(cuMemcpyHtoD_v2_ptds)(0x7f1000000002, host, 102));
	MUST(CALL(cuMemcpyAsync)(0x7f1000000003, DEVICE_ADDRESS, 103, stream));
	MUST(CALL(cuMemcpyAsync_ptsz)(0x7f1000000004, DEVICE_ADDRESS, 104, stream));
	MUST(CALL(cuMemcpyHtoDAsync_v2)(0x7f1000000005, host, 105, stream));
	MUST(CALL(cuMemcpyHtoDAsync_v2_ptsz)(0x7f1000000006, host, 106, stream));
	MUST(CALL(cuMemcpyDtoDAsync_v2)(0x7f1000000007, DEVICE_ADDRESS, 107, stream));
	MUST(CALL(cuMemcpyDtoDAsync_v2_ptsz)(0x7f1000000008, DEVICE_ADDRESS, ((size_t)3 << 32) + 108, stream));
	MUST(CALL(cuMemcpyDtoD_v2)(0x7f100000000b, DEVICE_ADDRESS, 115));
	MUST(CALL(cuMemcpyDtoD_v2_ptds)(0x7f100000000c, DEVICE_ADDRESS, 116));
	MUST(CALL(cuMemcpy)(0x7f100000000d, DEVICE_ADDRESS, 117));
	MUST(CALL(cuMemcpy_ptds)(0x7f100000000e, DEVICE_ADDRESS, 118));
	MUST(CALL(cuMemcpyDtoHAsync_v2)(host, DEVICE_ADDRESS, 111, stream));
	MUST(CALL(cuMemcpyDtoHAsync_v2_ptsz)(host + 1, DEVICE_ADDRESS, 112, stream));
	MUST(CALL(cuMemcpyDtoH_v2)(host + 2, DEVICE_ADDRESS, 113));
	MUST(CALL(cuMemcpyDtoH_v2_ptds)(host + 3, DEVICE_ADDRESS, 114));
}

static void every_copy_between_peers(CUstream stream)
{
	const CUcontext one = (CUcontext)0x6001, other = (CUcontext)0x6002;

	MUST(CALL(cuMemcpyPeer)(0x7f1000000011, one, DEVICE_ADDRESS, other, 201));
	MUST(CALL(cuMemcpyPeer_ptds)(0x7f1000000012, one, DEVICE_ADDRESS, other, 202));
	/* The stand-in's function skips its push for a source context of 0. */
	MUST(CALL(cuMemcpyPeer_ptds)(0x7f1000000013, one, DEVICE_ADDRESS, NULL, 203));
	MUST(CALL(cuMemcpyPeerAsync)(0x7f1000000014, one, DEVICE_ADDRESS, other, 204, stream));
	MUST(CALL(cuMemcpyPeerAsync_ptsz)(0x7f1000000015, one, DEVICE_ADDRESS, other, ((size_t)5 << 32) + 205, stream));
}

/* Each has work of its own behind it, so that one to the host ends a step. */
#define COPY(name, ...)                          \
	do {                                     \
		launch_on(stream, 0);            \
		MUST(CALL(name)(__VA_ARGS__));   \
	} while (0)

static void every_described_copy(CUstream stream, CUmemorytype from, CUmemorytype to)
{
	const CUarray array = (CUarray)0x5001;
	CUDA_MEMCPY2D flat = {
		.srcMemoryType = from, .srcHost = host, .srcDevice = DEVICE_ADDRESS, .srcArray = array,
		.dstMemoryType = to, .dstHost = host, .dstDevice = DEVICE_ADDRESS, .dstArray = array,
		.WidthInBytes = 300, .Height = 7,
	};
	CUDA_MEMCPY3D deep = {
		.srcMemoryType = from, .srcHost = host, .srcDevice = DEVICE_ADDRESS, .srcArray = array,
		.dstMemoryType = to, .dstHost = host, .dstDevice = DEVICE_ADDRESS, .dstArray = array,
		.WidthInBytes = 400, .Height = 11, .Depth = 13,
	};

	COPY(cuMemcpy2D_v2, &flat);
	flat.WidthInBytes++;
	COPY(cuMemcpy2D_v2_ptds, &flat);
	flat.WidthInBytes++;
	COPY(cuMemcpy2DUnaligned_v2, &flat);
	flat.WidthInBytes++;
	COPY(cuMemcpy2DUnaligned_v2_ptds, &flat);
	flat.WidthInBytes = (size_t)1 << 33;
	COPY(cuMemcpy2DAsync_v2, &flat, stream);
	flat.Height++;
	COPY(cuMemcpy2DAsync_v2_ptsz, &flat, stream);
	COPY(cuMemcpy3D_v2, &deep);
	deep.Depth++;
	COPY(cuMemcpy3D_v2_ptds, &deep);
	deep.Depth++;
	COPY(cuMemcpy3DAsync_v2, &deep, stream);
	deep.Depth++;
	COPY(cuMemcpy3DAsync_v2_ptsz, &deep, stream);
}

static void every_memset(CUstream stream)
{
	MUST(CALL(cuMemsetD8_v2)(0x7f1000000021, 1, 301));
	MUST(CALL(cuMemsetD8_v2_ptds)(0x7f1000000022, 1, 302));
	MUST(CALL(cuMemsetD8Async)(0x7f1000000023, 1, 303, stream));
	MUST(CALL(cuMemsetD8Async_ptsz)(0x7f1000000024, 1, 304, stream));
	MUST(CALL(cuMemsetD16Async)(0x7f1000000026, 1, 305, stream));
	MUST(CALL(cuMemsetD16Async_ptsz)(0x7f1000000028, 1, 306, stream));
	MUST(CALL(cuMemsetD32Async)(0x7f100000002c, 1, 307, stream));
	MUST(CALL(cuMemsetD32Async_ptsz)(0x7f1000000030, 1, 308, stream));
}

static void every_wait(CUstream stream)
{
	CUevent event;

	MUST(CALL(cuEventCreate)(&event, 0));
	MUST(CALL(cuEventRecord)(event, stream));
	MUST(CALL(cuEventRecord_ptsz)(event, stream));
	/* As a compiler may: the upper half of the register that flags come in is not theirs. */
	MUST(((CUresult(*)(CUevent, CUstream, uint64_t))find(DRIVER, "cuEventRecordWithFlags"))(event, stream,
												0x5aULL << 32 | 1));
	MUST(CALL(cuEventRecordWithFlags_ptsz)(event, stream, 1));
	MUST(CALL(cuStreamWaitEvent)(stream, event, 1));
	MUST(CALL(cuStreamWaitEvent_ptsz)(stream, event, 1));
	MUST(CALL(cuStreamSynchronize)(stream));
	MUST(CALL(cuStreamSynchronize_ptsz)(stream));
	MUST(CALL(cuEventSynchronize)(event));
	MUST(CALL(cuCtxSynchronize)());
	MUST(CALL(cuCtxSynchronize_v2)((CUcontext)0x6001));
	MUST(CALL(cuStreamQuery)(stream));
	MUST(CALL(cuStreamQuery_ptsz)(stream));
	MUST(CALL(cuEventQuery)(event));
	MUST(CALL(cuEventDestroy_v2)(event));
}

/* The legacy default stream refuses a capture, and its end. */
static void every_capture(CUstream stream)
{
	CUDA_GRAPH_INSTANTIATE_PARAMS params = { 0 };
	CUgraph made, captured;
	CUgraphExec exec;

	MUST(CALL(cuGraphCreate)(&made, 0));
	CALL(cuStreamBeginCapture_v2)(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
	CALL(cuStreamEndCapture)(stream, &captured);
	CALL(cuStreamBeginCapture_v2_ptsz)(stream, CU_STREAM_CAPTURE_MODE_RELAXED);
	CALL(cuStreamEndCapture_ptsz)(stream, &captured);
	CALL(cuStreamBeginCaptureToGraph)(stream, made, NULL, NULL, 0, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
	CALL(cuStreamEndCapture)(stream, &captured);
	CALL(cuStreamBeginCaptureToGraph_ptsz)(stream, made, NULL, NULL, 0, CU_STREAM_CAPTURE_MODE_GLOBAL);
	CALL(cuStreamEndCapture_ptsz)(stream, &captured);
	MUST(CALL(cuGraphInstantiateWithFlags)(&exec, made, 8));
	MUST(CALL(cuGraphExecDestroy)(exec));
	MUST(CALL(cuGraphInstantiateWithParams)(&exec, made, &params));
	MUST(CALL(cuGraphExecDestroy)(exec));
	MUST(CALL(cuGraphInstantiateWithParams_ptsz)(&exec, made, &params));
	MUST(CALL(cuGraphExecDestroy)(exec));
	MUST(CALL(cuGraphDestroy)(made));
	MUST_NOT(CALL(cuGraphInstantiateWithFlags)(&exec, made, 0));
}

#define POOL ((CUmemoryPool)0x4001)

static void every_allocation(CUstream stream)
{
	CUmemGenericAllocationHandle handle, no_handle = 0;
	CUdeviceptr plain, never = 0, async, async_per_thread, pool, pool_per_thread, managed;

	MUST(CALL(cuMemAlloc_v2)(&plain, 4096));
	MUST_NOT(CALL(cuMemAlloc_v2)(&never, 0));
	MUST(CALL(cuMemAllocManaged)(&managed, 4095, 1));
	MUST(CALL(cuMemAllocAsync)(&async, 4097, stream));
	MUST(CALL(cuMemAllocAsync_ptsz)(&async_per_thread, 4098, stream));
	MUST_NOT(CALL(cuMemAllocAsync)(&never, (size_t)81 << 30, stream));
	MUST(CALL(cuMemAllocFromPoolAsync)(&pool, 4099, POOL, stream));
	MUST(CALL(cuMemAllocFromPoolAsync_ptsz)(&pool_per_thread, 4100, POOL, stream));
	MUST(CALL(cuMemCreate)(&handle, PAGE, NULL, 0));
	MUST_NOT(CALL(cuMemCreate)(&no_handle, 1, NULL, 0));
	MUST(CALL(cuMemMap)(0x7f3000000000, PAGE, 0, handle, 0));
	MUST_NOT(CALL(cuMemMap)(0x7f3000400000, PAGE, 0, 0, 0));
	MUST(CALL(cuMemUnmap)(0x7f3000000000, PAGE));
	MUST(CALL(cuMemFree_v2)(plain));
	MUST(CALL(cuMemFreeAsync)(async, stream));
	MUST(CALL(cuMemFreeAsync_ptsz)(pool_per_thread, stream));
}

/* every: each probed function once on a stream of its own, then once on each default stream's name */
void every(const char *unused)
{
	const CUstream streams[] = { new_stream(), NULL, CU_STREAM_LEGACY, CU_STREAM_PER_THREAD };

	(void)unused;
	for (size_t i = 0; i < LENGTH(streams); i++) {
		every_launch(streams[i]);
		every_copy(streams[i]);
		every_copy_between_peers(streams[i]);
		every_described_copy(streams[i], CU_MEMORYTYPE_HOST, CU_MEMORYTYPE_DEVICE);
		every_memset(streams[i]);
		every_wait(streams[i]);
		every_capture(streams[i]);
	}
	every_allocation(streams[0]);
	puts("ok");
}

/* copies: every function whose copy a structure describes, between all types of memory; then one without a structure */
void copies(const char *unused)
{
	const CUstream stream = new_stream();

	(void)unused;
	for (CUmemorytype from = CU_MEMORYTYPE_HOST; from <= CU_MEMORYTYPE_UNIFIED; from++)
		for (CUmemorytype to = CU_MEMORYTYPE_HOST; to <= CU_MEMORYTYPE_UNIFIED; to++)
			every_described_copy(stream, from, to);
	MUST_NOT(CALL(cuMemcpy3D_v2)(NULL));
	launch_on(stream, 0);
	read_back(stream, sizeof host);
	MUST(CALL(cuStreamSynchronize)(stream));
	puts("ok");
}
