/* SPDX-License-Identifier: Apache-2.0 */
/* Program: one eBPF program of an object, and the ways to attach it. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "loader.h"

#define ATTACH_FAILED "INGERO_BPF_ATTACH"

napi_value program_describe(napi_env env, struct bpf_program *program)
{
	napi_value result;

	NAPI(env, napi_create_object(env, &result));
	if (!set_string(env, result, "name", bpf_program__name(program)) ||
	    !set_string(env, result, "section", bpf_program__section_name(program)) ||
	    !set_number(env, result, "instructionCount", (double)bpf_program__insn_cnt(program)) ||
	    !set_bool(env, result, "enabled", bpf_program__autoload(program)))
		return throw_status(env, napi_generic_failure, "napi_set_named_property");
	return result;
}

/* (object, index) => void: load() leaves this program out. */
napi_value program_disable(napi_env env, napi_callback_info info)
{
	napi_value arguments[2];

	if (!read_arguments(env, info, 2, arguments))
		return NULL;
	struct bpf_program *program = read_program(env, arguments);

	if (!program)
		return NULL;
	int error = bpf_program__set_autoload(program, false);

	return error ? throw_bpf(env, "INGERO_BPF_OPEN", "bpf_program__set_autoload", error) : NULL;
}

/* (object, index, type) => void: the attach type declared at load. */
napi_value program_set_attach_type(napi_env env, napi_callback_info info)
{
	napi_value arguments[3];
	uint32_t type;

	if (!read_arguments(env, info, 3, arguments))
		return NULL;
	struct bpf_program *program = read_program(env, arguments);

	if (!program || !read_uint32(env, arguments[2], &type))
		return NULL;
	int error = bpf_program__set_expected_attach_type(program, (enum bpf_attach_type)type);

	return error ? throw_bpf(env, "INGERO_BPF_OPEN", "bpf_program__set_expected_attach_type", error) : NULL;
}

static napi_value wrap_or_throw(napi_env env, struct bpf_link *link, const char *operation)
{
	return link ? link_wrap(env, link) : throw_bpf(env, ATTACH_FAILED, operation, errno);
}

/* (object, index, path, symbol, offset, cookie, pid, return) => link. An empty symbol means none; pid -1, every process. */
napi_value program_attach_uprobe(napi_env env, napi_callback_info info)
{
	napi_value arguments[8];
	struct bytes cookie;
	int64_t offset, pid;
	bool at_return;

	if (!read_arguments(env, info, 8, arguments))
		return NULL;
	struct bpf_program *program = read_program(env, arguments);

	if (!program || !read_int64(env, arguments[4], &offset) ||
	    !read_sized_bytes(env, arguments[5], "cookie", sizeof(uint64_t), &cookie) ||
	    !read_int64(env, arguments[6], &pid) || !read_bool(env, arguments[7], &at_return))
		return NULL;
	char *path = read_string(env, arguments[2]);
	char *symbol = path ? read_string(env, arguments[3]) : NULL;
	napi_value result = NULL;

	if (symbol) {
		LIBBPF_OPTS(bpf_uprobe_opts, options, .bpf_cookie = *(const uint64_t *)cookie.data,
			    .retprobe = at_return, .func_name = *symbol ? symbol : NULL);

		diagnostics_begin();
		result = wrap_or_throw(env,
				       bpf_program__attach_uprobe_opts(program, (pid_t)pid, path, (size_t)offset,
								       &options),
				       "attach uprobe");
	}
	free(symbol);
	free(path);
	return result;
}

/* (object, index, path, offsets, cookies, attach type, flags, pid) => link. No cookies: an empty array; pid 0, every process. */
napi_value program_attach_uprobe_multi(napi_env env, napi_callback_info info)
{
	napi_value arguments[8];
	struct bytes offsets, cookies;
	struct uprobe_multi request = { 0 };

	if (!read_arguments(env, info, 8, arguments))
		return NULL;
	struct bpf_program *program = read_program(env, arguments);

	if (!program || !read_bytes(env, arguments[3], "offsets", &offsets) ||
	    !read_bytes(env, arguments[4], "cookies", &cookies) ||
	    !read_uint32(env, arguments[5], &request.attach_type) || !read_uint32(env, arguments[6], &request.flags) ||
	    !read_uint32(env, arguments[7], &request.pid))
		return NULL;
	if (cookies.length && cookies.length != offsets.length)
		return throw_type(env, "cookies: expected one for each offset");
	char *path = read_string(env, arguments[2]);

	if (!path)
		return NULL;
	request.path = path;
	request.offsets = (const uint64_t *)offsets.data;
	request.cookies = cookies.length ? (const uint64_t *)cookies.data : NULL;
	request.count = (uint32_t)(offsets.length / sizeof(uint64_t));
	diagnostics_begin();
	int fd = uprobe_multi_create(bpf_program__fd(program), &request);

	free(path);
	return fd < 0 ? throw_bpf(env, ATTACH_FAILED, "attach uprobe_multi", fd) : link_wrap_fd(env, fd);
}

/* Puts a program on a perf event, which the link then owns; closes the event when that fails. */
static napi_value attach_to_event(napi_env env, struct bpf_program *program, int event, uint64_t cookie,
				  const char *operation)
{
	if (event < 0)
		return throw_bpf(env, ATTACH_FAILED, operation, event);
	LIBBPF_OPTS(bpf_perf_event_opts, options, .bpf_cookie = cookie);
	struct bpf_link *link = bpf_program__attach_perf_event_opts(program, event, &options);

	if (!link) {
		int error = errno;

		close(event);
		return throw_bpf(env, ATTACH_FAILED, operation, error);
	}
	return link_wrap(env, link);
}

/* (object, index, category, name) => link */
napi_value program_attach_tracepoint(napi_env env, napi_callback_info info)
{
	napi_value arguments[4];

	if (!read_arguments(env, info, 4, arguments))
		return NULL;
	struct bpf_program *program = read_program(env, arguments);

	if (!program)
		return NULL;
	char *category = read_string(env, arguments[2]);
	char *name = category ? read_string(env, arguments[3]) : NULL;
	int event = -EINVAL;

	diagnostics_begin();
	if (name)
		event = tracepoint_open(category, name);
	free(name);
	free(category);
	return attach_to_event(env, program, event, 0, "attach tracepoint");
}

/* (object, index, function, offset, cookie, return) => link */
napi_value program_attach_kprobe(napi_env env, napi_callback_info info)
{
	napi_value arguments[6];
	struct bytes cookie;
	int64_t offset;
	bool at_return;

	if (!read_arguments(env, info, 6, arguments))
		return NULL;
	struct bpf_program *program = read_program(env, arguments);

	if (!program || !read_int64(env, arguments[3], &offset) ||
	    !read_sized_bytes(env, arguments[4], "cookie", sizeof(uint64_t), &cookie) ||
	    !read_bool(env, arguments[5], &at_return))
		return NULL;
	char *function = read_string(env, arguments[2]);

	if (!function)
		return NULL;
	diagnostics_begin();
	int event = kprobe_open(function, (uint64_t)offset, at_return);

	free(function);
	return attach_to_event(env, program, event, *(const uint64_t *)cookie.data, "attach kprobe");
}

/* (object, index, operation) => link: to what the program's section names, a BTF tracepoint or a kernel function. */
napi_value program_attach_trace(napi_env env, napi_callback_info info)
{
	napi_value arguments[3], result;

	if (!read_arguments(env, info, 3, arguments))
		return NULL;
	struct bpf_program *program = read_program(env, arguments);
	char *operation = program ? read_string(env, arguments[2]) : NULL;

	if (!operation)
		return NULL;
	diagnostics_begin();
	result = wrap_or_throw(env, bpf_program__attach_trace(program), operation);
	free(operation);
	return result;
}

/* (object, index) => { runCount, runTimeNs, recursionMisses, verifiedInstructions } */
napi_value program_statistics(napi_env env, napi_callback_info info)
{
	napi_value arguments[2], result;
	struct bpf_prog_info facts = { 0 };
	uint32_t length = sizeof(facts);

	if (!read_arguments(env, info, 2, arguments))
		return NULL;
	struct bpf_program *program = read_program(env, arguments);

	if (!program)
		return NULL;
	diagnostics_begin();
	int error = bpf_obj_get_info_by_fd(bpf_program__fd(program), &facts, &length);

	if (error)
		return throw_bpf(env, "INGERO_BPF_STATISTICS", "bpf(BPF_OBJ_GET_INFO_BY_FD)", error);
	NAPI(env, napi_create_object(env, &result));
	if (!set_number(env, result, "runCount", (double)facts.run_cnt) ||
	    !set_number(env, result, "runTimeNs", (double)facts.run_time_ns) ||
	    !set_number(env, result, "recursionMisses", (double)facts.recursion_misses) ||
	    !set_number(env, result, "verifiedInstructions", (double)facts.verified_insns))
		return throw_status(env, napi_generic_failure, "napi_set_named_property");
	return result;
}
