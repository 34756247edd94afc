/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the C files of the addon share. JavaScript holds four kinds of native resource, each behind an external value: an
 * object, a link, a ring and a heartbeat. Programs and maps belong to their object and are named by their index in it,
 * so that nothing can outlive the libbpf object it points into.
 */
#ifndef INGERO_LOADER_H
#define INGERO_LOADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <node_api.h>

/* ---- error.c ---- */

/* Starts collecting what libbpf prints on this thread; every call into libbpf that may fail begins with it. */
void diagnostics_begin(void);
/* Frees what was collected; called when a thread's environment ends. */
void diagnostics_end(void);
/* Sends libbpf's messages to the collector instead of stderr. */
void diagnostics_install(void);

/* Throw, and return NULL so that a caller can return the result. Each is a no-op if an exception is pending. */
napi_value throw_bpf(napi_env env, const char *code, const char *operation, int error_number);
napi_value throw_type(napi_env env, const char *format, ...) __attribute__((format(printf, 2, 3)));
napi_value throw_range(napi_env env, const char *format, ...) __attribute__((format(printf, 2, 3)));
napi_value throw_status(napi_env env, napi_status status, const char *call);

/* Leaves the calling function with an exception when a Node-API call fails. */
#define NAPI(env, call)                                                                                                \
	do {                                                                                                           \
		napi_status status_ = (call);                                                                          \
		if (status_ != napi_ok)                                                                                \
			return throw_status(env, status_, #call);                                                      \
	} while (0)

/* ---- module.c ---- */

enum resource_kind { RESOURCE_OBJECT = 1, RESOURCE_LINK, RESOURCE_RING, RESOURCE_HEARTBEAT };

/* First member of everything that must be released: by close(), by garbage collection, or when the environment ends. */
struct resource {
	enum resource_kind kind;
	void (*release)(struct resource *resource);
	struct resource *next;
	struct resource **self; /* the pointer that points here; NULL once released */
};

/* State of one environment: the main thread, or one worker. */
struct environment {
	struct resource *resources;
	napi_ref error_factory;
};

/* Registers a resource and hands it to JavaScript. Releases and frees it when that fails. */
napi_value resource_wrap(napi_env env, struct resource *resource, enum resource_kind kind,
			 void (*release)(struct resource *));
/* Releases many at once, each on a thread of its own, so that the kernel's waits overlap; closed ones are passed over. */
void resources_release_together(struct resource **resources, size_t count);
/* The open resource behind a value, or NULL with an exception. */
void *resource_unwrap(napi_env env, napi_value value, enum resource_kind kind);

/* Fills arguments[0..count); a missing argument reads as undefined. */
bool read_arguments(napi_env env, napi_callback_info info, size_t count, napi_value *arguments);
bool read_uint32(napi_env env, napi_value value, uint32_t *result);
bool read_int64(napi_env env, napi_value value, int64_t *result);
bool read_bool(napi_env env, napi_value value, bool *result);
/* A NUL-terminated copy to free(), or NULL with an exception. */
char *read_string(napi_env env, napi_value value);

struct bytes {
	uint8_t *data;
	size_t length;
};
/* The memory of an ArrayBuffer or of a typed array (length in bytes); TypeError naming the argument otherwise. */
bool read_bytes(napi_env env, napi_value value, const char *argument, struct bytes *result);
/* As read_bytes, and of exactly that length. */
bool read_sized_bytes(napi_env env, napi_value value, const char *argument, size_t length, struct bytes *result);
/* A fresh Uint8Array of that length; `data` receives its memory. */
napi_value create_bytes(napi_env env, size_t length, uint8_t **data);
bool set_number(napi_env env, napi_value object, const char *name, double value);
bool set_string(napi_env env, napi_value object, const char *name, const char *value);
bool set_bool(napi_env env, napi_value object, const char *name, bool value);

/* ---- object.c ---- */

struct object {
	struct resource resource;
	struct bpf_object *bpf;
	struct bpf_program **programs;
	size_t program_count;
	struct bpf_map **maps;
	size_t map_count;
};

/* Reads (object, index) from two arguments. */
struct bpf_program *read_program(napi_env env, const napi_value *arguments);
struct bpf_map *read_map(napi_env env, const napi_value *arguments);

napi_value object_open(napi_env env, napi_callback_info info);
napi_value object_describe(napi_env env, napi_callback_info info);
napi_value object_btf(napi_env env, napi_callback_info info);
napi_value object_load(napi_env env, napi_callback_info info);

/* ---- program.c ---- */

napi_value program_describe(napi_env env, struct bpf_program *program);
napi_value program_disable(napi_env env, napi_callback_info info);
napi_value program_set_attach_type(napi_env env, napi_callback_info info);
napi_value program_attach_uprobe(napi_env env, napi_callback_info info);
napi_value program_attach_uprobe_multi(napi_env env, napi_callback_info info);
napi_value program_attach_tracepoint(napi_env env, napi_callback_info info);
napi_value program_attach_trace(napi_env env, napi_callback_info info);
napi_value program_attach_kprobe(napi_env env, napi_callback_info info);
napi_value program_statistics(napi_env env, napi_callback_info info);

/* ---- tracepoint.c ---- */

/* An open, disabled perf event of a kernel tracepoint, or a negative errno. */
int tracepoint_open(const char *category, const char *name);

/* ---- kprobe.c ---- */

/* The number of a dynamic event source of perf, such as "kprobe", or a negative errno. */
int event_source(const char *name);
/* An open, disabled perf event of a kernel function, or a negative errno. */
int kprobe_open(const char *function, uint64_t offset, bool at_return);

/* ---- map.c ---- */

napi_value map_describe(napi_env env, struct bpf_map *map);
napi_value map_disable(napi_env env, napi_callback_info info);
napi_value map_set_max_entries(napi_env env, napi_callback_info info);
napi_value map_initial_value(napi_env env, napi_callback_info info);
napi_value map_set_initial_value(napi_env env, napi_callback_info info);
napi_value map_get(napi_env env, napi_callback_info info);
napi_value map_set(napi_env env, napi_callback_info info);
napi_value map_delete(napi_env env, napi_callback_info info);
napi_value map_snapshot(napi_env env, napi_callback_info info);

/* ---- ring.c ---- */

napi_value ring_open(napi_env env, napi_callback_info info);
napi_value ring_drain(napi_env env, napi_callback_info info);
napi_value ring_state(napi_env env, napi_callback_info info);

/* ---- heartbeat.c ---- */

napi_value heartbeat_start(napi_env env, napi_callback_info info);
napi_value heartbeat_count(napi_env env, napi_callback_info info);

/* ---- link.c ---- */

/* Hands a libbpf link, or a bare file descriptor whose closing detaches, to JavaScript. */
napi_value link_wrap(napi_env env, struct bpf_link *link);
napi_value link_wrap_fd(napi_env env, int fd);
napi_value file_lock(napi_env env, napi_callback_info info);
napi_value links_close(napi_env env, napi_callback_info info);
napi_value statistics_enable(napi_env env, napi_callback_info info);

/* ---- feature.c ---- */

napi_value feature_probe(napi_env env, napi_callback_info info);
/* bpf(BPF_LINK_CREATE) of a uprobe_multi link; a file descriptor or a negative errno. */
struct uprobe_multi {
	uint32_t attach_type;
	const char *path;
	const uint64_t *offsets;
	const uint64_t *cookies;
	uint32_t count;
	uint32_t flags;
	uint32_t pid;
};
int uprobe_multi_create(int program_fd, const struct uprobe_multi *request);

#endif
