/* SPDX-License-Identifier: Apache-2.0 */
/* Finds and opens kernel tracepoints, also where nobody has mounted tracefs. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "loader.h"

/* The new mount calls have one number on every architecture; glibc 2.28 has no names for them. */
#define NR_FSOPEN 430
#define NR_FSCONFIG 431
#define NR_FSMOUNT 432
#define FSOPEN_FLAG_CLOEXEC 1
#define FSCONFIG_CREATE 6
#define FSMOUNT_FLAG_CLOEXEC 1
#define MOUNT_READ_ONLY 1

/*
 * A tracefs of our own that no path leads to: the machine's mount table stays as it is, and closing the file
 * descriptor takes it away. Kernel 5.2, CAP_SYS_ADMIN.
 */
static int tracefs_detached(void)
{
	int context = (int)syscall(NR_FSOPEN, "tracefs", FSOPEN_FLAG_CLOEXEC);

	if (context < 0)
		return -errno;
	int root = -1;

	if (syscall(NR_FSCONFIG, context, FSCONFIG_CREATE, NULL, NULL, 0) == 0)
		root = (int)syscall(NR_FSMOUNT, context, FSMOUNT_FLAG_CLOEXEC, MOUNT_READ_ONLY);
	int error = errno;

	close(context);
	return root < 0 ? -error : root;
}

static int tracefs_open(void)
{
	static const char *const mounted[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };

	for (size_t i = 0; i < sizeof(mounted) / sizeof(mounted[0]); i++) {
		int root = open(mounted[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (root >= 0 && faccessat(root, "events", F_OK, 0) == 0)
			return root;
		if (root >= 0)
			close(root);
	}
	return tracefs_detached();
}

/* The kernel's number of a tracepoint, or a negative errno. */
static long tracepoint_id(const char *category, const char *name)
{
	char path[256], text[32];

	if (snprintf(path, sizeof(path), "events/%s/%s/id", category, name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	int root = tracefs_open();

	if (root < 0)
		return root;
	int file = openat(root, path, O_RDONLY | O_CLOEXEC);
	int error = errno;

	close(root);
	if (file < 0)
		return -error;
	ssize_t length = read(file, text, sizeof(text) - 1);

	error = errno;
	close(file);
	if (length <= 0)
		return length < 0 ? -error : -EIO;
	text[length] = '\0';
	return strtol(text, NULL, 10);
}

int tracepoint_open(const char *category, const char *name)
{
	long id = tracepoint_id(category, name);

	if (id < 0)
		return (int)id;
	struct perf_event_attr attributes = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attributes),
		.config = (uint64_t)id,
	};
	/* The processor is only where the event is accounted; a program attached to a tracepoint runs on all of them. */
	int event = (int)syscall(SYS_perf_event_open, &attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);

	return event < 0 ? -errno : event;
}
