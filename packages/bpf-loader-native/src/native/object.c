/* SPDX-License-Identifier: Apache-2.0 */
/* Object: one compiled eBPF object with its programs and maps. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>

#include "loader.h"

static void object_release(struct resource *resource)
{
	struct object *object = (struct object *)resource;

	bpf_object__close(object->bpf);
	free(object->programs);
	free(object->maps);
}

/* Programs and maps in the order of the object, so that an index names one. */
static bool object_index(struct object *object)
{
	struct bpf_program *program;
	struct bpf_map *map;

	bpf_object__for_each_program(program, object->bpf)
		object->program_count++;
	bpf_object__for_each_map(map, object->bpf)
		object->map_count++;
	object->programs = calloc(object->program_count + 1, sizeof(struct bpf_program *));
	object->maps = calloc(object->map_count + 1, sizeof(struct bpf_map *));
	if (!object->programs || !object->maps)
		return false;
	size_t index = 0;

	bpf_object__for_each_program(program, object->bpf)
		object->programs[index++] = program;
	index = 0;
	bpf_object__for_each_map(map, object->bpf)
		object->maps[index++] = map;
	return true;
}

/* (bytes, name) => handle. The bytes are read during the call only. */
napi_value object_open(napi_env env, napi_callback_info info)
{
	napi_value arguments[2];
	struct bytes bytes;

	if (!read_arguments(env, info, 2, arguments) || !read_bytes(env, arguments[0], "source", &bytes))
		return NULL;
	char *name = read_string(env, arguments[1]);

	if (!name)
		return NULL;
	struct object *object = calloc(1, sizeof(*object));
	/* libelf may fix up headers in place, and wants them aligned: give it memory of its own. */
	uint8_t *copy = malloc(bytes.length + 1);

	if (!object || !copy) {
		free(name);
		free(object);
		free(copy);
		return throw_bpf(env, "INGERO_BPF_OPEN", "malloc", ENOMEM);
	}
	memcpy(copy, bytes.data, bytes.length);
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = name);

	diagnostics_begin();
	object->bpf = bpf_object__open_mem(copy, bytes.length, &options);
	int error = object->bpf ? 0 : errno;

	free(name);
	free(copy);
	if (!object->bpf) {
		free(object);
		return throw_bpf(env, "INGERO_BPF_OPEN", "bpf_object__open_mem", error);
	}
	if (!object_index(object)) {
		object_release(&object->resource);
		free(object);
		return throw_bpf(env, "INGERO_BPF_OPEN", "calloc", ENOMEM);
	}
	return resource_wrap(env, &object->resource, RESOURCE_OBJECT, object_release);
}

/* (handle) => { programs, maps }, each entry at its index. */
napi_value object_describe(napi_env env, napi_callback_info info)
{
	napi_value argument, result, programs, maps;

	if (!read_arguments(env, info, 1, &argument))
		return NULL;
	struct object *object = resource_unwrap(env, argument, RESOURCE_OBJECT);

	if (!object)
		return NULL;
	NAPI(env, napi_create_object(env, &result));
	NAPI(env, napi_create_array_with_length(env, object->program_count, &programs));
	NAPI(env, napi_create_array_with_length(env, object->map_count, &maps));
	for (size_t index = 0; index < object->program_count; index++) {
		napi_value program = program_describe(env, object->programs[index]);

		if (!program)
			return NULL;
		NAPI(env, napi_set_element(env, programs, (uint32_t)index, program));
	}
	for (size_t index = 0; index < object->map_count; index++) {
		napi_value map = map_describe(env, object->maps[index]);

		if (!map)
			return NULL;
		NAPI(env, napi_set_element(env, maps, (uint32_t)index, map));
	}
	NAPI(env, napi_set_named_property(env, result, "programs", programs));
	NAPI(env, napi_set_named_property(env, result, "maps", maps));
	return result;
}

/* (handle) => Uint8Array of the object's type information with the offsets of variables filled in, or undefined. */
napi_value object_btf(napi_env env, napi_callback_info info)
{
	napi_value argument;

	if (!read_arguments(env, info, 1, &argument))
		return NULL;
	struct object *object = resource_unwrap(env, argument, RESOURCE_OBJECT);
	struct btf *btf = object ? bpf_object__btf(object->bpf) : NULL;

	if (!btf)
		return NULL;
	uint32_t length;
	const void *raw = btf__raw_data(btf, &length);
	uint8_t *data;
	napi_value bytes = raw ? create_bytes(env, length, &data) : NULL;

	if (bytes)
		memcpy(data, raw, length);
	return bytes;
}

/*
 * Loads with signals held back until it is done: the verifier gives up for one that is pending, and under a profiler that
 * sends many, libbpf's five attempts would all fail with EAGAIN.
 */
static int load_undisturbed(struct bpf_object *bpf)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = bpf_object__load(bpf);

	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

/* (handle) => void */
napi_value object_load(napi_env env, napi_callback_info info)
{
	napi_value argument;

	if (!read_arguments(env, info, 1, &argument))
		return NULL;
	struct object *object = resource_unwrap(env, argument, RESOURCE_OBJECT);

	if (!object)
		return NULL;
	diagnostics_begin();
	int error = load_undisturbed(object->bpf);

	return error ? throw_bpf(env, "INGERO_BPF_LOAD", "bpf_object__load", error) : NULL;
}

static struct object *read_object(napi_env env, const napi_value *arguments, uint32_t *index)
{
	struct object *object = resource_unwrap(env, arguments[0], RESOURCE_OBJECT);

	return object && read_uint32(env, arguments[1], index) ? object : NULL;
}

struct bpf_program *read_program(napi_env env, const napi_value *arguments)
{
	uint32_t index;
	struct object *object = read_object(env, arguments, &index);

	if (object && index >= object->program_count)
		return (struct bpf_program *)throw_type(env, "no program %u", index);
	return object ? object->programs[index] : NULL;
}

struct bpf_map *read_map(napi_env env, const napi_value *arguments)
{
	uint32_t index;
	struct object *object = read_object(env, arguments, &index);

	if (object && index >= object->map_count)
		return (struct bpf_map *)throw_type(env, "no map %u", index);
	return object ? object->maps[index] : NULL;
}
