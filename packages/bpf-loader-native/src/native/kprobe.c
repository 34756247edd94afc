/* SPDX-License-Identifier: Apache-2.0 */
/* Kprobe: perf events of kernel functions. They go with their file descriptor, unlike those that tracefs keeps. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "loader.h"

/* /sys/bus/event_source/devices/kprobe/format/retprobe: "config:0" */
#define CONFIG_RETURN 1

int event_source(const char *name)
{
	char path[96];
	int type;

	snprintf(path, sizeof(path), "/sys/bus/event_source/devices/%s/type", name);
	FILE *file = fopen(path, "re");

	if (!file)
		return -errno;
	int found = fscanf(file, "%d", &type);

	fclose(file);
	return found == 1 ? type : -EIO;
}

int kprobe_open(const char *function, uint64_t offset, bool at_return)
{
	int type = event_source("kprobe");

	if (type < 0)
		return -EOPNOTSUPP;
	struct perf_event_attr attributes = {
		.type = (uint32_t)type,
		.size = sizeof(attributes),
		.config = at_return ? CONFIG_RETURN : 0,
		.kprobe_func = (uintptr_t)function,
		.probe_offset = offset,
	};
	/* As with a tracepoint, the processor is only where the event is accounted. */
	int event = (int)syscall(SYS_perf_event_open, &attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);

	return event < 0 ? -errno : event;
}
