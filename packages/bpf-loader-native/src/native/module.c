/* SPDX-License-Identifier: Apache-2.0 */
/* The module: its functions, the resources of each environment, and how arguments are read. */
#include <pthread.h>
#include <stdlib.h>

#include "loader.h"

/* More would not make detaching faster: the kernel's waits have long overlapped. */
#define RELEASE_THREADS 32
#define RELEASE_STACK_BYTES (256 << 10)

/* Takes a resource off its environment's list; false when that has happened. */
static bool resource_unlist(struct resource *resource)
{
	if (!resource->self)
		return false;
	*resource->self = resource->next;
	if (resource->next)
		resource->next->self = resource->self;
	resource->self = NULL;
	return true;
}

static void resource_release(struct resource *resource)
{
	if (resource_unlist(resource))
		resource->release(resource);
}

struct release_share {
	pthread_t thread;
	struct resource **resources;
	size_t count, first;
};

static void *release_share(void *argument)
{
	const struct release_share *share = argument;

	for (size_t i = share->first; i < share->count; i += RELEASE_THREADS)
		share->resources[i]->release(share->resources[i]);
	return NULL;
}

void resources_release_together(struct resource **resources, size_t count)
{
	struct release_share shares[RELEASE_THREADS];
	size_t open = 0, started;
	pthread_attr_t attributes;

	for (size_t i = 0; i < count; i++)
		if (resource_unlist(resources[i]))
			resources[open++] = resources[i];
	if (!open)
		return;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, RELEASE_STACK_BYTES);
	/* The first share is this thread's, and what no thread could be had for. */
	for (started = 1; started < RELEASE_THREADS && started < open; started++) {
		shares[started] = (struct release_share){ .resources = resources, .count = open, .first = started };
		if (pthread_create(&shares[started].thread, &attributes, release_share, &shares[started]))
			break;
	}
	pthread_attr_destroy(&attributes);
	for (size_t first = 0; first < RELEASE_THREADS; first = first ? first + 1 : started) {
		struct release_share own = { .resources = resources, .count = open, .first = first };

		release_share(&own);
	}
	for (size_t i = 1; i < started; i++)
		pthread_join(shares[i].thread, NULL);
}

static void resource_finalize(napi_env env, void *data, void *hint)
{
	(void)env;
	(void)hint;
	resource_release(data);
	free(data);
}

napi_value resource_wrap(napi_env env, struct resource *resource, enum resource_kind kind,
			 void (*release)(struct resource *))
{
	struct environment *environment = NULL;
	napi_value value = NULL;

	resource->kind = kind;
	resource->release = release;
	if (napi_get_instance_data(env, (void **)&environment) != napi_ok ||
	    napi_create_external(env, resource, resource_finalize, NULL, &value) != napi_ok) {
		release(resource);
		free(resource);
		return throw_status(env, napi_generic_failure, "napi_create_external");
	}
	resource->next = environment->resources;
	resource->self = &environment->resources;
	if (resource->next)
		resource->next->self = &resource->next;
	environment->resources = resource;
	return value;
}

void *resource_unwrap(napi_env env, napi_value value, enum resource_kind kind)
{
	struct resource *resource;

	if (napi_get_value_external(env, value, (void **)&resource) != napi_ok || resource->kind != kind)
		return throw_type(env, "not a handle of this kind");
	if (!resource->self)
		return throw_bpf(env, "INGERO_BPF_CLOSED", "use after close", 0);
	return resource;
}

/*
 * Detaches everything when the process exits or a worker ends, however it ends. Finalizers of the externals run after
 * this hook and find their resources released.
 */
static void environment_end(void *data)
{
	struct environment *environment = data;
	size_t count = 0;

	for (struct resource *each = environment->resources; each; each = each->next)
		count += each->kind == RESOURCE_LINK;
	struct resource **links = count ? calloc(count, sizeof(*links)) : NULL;

	if (links) {
		count = 0;
		for (struct resource *each = environment->resources; each; each = each->next)
			if (each->kind == RESOURCE_LINK)
				links[count++] = each;
		resources_release_together(links, count);
		free(links);
	}
	while (environment->resources)
		resource_release(environment->resources);
	diagnostics_end();
}

static void environment_finalize(napi_env env, void *data, void *hint)
{
	(void)env;
	(void)hint;
	free(data);
}

bool read_arguments(napi_env env, napi_callback_info info, size_t count, napi_value *arguments)
{
	napi_status status = napi_get_cb_info(env, info, &count, arguments, NULL, NULL);

	if (status != napi_ok)
		throw_status(env, status, "napi_get_cb_info");
	return status == napi_ok;
}

bool read_uint32(napi_env env, napi_value value, uint32_t *result)
{
	if (napi_get_value_uint32(env, value, result) == napi_ok)
		return true;
	throw_type(env, "expected a number");
	return false;
}

bool read_int64(napi_env env, napi_value value, int64_t *result)
{
	if (napi_get_value_int64(env, value, result) == napi_ok)
		return true;
	throw_type(env, "expected a number");
	return false;
}

bool read_bool(napi_env env, napi_value value, bool *result)
{
	if (napi_get_value_bool(env, value, result) == napi_ok)
		return true;
	throw_type(env, "expected a boolean");
	return false;
}

char *read_string(napi_env env, napi_value value)
{
	size_t length;

	if (napi_get_value_string_utf8(env, value, NULL, 0, &length) != napi_ok)
		return (char *)throw_type(env, "expected a string");
	char *text = malloc(length + 1);

	if (!text)
		return (char *)throw_status(env, napi_generic_failure, "malloc");
	napi_get_value_string_utf8(env, value, text, length + 1, &length);
	return text;
}

bool read_bytes(napi_env env, napi_value value, const char *argument, struct bytes *result)
{
	bool matches = false;

	if (napi_is_typedarray(env, value, &matches) == napi_ok && matches) {
		napi_typedarray_type type;
		size_t elements;

		if (napi_get_typedarray_info(env, value, &type, &elements, (void **)&result->data, NULL, NULL) == napi_ok) {
			result->length = type == napi_uint8_array ? elements : elements * sizeof(uint64_t);
			if (type == napi_uint8_array || type == napi_biguint64_array)
				return true;
		}
	} else if (napi_is_arraybuffer(env, value, &matches) == napi_ok && matches) {
		if (napi_get_arraybuffer_info(env, value, (void **)&result->data, &result->length) == napi_ok)
			return true;
	}
	throw_type(env, "%s: expected a Uint8Array or an ArrayBuffer", argument);
	return false;
}

bool read_sized_bytes(napi_env env, napi_value value, const char *argument, size_t length, struct bytes *result)
{
	if (!read_bytes(env, value, argument, result))
		return false;
	if (result->length == length)
		return true;
	throw_type(env, "%s: expected %zu bytes, received %zu", argument, length, result->length);
	return false;
}

napi_value create_bytes(napi_env env, size_t length, uint8_t **data)
{
	napi_value buffer, array;

	NAPI(env, napi_create_arraybuffer(env, length, (void **)data, &buffer));
	NAPI(env, napi_create_typedarray(env, napi_uint8_array, length, buffer, 0, &array));
	return array;
}

bool set_number(napi_env env, napi_value object, const char *name, double value)
{
	napi_value number;

	return napi_create_double(env, value, &number) == napi_ok &&
	       napi_set_named_property(env, object, name, number) == napi_ok;
}

bool set_string(napi_env env, napi_value object, const char *name, const char *value)
{
	napi_value text;

	return napi_create_string_utf8(env, value, NAPI_AUTO_LENGTH, &text) == napi_ok &&
	       napi_set_named_property(env, object, name, text) == napi_ok;
}

bool set_bool(napi_env env, napi_value object, const char *name, bool value)
{
	napi_value boolean;

	return napi_get_boolean(env, value, &boolean) == napi_ok &&
	       napi_set_named_property(env, object, name, boolean) == napi_ok;
}

/* (handle) => void: releases a resource of any kind; harmless when that has happened already. */
static napi_value resource_close(napi_env env, napi_callback_info info)
{
	napi_value argument;
	struct resource *resource;

	if (!read_arguments(env, info, 1, &argument))
		return NULL;
	NAPI(env, napi_get_value_external(env, argument, (void **)&resource));
	resource_release(resource);
	return NULL;
}

/* (factory) => void: the function that makes every error this module throws, see throw_bpf(). */
static napi_value error_factory_set(napi_env env, napi_callback_info info)
{
	struct environment *environment;
	napi_value argument;

	if (!read_arguments(env, info, 1, &argument))
		return NULL;
	NAPI(env, napi_get_instance_data(env, (void **)&environment));
	NAPI(env, napi_create_reference(env, argument, 1, &environment->error_factory));
	return NULL;
}

static napi_value library_version(napi_env env, napi_callback_info info)
{
	napi_value version;

	(void)info;
	NAPI(env, napi_create_string_utf8(env, libbpf_version_string(), NAPI_AUTO_LENGTH, &version));
	return version;
}

#define FUNCTION(name, callback) { name, NULL, callback, NULL, NULL, NULL, napi_enumerable, NULL }

static const napi_property_descriptor functions[] = {
	FUNCTION("setErrorFactory", error_factory_set),
	FUNCTION("close", resource_close),
	FUNCTION("version", library_version),
	FUNCTION("objectOpen", object_open),
	FUNCTION("objectDescribe", object_describe),
	FUNCTION("objectBtf", object_btf),
	FUNCTION("objectLoad", object_load),
	FUNCTION("programDisable", program_disable),
	FUNCTION("programSetAttachType", program_set_attach_type),
	FUNCTION("programAttachUprobe", program_attach_uprobe),
	FUNCTION("programAttachUprobeMulti", program_attach_uprobe_multi),
	FUNCTION("programAttachTracepoint", program_attach_tracepoint),
	FUNCTION("programAttachTrace", program_attach_trace),
	FUNCTION("programAttachKprobe", program_attach_kprobe),
	FUNCTION("programStatistics", program_statistics),
	FUNCTION("mapDisable", map_disable),
	FUNCTION("mapSetMaxEntries", map_set_max_entries),
	FUNCTION("mapInitialValue", map_initial_value),
	FUNCTION("mapSetInitialValue", map_set_initial_value),
	FUNCTION("mapGet", map_get),
	FUNCTION("mapSet", map_set),
	FUNCTION("mapDelete", map_delete),
	FUNCTION("mapSnapshot", map_snapshot),
	FUNCTION("ringOpen", ring_open),
	FUNCTION("ringDrain", ring_drain),
	FUNCTION("ringState", ring_state),
	FUNCTION("heartbeatStart", heartbeat_start),
	FUNCTION("heartbeatCount", heartbeat_count),
	FUNCTION("linksClose", links_close),
	FUNCTION("fileLock", file_lock),
	FUNCTION("statisticsEnable", statistics_enable),
	FUNCTION("featureProbe", feature_probe),
};

NAPI_MODULE_INIT()
{
	struct environment *environment = calloc(1, sizeof(*environment));

	if (!environment)
		return throw_status(env, napi_generic_failure, "calloc");
	NAPI(env, napi_set_instance_data(env, environment, environment_finalize, NULL));
	NAPI(env, napi_add_env_cleanup_hook(env, environment_end, environment));
	NAPI(env, napi_define_properties(env, exports, sizeof(functions) / sizeof(functions[0]), functions));
	diagnostics_install();
	return exports;
}
