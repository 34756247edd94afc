/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Heartbeat: a thread that writes the present CLOCK_BOOTTIME into a map, so that programs can tell whether this process
 * still lives, however busy its event loop is.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "loader.h"

#define STACK_BYTES (256 << 10)

struct heartbeat {
	struct resource resource;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t stopped;
	bool stopping;
	int map; /* of its own: the object may be closed meanwhile */
	uint32_t interval_ms;
	uint64_t beats;
	uint8_t key[];
};

static int beat(struct heartbeat *heartbeat)
{
	struct timespec time;

	clock_gettime(CLOCK_BOOTTIME, &time);
	uint64_t now_ns = (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;

	if (bpf_map_update_elem(heartbeat->map, heartbeat->key, &now_ns, BPF_ANY))
		return errno;
	__atomic_fetch_add(&heartbeat->beats, 1, __ATOMIC_RELAXED);
	return 0;
}

static void add_ms(struct timespec *time, uint32_t ms)
{
	time->tv_sec += ms / 1000;
	time->tv_nsec += (long)(ms % 1000) * 1000000;
	if (time->tv_nsec >= 1000000000) {
		time->tv_nsec -= 1000000000;
		time->tv_sec++;
	}
}

/* A beat that fails is made up for by the next; the count shows it. */
static void *run(void *argument)
{
	struct heartbeat *heartbeat = argument;

	pthread_mutex_lock(&heartbeat->mutex);
	while (!heartbeat->stopping) {
		struct timespec until;

		clock_gettime(CLOCK_MONOTONIC, &until);
		add_ms(&until, heartbeat->interval_ms);
		while (!heartbeat->stopping &&
		       pthread_cond_timedwait(&heartbeat->stopped, &heartbeat->mutex, &until) != ETIMEDOUT)
			;
		if (!heartbeat->stopping)
			beat(heartbeat);
	}
	pthread_mutex_unlock(&heartbeat->mutex);
	return NULL;
}

static void heartbeat_release(struct resource *resource)
{
	struct heartbeat *heartbeat = (struct heartbeat *)resource;

	pthread_mutex_lock(&heartbeat->mutex);
	heartbeat->stopping = true;
	pthread_cond_signal(&heartbeat->stopped);
	pthread_mutex_unlock(&heartbeat->mutex);
	pthread_join(heartbeat->thread, NULL);
	pthread_cond_destroy(&heartbeat->stopped);
	pthread_mutex_destroy(&heartbeat->mutex);
	close(heartbeat->map);
}

static int start_thread(struct heartbeat *heartbeat)
{
	pthread_condattr_t condition;
	pthread_attr_t attributes;
	sigset_t all, before;

	pthread_condattr_init(&condition);
	pthread_condattr_setclock(&condition, CLOCK_MONOTONIC);
	pthread_cond_init(&heartbeat->stopped, &condition);
	pthread_condattr_destroy(&condition);
	pthread_mutex_init(&heartbeat->mutex, NULL);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	/* Signals are Node's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&heartbeat->thread, &attributes, run, heartbeat);

	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	if (!error)
		pthread_setname_np(heartbeat->thread, "bpf-heartbeat");
	return error;
}

/* (object, index, key, interval in ms) => handle. The first beat has been made when it returns. */
napi_value heartbeat_start(napi_env env, napi_callback_info info)
{
	napi_value arguments[4];
	struct bytes key;
	uint32_t interval_ms;

	if (!read_arguments(env, info, 4, arguments))
		return NULL;
	struct bpf_map *map = read_map(env, arguments);

	if (!map || !read_sized_bytes(env, arguments[2], "key", bpf_map__key_size(map), &key) ||
	    !read_uint32(env, arguments[3], &interval_ms))
		return NULL;
	struct heartbeat *heartbeat = calloc(1, sizeof(*heartbeat) + key.length);

	if (!heartbeat)
		return throw_bpf(env, "INGERO_BPF_MAP", "calloc", ENOMEM);
	memcpy(heartbeat->key, key.data, key.length);
	heartbeat->interval_ms = interval_ms;
	heartbeat->map = fcntl(bpf_map__fd(map), F_DUPFD_CLOEXEC, 0);
	diagnostics_begin();
	const char *operation = heartbeat->map < 0 ? "fcntl(F_DUPFD_CLOEXEC)" : "bpf(BPF_MAP_UPDATE_ELEM)";
	int error = heartbeat->map < 0 ? errno : beat(heartbeat);

	if (!error) {
		operation = "pthread_create";
		error = start_thread(heartbeat);
	}
	if (error) {
		if (heartbeat->map >= 0)
			close(heartbeat->map);
		free(heartbeat);
		return throw_bpf(env, "INGERO_BPF_MAP", operation, error);
	}
	return resource_wrap(env, &heartbeat->resource, RESOURCE_HEARTBEAT, heartbeat_release);
}

/* (handle) => number of times that were written */
napi_value heartbeat_count(napi_env env, napi_callback_info info)
{
	napi_value argument, result;

	if (!read_arguments(env, info, 1, &argument))
		return NULL;
	struct heartbeat *heartbeat = resource_unwrap(env, argument, RESOURCE_HEARTBEAT);

	if (!heartbeat)
		return NULL;
	NAPI(env, napi_create_double(env, (double)__atomic_load_n(&heartbeat->beats, __ATOMIC_RELAXED), &result));
	return result;
}
