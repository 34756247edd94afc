/* SPDX-License-Identifier: Apache-2.0 */
/* Streams whose work is captured into graphs, on its own and beside work that is executed. */
#include "target.h"

static CUevent new_event(void)
{
	CUevent event;

	MUST(CALL(cuEventCreate)(&event, 0));
	return event;
}

/* `to` waits for what is on `from` now. */
static void join(CUstream from, CUstream to)
{
	const CUevent event = new_event();

	MUST(CALL(cuEventRecord)(event, from));
	MUST(CALL(cuStreamWaitEvent)(to, event, 0));
	MUST(CALL(cuEventDestroy_v2)(event));
}

/* What a captured step does: copies in, launches, copies back. */
static void enqueue_step(CUstream stream, long kernel)
{
	static char host[64];

	MUST(CALL(cuMemcpyHtoDAsync_v2)(DEVICE_ADDRESS, host, 11, stream));
	launch_on(stream, kernel);
	MUST(CALL(cuMemsetD8Async)(DEVICE_ADDRESS, 0, 12, stream));
	read_back(stream, 13);
}

static void run_step(CUstream stream, long launches)
{
	for (long i = 0; i < launches; i++)
		launch_on(stream, i);
	read_back(stream, 64);
	MUST(CALL(cuStreamSynchronize)(stream));
}

static void replay(CUgraphExec exec, CUstream stream)
{
	MUST(CALL(cuGraphLaunch)(exec, stream));
	run_step(stream, 1);
}

/*
 * capture: two streams are captured at once, the first with a third that it forks to and joins; meanwhile a fourth executes
 * steps, before, between and after. Both graphs are then replayed, each on the stream of the other.
 * Answers with the handles: streams, graphs, executables.
 */
void capture(const char *unused)
{
	const CUstream one = new_stream(), other = new_stream(), side = new_stream(), busy = new_stream();
	CUDA_GRAPH_INSTANTIATE_PARAMS params = { 0 };
	CUgraph graph_one, graph_other;
	CUgraphExec exec_one, exec_other;

	(void)unused;
	run_step(one, 3);
	launch_on(side, 0);
	run_step(busy, 2);

	MUST(CALL(cuStreamBeginCapture_v2)(one, CU_STREAM_CAPTURE_MODE_RELAXED));
	enqueue_step(one, 1);
	MUST(CALL(cuStreamBeginCapture_v2)(other, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
	enqueue_step(other, 2);
	join(one, side);
	enqueue_step(side, 3);
	run_step(busy, 4);
	join(side, one);
	launch_on(one, 4);
	launch_on(other, 5);
	MUST(CALL(cuStreamEndCapture)(one, &graph_one));
	/* The first capture is over, for the stream that had joined it too; the second goes on. */
	launch_on(other, 6);
	run_step(side, 5);
	run_step(one, 6);
	MUST(CALL(cuStreamEndCapture)(other, &graph_other));
	run_step(other, 7);

	MUST(CALL(cuGraphInstantiateWithFlags)(&exec_one, graph_one, 0));
	MUST(CALL(cuGraphInstantiateWithParams)(&exec_other, graph_other, &params));
	replay(exec_one, other);
	replay(exec_other, one);
	replay(exec_one, one);
	MUST(CALL(cuGraphExecDestroy)(exec_one));
	MUST(CALL(cuGraphDestroy)(graph_one));
	printf("ok %p %p %p %p %p %p\n", (void *)one, (void *)other, (void *)graph_one, (void *)graph_other,
	       (void *)exec_one, (void *)exec_other);
}

/* spoil: a capture that fails, as its stream is waited for; one that is refused; ends without a capture */
void spoil(const char *unused)
{
	const CUstream stream = new_stream(), side = new_stream();
	CUgraph graph;

	(void)unused;
	MUST(CALL(cuStreamBeginCapture_v2)(stream, CU_STREAM_CAPTURE_MODE_RELAXED));
	launch_on(stream, 1);
	join(stream, side);
	launch_on(side, 2);
	MUST_NOT(CALL(cuStreamSynchronize)(stream));
	launch_on(stream, 3);
	MUST_NOT(CALL(cuStreamEndCapture)(stream, &graph));
	run_step(stream, 3);
	run_step(side, 4);
	MUST_NOT(CALL(cuStreamBeginCapture_v2)(NULL, CU_STREAM_CAPTURE_MODE_RELAXED));
	run_step(NULL, 5);
	MUST_NOT(CALL(cuStreamBeginCapture_v2)(stream, 99));
	run_step(stream, 6);
	MUST_NOT(CALL(cuStreamEndCapture)(stream, &graph));
	run_step(stream, 7);
	puts("ok");
}

/*
 * recapture N: N captures one after the other on one stream, as for N batch sizes, with a stream that joins all of them and
 * executes a step between two. Each capture is replayed once.
 */
void recapture(const char *count)
{
	const CUstream stream = new_stream(), side = new_stream();

	for (long i = 0; i < atol(count); i++) {
		CUgraph graph;
		CUgraphExec exec;

		MUST(CALL(cuStreamBeginCapture_v2)(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
		join(stream, side);
		launch_on(side, 1);
		join(side, stream);
		MUST(CALL(cuStreamEndCapture)(stream, &graph));
		MUST(CALL(cuGraphInstantiateWithFlags)(&exec, graph, 0));
		run_step(side, 2);
		replay(exec, stream);
	}
	puts("ok");
}
