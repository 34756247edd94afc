/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ring: reader of a BPF_MAP_TYPE_RINGBUF map.
 *
 * The kernel shares three areas (kernel/bpf/ringbuf.c): page 0 holds the consumer position and is writable, page 1
 * holds the producer position, and the data follows, mapped twice in a row so that no record is ever split. Both
 * positions are unsigned longs that only grow. A record is an 8-byte header, whose first word is the length with two
 * flags, and the payload, padded to 8 bytes.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "loader.h"

/*
 * Space is given back to the producers after this many bytes, not only when the batch is done: a full ring drops
 * records. Giving it back after every record would bounce the cache line that producers read on each reservation.
 */
#define RELEASE_INTERVAL 4096

struct ring {
	struct resource resource;
	unsigned long *consumer_position;
	const unsigned long *producer_position;
	const uint8_t *data;
	size_t page_size;
	size_t size; /* a power of two */
	uint64_t records;
	uint64_t bytes;
	uint64_t discarded;
	uint64_t batches;
};

static size_t padded(size_t length)
{
	return (length + 7) & ~(size_t)7;
}

static void ring_release(struct resource *resource)
{
	struct ring *ring = (struct ring *)resource;

	munmap(ring->consumer_position, ring->page_size);
	munmap((void *)ring->producer_position, ring->page_size + 2 * ring->size);
}

/* (object, index) => handle. The mappings keep the map alive by themselves. */
napi_value ring_open(napi_env env, napi_callback_info info)
{
	napi_value arguments[2];

	if (!read_arguments(env, info, 2, arguments))
		return NULL;
	struct bpf_map *map = read_map(env, arguments);

	if (!map)
		return NULL;
	struct ring *ring = calloc(1, sizeof(*ring));

	if (!ring)
		return throw_bpf(env, "INGERO_BPF_RING", "calloc", ENOMEM);
	int fd = bpf_map__fd(map);

	ring->page_size = (size_t)sysconf(_SC_PAGESIZE);
	ring->size = bpf_map__max_entries(map);
	void *consumer = mmap(NULL, ring->page_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	void *producer = consumer == MAP_FAILED ? MAP_FAILED :
						  mmap(NULL, ring->page_size + 2 * ring->size, PROT_READ, MAP_SHARED,
						       fd, (off_t)ring->page_size);

	if (producer == MAP_FAILED) {
		int error = errno;

		if (consumer != MAP_FAILED)
			munmap(consumer, ring->page_size);
		free(ring);
		return throw_bpf(env, "INGERO_BPF_RING", "mmap", error);
	}
	ring->consumer_position = consumer;
	ring->producer_position = producer;
	ring->data = (const uint8_t *)producer + ring->page_size;
	return resource_wrap(env, &ring->resource, RESOURCE_RING, ring_release);
}

/*
 * Copies complete records up to the producer position seen at the start, so that one call is bounded by the ring's
 * size however fast producers are. Returns the bytes written. *needed is set to the size of the record that did not
 * fit, if that ended the copying.
 */
static size_t ring_copy(struct ring *ring, uint8_t *target, size_t capacity, size_t *needed)
{
	/* Only this thread moves the consumer position. The producer's is read before the headers that lie below it. */
	unsigned long consumer = __atomic_load_n(ring->consumer_position, __ATOMIC_RELAXED);
	const unsigned long producer = __atomic_load_n(ring->producer_position, __ATOMIC_ACQUIRE);
	unsigned long released = consumer;
	size_t written = 0;

	while (consumer != producer) {
		const uint8_t *header = ring->data + (consumer & (ring->size - 1));
		/* Pairs with the release in bpf_ringbuf_commit(): the payload is complete once the flag is clear. */
		const uint32_t word = __atomic_load_n((const uint32_t *)header, __ATOMIC_ACQUIRE);

		if (word & BPF_RINGBUF_BUSY_BIT)
			break;
		const size_t length = word & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
		const size_t space = padded(length);

		if (word & BPF_RINGBUF_DISCARD_BIT) {
			ring->discarded++;
		} else {
			if (space > capacity - written) {
				*needed = space;
				break;
			}
			memcpy(target + written, header + BPF_RINGBUF_HDR_SZ, length);
			memset(target + written + length, 0, space - length);
			written += space;
			ring->records++;
		}
		consumer += BPF_RINGBUF_HDR_SZ + space;
		if (consumer - released >= RELEASE_INTERVAL) {
			/* Producers may overwrite what lies before it from here on. */
			__atomic_store_n(ring->consumer_position, consumer, __ATOMIC_RELEASE);
			released = consumer;
		}
	}
	if (consumer != released)
		__atomic_store_n(ring->consumer_position, consumer, __ATOMIC_RELEASE);
	ring->bytes += written;
	ring->batches += written > 0;
	return written;
}

/* (handle, target) => bytes written */
napi_value ring_drain(napi_env env, napi_callback_info info)
{
	napi_value arguments[2], result;
	struct bytes target;
	size_t needed = 0;

	if (!read_arguments(env, info, 2, arguments))
		return NULL;
	struct ring *ring = resource_unwrap(env, arguments[0], RESOURCE_RING);

	if (!ring || !read_bytes(env, arguments[1], "target", &target))
		return NULL;
	size_t written = ring_copy(ring, target.data, target.length, &needed);

	if (!written && needed)
		return throw_range(env, "target: the next record needs %zu bytes, received %zu", needed, target.length);
	NAPI(env, napi_create_int64(env, (int64_t)written, &result));
	return result;
}

/* (handle) => { records, bytes, discarded, batches, pendingBytes } */
napi_value ring_state(napi_env env, napi_callback_info info)
{
	napi_value argument, result;

	if (!read_arguments(env, info, 1, &argument))
		return NULL;
	struct ring *ring = resource_unwrap(env, argument, RESOURCE_RING);

	if (!ring)
		return NULL;
	unsigned long consumer = __atomic_load_n(ring->consumer_position, __ATOMIC_RELAXED);
	unsigned long producer = __atomic_load_n(ring->producer_position, __ATOMIC_ACQUIRE);

	NAPI(env, napi_create_object(env, &result));
	if (!set_number(env, result, "records", (double)ring->records) ||
	    !set_number(env, result, "bytes", (double)ring->bytes) ||
	    !set_number(env, result, "discarded", (double)ring->discarded) ||
	    !set_number(env, result, "batches", (double)ring->batches) ||
	    !set_number(env, result, "pendingBytes", (double)(producer - consumer)))
		return throw_status(env, napi_generic_failure, "napi_set_named_property");
	return result;
}
