/* SPDX-License-Identifier: Apache-2.0 */
/* NCCL: communicators of all makings, and every collective. */
#include "nccl.h"
#include "target.h"

#include <pthread.h>

#define IN_NCCL(name) CALL_IN(NCCL, name)
#define DEVICES 3

/* Bytes that count up. */
static ncclUniqueId unique_id(int first)
{
	ncclUniqueId id;

	for (size_t i = 0; i < sizeof id.internal; i++)
		id.internal[i] = first + i;
	return id;
}

static void ask(ncclComm_t comm)
{
	int answer;

	MUST(IN_NCCL(ncclCommCount)(comm, &answer));
	MUST(IN_NCCL(ncclCommUserRank)(comm, &answer));
}

/*
 * communicators: makes them in every way, asks some, ends some, and is refused some.
 * Answers with those that are left: by rank, by configuration, by several ids, three by devices, split, split by none.
 */
void communicators(const char *unused)
{
	ncclConfig_t config = { sizeof config, 0xcafebeef, 22803, 0 };
	ncclUniqueId ids[2] = { unique_id(7), unique_id(9) };
	ncclComm_t by_rank, by_config, by_ids, by_device[DEVICES], part, apart, gone, aborted, never;

	(void)unused;
	MUST(IN_NCCL(ncclCommInitRank)(&by_rank, 8, unique_id(0), 5));
	/* Non-blocking: the handle is there, the communicator is not ready yet. */
	if (IN_NCCL(ncclCommInitRankConfig)(&by_config, 4, unique_id(1), 3, &config) != ncclInProgress)
		exit(1);
	config.blocking = 1;
	MUST(IN_NCCL(ncclCommInitRankScalable)(&by_ids, 1000, 999, 2, ids, &config));
	MUST(IN_NCCL(ncclCommInitAll)(by_device, DEVICES, NULL));
	MUST(IN_NCCL(ncclCommSplit)(by_rank, 0, 5, &part, NULL));
	ask(part);
	MUST(IN_NCCL(ncclCommSplit)(by_rank, NCCL_SPLIT_NOCOLOR, 0, &apart, NULL));
	MUST_NOT(IN_NCCL(ncclCommInitRank)(&never, 2, unique_id(2), 2));
	MUST(IN_NCCL(ncclCommInitRank)(&gone, 2, unique_id(3), 1));
	MUST(IN_NCCL(ncclCommInitRank)(&aborted, 2, unique_id(4), 0));
	MUST(IN_NCCL(ncclCommFinalize)(gone));
	MUST(IN_NCCL(ncclCommDestroy)(gone));
	MUST(IN_NCCL(ncclCommAbort)(aborted));
	printf("ok %p %p %p %p %p %p %p %p %p\n", (void *)by_rank, (void *)by_config, (void *)by_ids,
	       (void *)by_device[0], (void *)by_device[1], (void *)by_device[2], (void *)part, (void *)gone,
	       (void *)aborted);
}

#define SEND ((void *)0x7f1000000000)
#define RECEIVE ((void *)0x7f2000000000)
#define LARGE ((size_t)1 << 33)

static void every_collective(ncclComm_t comm, cudaStream_t stream)
{
	MUST(IN_NCCL(ncclAllReduce)(SEND, RECEIVE, LARGE, ncclFloat8e5m2, ncclAvg, comm, stream));
	MUST(IN_NCCL(ncclReduceScatter)(SEND, RECEIVE, 102, ncclBfloat16, ncclMin, comm, stream));
	MUST(IN_NCCL(ncclAllGather)(SEND, RECEIVE, 103, ncclInt8, comm, stream));
	MUST(IN_NCCL(ncclBroadcast)(SEND, RECEIVE, 104, ncclFloat16, 1, comm, stream));
	MUST(IN_NCCL(ncclBcast)(SEND, 105, ncclFloat32, 2, comm, stream));
	MUST(IN_NCCL(ncclReduce)(SEND, RECEIVE, 106, ncclUint64, ncclMax, 3, comm, stream));
	MUST(IN_NCCL(ncclAlltoAll)(SEND, RECEIVE, 107, ncclInt32, comm, stream));
	MUST(IN_NCCL(ncclGather)(SEND, RECEIVE, 108, ncclUint32, 4, comm, stream));
	MUST(IN_NCCL(ncclScatter)(SEND, RECEIVE, 109, ncclUint8, 5, comm, stream));
	MUST(IN_NCCL(ncclGroupStart)());
	MUST(IN_NCCL(ncclSend)(SEND, 110, ncclFloat64, 6, comm, stream));
	MUST(IN_NCCL(ncclRecv)(RECEIVE, 111, ncclInt64, 7, comm, stream));
	MUST(IN_NCCL(ncclGroupEnd)());
}

/* collectives: each once on a stream of its own, then once on each default stream's name; a step each */
void collectives(const char *unused)
{
	const CUstream streams[] = { new_stream(), NULL, CU_STREAM_LEGACY, CU_STREAM_PER_THREAD };
	ncclComm_t comm;

	(void)unused;
	MUST(IN_NCCL(ncclCommInitRank)(&comm, 8, unique_id(0), 0));
	for (size_t i = 0; i < LENGTH(streams); i++) {
		every_collective(comm, streams[i]);
		read_back(streams[i], 64);
		MUST(CALL(cuStreamSynchronize)(streams[i]));
	}
	puts("ok");
}

struct backward {
	ncclComm_t comm;
	CUstream compute;
	long count;
};

/* As the backward pass of data-parallel training: on a thread that never reads back. */
static void *reduce_gradients(void *argument)
{
	const struct backward *backward = argument;
	const CUstream communication = new_stream();
	CUevent event;

	MUST(CALL(cuEventCreate)(&event, 0));
	for (long i = 0; i < backward->count; i++)
		MUST(IN_NCCL(ncclAllReduce)(SEND, RECEIVE, 1, ncclFloat32, ncclAvg, backward->comm, communication));
	MUST(CALL(cuEventRecord)(event, communication));
	MUST(CALL(cuStreamWaitEvent)(backward->compute, event, 0));
	return NULL;
}

/* backward N: another thread has a stream wait for N all-reduces on its own; this one reads the stream back */
void backward(const char *count)
{
	struct backward backward = { .compute = new_stream(), .count = atol(count) };
	pthread_t worker;

	MUST(IN_NCCL(ncclCommInitRank)(&backward.comm, 2, unique_id(0), 1));
	MUST(pthread_create(&worker, NULL, reduce_gradients, &backward));
	MUST(pthread_join(worker, NULL));
	read_back(backward.compute, 64);
	MUST(CALL(cuStreamSynchronize)(backward.compute));
	puts("ok");
}

/* reduce N: N all-reduces on each of two streams that are joined, a group of them, and a step's end */
void reduce(const char *count)
{
	const CUstream one = new_stream(), other = new_stream();
	ncclComm_t comm;
	CUevent event;

	MUST(IN_NCCL(ncclCommInitRank)(&comm, 2, unique_id(0), 1));
	MUST(CALL(cuEventCreate)(&event, 0));
	MUST(IN_NCCL(ncclGroupStart)());
	for (long i = 0; i < atol(count); i++) {
		MUST(IN_NCCL(ncclAllReduce)(SEND, RECEIVE, 1, ncclFloat32, ncclSum, comm, one));
		MUST(IN_NCCL(ncclAllReduce)(SEND, RECEIVE, 1, ncclFloat32, ncclSum, comm, other));
	}
	MUST(IN_NCCL(ncclGroupEnd)());
	MUST(CALL(cuEventRecord)(event, other));
	MUST(CALL(cuStreamWaitEvent)(one, event, 0));
	read_back(one, 64);
	MUST(CALL(cuStreamSynchronize)(one));
	puts("ok");
}
