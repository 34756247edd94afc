/* SPDX-License-Identifier: Apache-2.0 */
/* Map: keys and values as bytes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader.h"

#define MAP_FAILED_CODE "INGERO_BPF_MAP"

static bool is_per_cpu(const struct bpf_map *map)
{
	switch (bpf_map__type(map)) {
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_PERCPU_ARRAY:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
	case BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE:
		return true;
	default:
		return false;
	}
}

/* A per-CPU value occupies a multiple of 8 bytes on each processor that could ever be plugged in. */
static size_t value_stride(const struct bpf_map *map)
{
	size_t size = bpf_map__value_size(map);

	return is_per_cpu(map) ? (size + 7) & ~(size_t)7 : size;
}

static size_t value_copies(const struct bpf_map *map)
{
	return is_per_cpu(map) ? (size_t)libbpf_num_possible_cpus() : 1;
}

static size_t value_length(const struct bpf_map *map)
{
	return value_stride(map) * value_copies(map);
}

napi_value map_describe(napi_env env, struct bpf_map *map)
{
	napi_value result;
	const char *type = libbpf_bpf_map_type_str(bpf_map__type(map));

	NAPI(env, napi_create_object(env, &result));
	if (!set_string(env, result, "name", bpf_map__name(map)) ||
	    !set_string(env, result, "type", type ? type : "unknown") ||
	    !set_number(env, result, "keySize", bpf_map__key_size(map)) ||
	    !set_number(env, result, "valueSize", bpf_map__value_size(map)) ||
	    !set_number(env, result, "maxEntries", bpf_map__max_entries(map)) ||
	    !set_number(env, result, "copies", (double)value_copies(map)) ||
	    !set_bool(env, result, "perCpu", is_per_cpu(map)) ||
	    !set_bool(env, result, "internal", bpf_map__is_internal(map)) ||
	    !set_bool(env, result, "enabled", bpf_map__autocreate(map)))
		return throw_status(env, napi_generic_failure, "napi_set_named_property");
	return result;
}

/* (object, index) => void: load() does not create this map. */
napi_value map_disable(napi_env env, napi_callback_info info)
{
	napi_value arguments[2];

	if (!read_arguments(env, info, 2, arguments))
		return NULL;
	struct bpf_map *map = read_map(env, arguments);

	if (!map)
		return NULL;
	int error = bpf_map__set_autocreate(map, false);

	return error ? throw_bpf(env, "INGERO_BPF_OPEN", "bpf_map__set_autocreate", error) : NULL;
}

/* (object, index, count) => void */
napi_value map_set_max_entries(napi_env env, napi_callback_info info)
{
	napi_value arguments[3];
	uint32_t count;

	if (!read_arguments(env, info, 3, arguments))
		return NULL;
	struct bpf_map *map = read_map(env, arguments);

	if (!map || !read_uint32(env, arguments[2], &count))
		return NULL;
	int error = bpf_map__set_max_entries(map, count);

	return error ? throw_bpf(env, "INGERO_BPF_OPEN", "bpf_map__set_max_entries", error) : NULL;
}

/* (object, index) => Uint8Array: what a map of global variables will start with, or undefined. */
napi_value map_initial_value(napi_env env, napi_callback_info info)
{
	napi_value arguments[2];
	uint8_t *data;
	size_t length;

	if (!read_arguments(env, info, 2, arguments))
		return NULL;
	struct bpf_map *map = read_map(env, arguments);
	const void *value = map ? bpf_map__initial_value(map, &length) : NULL;

	if (!value)
		return NULL;
	napi_value bytes = create_bytes(env, length, &data);

	if (bytes)
		memcpy(data, value, length);
	return bytes;
}

/* (object, index, bytes) => void */
napi_value map_set_initial_value(napi_env env, napi_callback_info info)
{
	napi_value arguments[3];
	struct bytes value;

	if (!read_arguments(env, info, 3, arguments))
		return NULL;
	struct bpf_map *map = read_map(env, arguments);

	if (!map || !read_bytes(env, arguments[2], "value", &value))
		return NULL;
	int error = bpf_map__set_initial_value(map, value.data, value.length);

	return error ? throw_bpf(env, "INGERO_BPF_OPEN", "bpf_map__set_initial_value", error) : NULL;
}

/* (object, index, key) => Uint8Array | undefined; of a per-CPU map the values of all processors, back to back. */
napi_value map_get(napi_env env, napi_callback_info info)
{
	napi_value arguments[3];
	struct bytes key;
	uint8_t *data;

	if (!read_arguments(env, info, 3, arguments))
		return NULL;
	struct bpf_map *map = read_map(env, arguments);

	if (!map || !read_sized_bytes(env, arguments[2], "key", bpf_map__key_size(map), &key))
		return NULL;
	napi_value value = create_bytes(env, value_length(map), &data);

	if (!value || bpf_map_lookup_elem(bpf_map__fd(map), key.data, data) == 0)
		return value;
	return errno == ENOENT ? NULL : throw_bpf(env, MAP_FAILED_CODE, "bpf(BPF_MAP_LOOKUP_ELEM)", errno);
}

/*
 * (object, index, key, value, flags) => boolean: false when the flags ask for a new key and it exists, or for an
 * existing one and it does not. A per-CPU map gets the value on every processor.
 */
napi_value map_set(napi_env env, napi_callback_info info)
{
	napi_value arguments[5], result;
	struct bytes key, value;
	uint32_t flags;

	if (!read_arguments(env, info, 5, arguments))
		return NULL;
	struct bpf_map *map = read_map(env, arguments);

	if (!map || !read_sized_bytes(env, arguments[2], "key", bpf_map__key_size(map), &key) ||
	    !read_sized_bytes(env, arguments[3], "value", bpf_map__value_size(map), &value) ||
	    !read_uint32(env, arguments[4], &flags))
		return NULL;
	uint8_t *copies = NULL;

	if (is_per_cpu(map)) {
		copies = calloc(value_copies(map), value_stride(map));
		if (!copies)
			return throw_bpf(env, MAP_FAILED_CODE, "calloc", ENOMEM);
		for (size_t cpu = 0; cpu < value_copies(map); cpu++)
			memcpy(copies + cpu * value_stride(map), value.data, value.length);
	}
	int failed = bpf_map_update_elem(bpf_map__fd(map), key.data, copies ? copies : value.data, flags);
	int error = failed ? errno : 0;

	free(copies);
	if (failed && error != EEXIST && error != ENOENT)
		return throw_bpf(env, MAP_FAILED_CODE, "bpf(BPF_MAP_UPDATE_ELEM)", error);
	NAPI(env, napi_get_boolean(env, !failed, &result));
	return result;
}

/* (object, index, key) => boolean: whether there was such a key. */
napi_value map_delete(napi_env env, napi_callback_info info)
{
	napi_value arguments[3], result;
	struct bytes key;

	if (!read_arguments(env, info, 3, arguments))
		return NULL;
	struct bpf_map *map = read_map(env, arguments);

	if (!map || !read_sized_bytes(env, arguments[2], "key", bpf_map__key_size(map), &key))
		return NULL;
	int failed = bpf_map_delete_elem(bpf_map__fd(map), key.data);

	if (failed && errno != ENOENT)
		return throw_bpf(env, MAP_FAILED_CODE, "bpf(BPF_MAP_DELETE_ELEM)", errno);
	NAPI(env, napi_get_boolean(env, !failed, &result));
	return result;
}

struct snapshot {
	size_t key_size;
	size_t value_size;
	size_t count;
	size_t capacity;
	uint8_t *keys;
	uint8_t *values;
};

static bool snapshot_grow(struct snapshot *snapshot, size_t capacity)
{
	uint8_t *keys = realloc(snapshot->keys, capacity * snapshot->key_size);

	if (keys)
		snapshot->keys = keys;
	uint8_t *values = realloc(snapshot->values, capacity * snapshot->value_size);

	if (values)
		snapshot->values = values;
	snapshot->capacity = capacity;
	return keys && values;
}

/*
 * Reads in batches (kernel 5.6), which walk a hash table bucket by bucket: unlike a walk from key to key it never
 * starts over when the present key is deleted meanwhile. Stops at twice the map's capacity, so that a table that
 * keeps changing can't hold the reader. Returns 0 or an errno.
 */
static int snapshot_read(struct snapshot *snapshot, struct bpf_map *map)
{
	LIBBPF_OPTS(bpf_map_batch_opts, options);
	size_t limit = (size_t)bpf_map__max_entries(map) * 2;
	/* The place reached: a bucket number for hash tables, a key for the rest. */
	void *place = calloc(1, snapshot->key_size < sizeof(uint32_t) ? sizeof(uint32_t) : snapshot->key_size);
	int error = place ? 0 : ENOMEM;
	bool started = false;

	while (!error) {
		if (snapshot->count == snapshot->capacity) {
			size_t wanted = snapshot->capacity ? snapshot->capacity * 2 : 1024;

			if (snapshot->capacity == limit)
				break;
			if (!snapshot_grow(snapshot, wanted < limit ? wanted : limit)) {
				error = ENOMEM;
				break;
			}
		}
		uint32_t count = (uint32_t)(snapshot->capacity - snapshot->count);
		int failed = bpf_map_lookup_batch(bpf_map__fd(map), started ? place : NULL, place,
						  snapshot->keys + snapshot->count * snapshot->key_size,
						  snapshot->values + snapshot->count * snapshot->value_size, &count,
						  &options);

		error = failed ? errno : 0;
		if (!error || error == ENOENT)
			snapshot->count += count;
		started = started || !error;
		/* The next bucket holds more than there is room for. */
		if (error == ENOSPC && snapshot->capacity < limit)
			error = snapshot_grow(snapshot, limit) ? 0 : ENOMEM;
	}
	free(place);
	return error == ENOENT ? 0 : error;
}

static napi_value snapshot_bytes(napi_env env, const uint8_t *source, size_t length)
{
	uint8_t *data;
	napi_value bytes = create_bytes(env, length, &data);

	if (bytes && length)
		memcpy(data, source, length);
	return bytes;
}

/* (object, index) => { keys, values }: the map's entries as they were at about the same time, back to back. */
napi_value map_snapshot(napi_env env, napi_callback_info info)
{
	napi_value arguments[2], result;

	if (!read_arguments(env, info, 2, arguments))
		return NULL;
	struct bpf_map *map = read_map(env, arguments);

	if (!map)
		return NULL;
	struct snapshot snapshot = { .key_size = bpf_map__key_size(map), .value_size = value_length(map) };
	int error = snapshot_read(&snapshot, map);
	napi_value keys = error ? NULL : snapshot_bytes(env, snapshot.keys, snapshot.count * snapshot.key_size);
	napi_value values = keys ? snapshot_bytes(env, snapshot.values, snapshot.count * snapshot.value_size) : NULL;

	free(snapshot.keys);
	free(snapshot.values);
	if (error)
		return throw_bpf(env, MAP_FAILED_CODE, "bpf(BPF_MAP_LOOKUP_BATCH)", error);
	if (!values)
		return NULL;
	NAPI(env, napi_create_object(env, &result));
	NAPI(env, napi_set_named_property(env, result, "keys", keys));
	NAPI(env, napi_set_named_property(env, result, "values", values));
	return result;
}
