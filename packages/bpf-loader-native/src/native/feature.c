/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel can do, found out by trying with two-instruction programs, and the uprobe_multi link call. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "loader.h"

#define ATTACH_UPROBE_MULTI 48
#define ATTACH_UPROBE_SESSION 57

/*
 * The head of union bpf_attr for BPF_LINK_CREATE of a uprobe_multi link (kernel 6.6). Older <linux/bpf.h> and libbpf
 * before 1.3 don't have it, so it is written out here.
 */
struct link_create {
	uint32_t program_fd;
	uint32_t target_fd;
	uint32_t attach_type;
	uint32_t link_flags;
	uint64_t path;
	uint64_t offsets;
	uint64_t reference_counter_offsets;
	uint64_t cookies;
	uint32_t count;
	uint32_t flags;
	uint32_t pid;
	uint32_t reserved;
};

_Static_assert(offsetof(struct link_create, attach_type) == 8, "attach_type");
_Static_assert(offsetof(struct link_create, path) == 16, "path");
_Static_assert(offsetof(struct link_create, cookies) == 40, "cookies");
_Static_assert(offsetof(struct link_create, flags) == 52, "flags");
_Static_assert(offsetof(struct link_create, pid) == 56, "pid");

int uprobe_multi_create(int program_fd, const struct uprobe_multi *request)
{
	struct link_create attributes = {
		.program_fd = (uint32_t)program_fd,
		.attach_type = request->attach_type,
		.path = (uintptr_t)request->path,
		.offsets = (uintptr_t)request->offsets,
		.cookies = (uintptr_t)request->cookies,
		.count = request->count,
		.flags = request->flags,
		.pid = request->pid,
	};
	int fd = (int)syscall(SYS_bpf, BPF_LINK_CREATE, &attributes, sizeof(attributes));

	return fd < 0 ? -errno : fd;
}

/* return bpf_helper(context), or return 0 */
static int load_program(enum bpf_attach_type attach_type, int32_t helper)
{
	struct bpf_insn instructions[2] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = attach_type);

	if (helper)
		instructions[0] = (struct bpf_insn){ .code = BPF_JMP | BPF_CALL, .imm = helper };
	int fd = bpf_prog_load(BPF_PROG_TYPE_KPROBE, "ingero_probe", "GPL", instructions, 2, &options);

	return fd < 0 ? -errno : fd;
}

static int close_if_open(int fd_or_error)
{
	if (fd_or_error < 0)
		return fd_or_error;
	close(fd_or_error);
	return 0;
}

static int probe_program(void)
{
	return close_if_open(load_program(0, 0));
}

static int probe_btf(void)
{
	int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);

	return close_if_open(fd < 0 ? -errno : fd);
}

static int probe_ring(void)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ingero_probe", 0, 0, (uint32_t)sysconf(_SC_PAGESIZE), NULL);

	return close_if_open(fd < 0 ? -errno : fd);
}

static int probe_cookie(void)
{
	return close_if_open(load_program(0, BPF_FUNC_get_attach_cookie));
}

/*
 * A link on "/", which is no regular file: a kernel that knows the link type gets as far as EBADF, and attaches
 * nothing. For a pid that cannot exist, kernels that filter by process (6.10) say EINVAL first; those that filter by
 * thread go on to EBADF.
 */
static int probe_multi(enum bpf_attach_type attach_type, uint32_t pid, int expected)
{
	const uint64_t offset = 0;
	int program = load_program(attach_type, 0);

	if (program < 0)
		return program;
	struct uprobe_multi request = {
		.attach_type = attach_type, .path = "/", .offsets = &offset, .count = 1, .pid = pid,
	};
	int answer = close_if_open(uprobe_multi_create(program, &request));

	close(program);
	if (answer == expected)
		return 0;
	return answer ? answer : -EOPNOTSUPP;
}

static int probe_uprobe(void)
{
	int type = event_source("uprobe");

	return type < 0 ? type : probe_program();
}

static int probe_kprobe(void)
{
	return close_if_open(kprobe_open("vfs_read", 0, false));
}

/* Loads and attaches to a function that only the kernel's own tests call. */
static int probe_fentry(void)
{
	const struct bpf_insn instructions[2] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int function = libbpf_find_vmlinux_btf_id("bpf_fentry_test1", BPF_TRACE_FENTRY);

	if (function < 0)
		return function;
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_FENTRY,
		    .attach_btf_id = (uint32_t)function);
	int program = bpf_prog_load(BPF_PROG_TYPE_TRACING, "ingero_probe", "GPL", instructions, 2, &options);
	int error = errno;

	/* A kernel that was built without it says EPERM, even to those who may load programs. */
	if (program < 0)
		return error == EPERM && !probe_program() ? -EOPNOTSUPP : -error;
	int link = bpf_raw_tracepoint_open(NULL, program);
	int answer = close_if_open(link < 0 ? -errno : link);

	close(program);
	return answer;
}

static int probe(const char *name)
{
	if (!strcmp(name, "btf"))
		return probe_btf();
	if (!strcmp(name, "ring"))
		return probe_ring();
	if (!strcmp(name, "uprobe"))
		return probe_uprobe();
	if (!strcmp(name, "uprobeCookie"))
		return probe_cookie();
	if (!strcmp(name, "uprobeMulti"))
		return probe_multi(ATTACH_UPROBE_MULTI, 0, -EBADF);
	if (!strcmp(name, "uprobeMultiPid")) {
		/* A kernel without such links says EINVAL to every one. */
		int multi = probe_multi(ATTACH_UPROBE_MULTI, 0, -EBADF);

		return multi ? multi : probe_multi(ATTACH_UPROBE_MULTI, UINT32_MAX, -EINVAL);
	}
	if (!strcmp(name, "uprobeSession"))
		return probe_multi(ATTACH_UPROBE_SESSION, 0, -EBADF);
	if (!strcmp(name, "tracepoint"))
		return close_if_open(tracepoint_open("sched", "sched_switch"));
	if (!strcmp(name, "kprobe"))
		return probe_kprobe();
	if (!strcmp(name, "fentry"))
		return probe_fentry();
	return -EINVAL;
}

/* (name) => errno: 0 when the kernel has the feature and this process may use it. */
napi_value feature_probe(napi_env env, napi_callback_info info)
{
	napi_value argument, result;

	if (!read_arguments(env, info, 1, &argument))
		return NULL;
	char *name = read_string(env, argument);

	if (!name)
		return NULL;
	diagnostics_begin();
	int answer = probe(name);

	free(name);
	NAPI(env, napi_create_int32(env, -answer, &result));
	return result;
}
