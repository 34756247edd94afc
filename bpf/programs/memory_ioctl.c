// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * What processes ask of the NVIDIA kernel driver: every ioctl counted by its number, those that take or give back
 * memory as records.
 *
 * Hooks:   one of three, as user space decides:
 *          fentry or kprobe on nvidia_unlocked_ioctl(file, cmd, argument), which see the driver's own calls only; or
 *          the tracepoints sys_enter_ioctl and sys_exit_ioctl, which know the result, and which every system call of
 *          the machine pays for a little.
 * Kernel:  5.15; fentry on a module's function needs the module's type information.
 *
 * The number is the low byte of the command; its other bits have the size of the argument, which changes from driver to
 * driver. The 'F' of the type byte is the frame buffers', too: their numbers lie below the driver's.
 */
#include "ingero_registers.h"
#include "ingero_host.h"

/* include/uapi/asm-generic/ioctl.h */
#define NUMBER_OF(command) ((command)&0xff)
#define TYPE_OF(command) (((command) >> 8) & 0xff)
#define NVIDIA_TYPE 'F'
#define FIRST_NVIDIA_NUMBER 0x27
/* Its argument begins with the number that is really meant. */
#define WRAPPED_NUMBER 0xd3

struct ingero_ioctl_key {
	__u32 pid;
	__u32 number;
};

/* Sums that only grow. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct ingero_ioctl_key);
	__type(value, __u64);
} ioctl_counts SEC(".maps");

struct ingero_pending_ioctl {
	__u64 entered_ns; /* 0: none */
	__u32 command;
	__u32 number;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct ingero_pending_ioctl);
} pending_ioctls SEC(".maps");

static __always_inline int is_of_driver(__u32 command)
{
	return TYPE_OF(command) == NVIDIA_TYPE && NUMBER_OF(command) >= FIRST_NVIDIA_NUMBER;
}

static __always_inline __u32 number_meant(__u32 command, __u64 argument)
{
	__u32 number = NUMBER_OF(command), meant = 0;

	if (number == WRAPPED_NUMBER && !bpf_probe_read_user(&meant, sizeof(meant), (void *)argument) && meant <= 0xff)
		return meant;
	return number;
}

/* The operation of an ioctl that takes or gives back memory, else 0: the classes in packages/probes/src/host. */
static __always_inline __u32 memory_op_of(__u32 number)
{
	switch (number) {
	case 0x27: /* alloc memory */
	case 0x28: /* alloc object */
	case 0x2b: /* alloc */
	case 0x34: /* dup */
	case 0x35: /* share */
	case 0x4a: /* video heap control */
	case 0x4e: /* map memory */
	case 0x57: /* map for DMA */
		return INGERO_OP_NVIDIA_IOCTL_ALLOC;
	case 0x29: /* free */
	case 0x4f: /* unmap memory */
	case 0x58: /* unmap for DMA */
		return INGERO_OP_NVIDIA_IOCTL_FREE;
	default:
		return 0;
	}
}

/* Adds to the sum of the process and number; false when there is no room for a new one. */
static __always_inline int add_to_count(__u32 pid, __u32 number)
{
	struct ingero_ioctl_key key = { .pid = pid, .number = number };
	__u64 *count = bpf_map_lookup_elem(&ioctl_counts, &key), none = 0;

	if (!count) {
		/* Fails when another CPU was faster, too. */
		bpf_map_update_elem(&ioctl_counts, &key, &none, BPF_NOEXIST);
		count = bpf_map_lookup_elem(&ioctl_counts, &key);
		if (!count)
			return 0;
	}
	__sync_fetch_and_add(count, 1);
	return 1;
}

/* In the ledger of losses every ioctl is in one place: a record, or the sum alone. */
static __always_inline void ioctl_done(__u64 ts_ns, __u64 duration_ns, __u32 command, __u32 number, __s64 result)
{
	__u64 pid_tid = bpf_get_current_pid_tgid();
	__u32 op = memory_op_of(number), pid = pid_tid >> 32;
	int counted = add_to_count(pid, number);

	if (op) {
		if (!counted)
			INGERO_HOST_COUNT(table_full);
		ingero_host_deliver(ts_ns, duration_ns, pid, (__u32)pid_tid, op, command, (__u64)result, number);
	} else if (counted) {
		INGERO_HOST_COUNT(summed);
	} else {
		INGERO_HOST_COUNT(no_slot);
	}
}

static __always_inline void driver_entered(__u32 command, __u64 argument)
{
	if (!is_of_driver(command))
		return;
	INGERO_HOST_COUNT(produced);
	ioctl_done(bpf_ktime_get_ns(), 0, command, number_meant(command, argument), 0);
}

SEC("fentry/nvidia_unlocked_ioctl")
int BPF_PROG(ioctl_fentry, void *file, unsigned int command, unsigned long argument)
{
	driver_entered(command, argument);
	return 0;
}

SEC("kprobe/nvidia_unlocked_ioctl")
int ioctl_kprobe(struct pt_regs *context)
{
	driver_entered((__u32)PT_REGS_PARM2(context), PT_REGS_PARM3(context));
	return 0;
}

/* /sys/kernel/tracing/events/syscalls/sys_enter_ioctl/format */
struct ioctl_entry {
	__u64 common;
	__u64 system_call;
	__u64 fd;
	__u64 command;
	__u64 argument;
};

/* …/sys_exit_ioctl/format */
struct ioctl_exit {
	__u64 common;
	__u64 system_call;
	__s64 result;
};

SEC("tracepoint/syscalls/sys_enter_ioctl")
int ioctl_entered(struct ioctl_entry *context)
{
	struct ingero_pending_ioctl *pending;
	__u32 command = (__u32)context->command;

	if (!is_of_driver(command))
		return 0;
	INGERO_HOST_COUNT(produced);
	pending = bpf_task_storage_get(&pending_ioctls, bpf_get_current_task_btf(), 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!pending) {
		INGERO_HOST_COUNT(no_slot);
		return 0;
	}
	pending->command = command;
	pending->number = number_meant(command, context->argument);
	pending->entered_ns = bpf_ktime_get_ns();
	INGERO_HOST_COUNT(started);
	return 0;
}

SEC("tracepoint/syscalls/sys_exit_ioctl")
int ioctl_returned(struct ioctl_exit *context)
{
	struct ingero_pending_ioctl *pending =
		bpf_task_storage_get(&pending_ioctls, bpf_get_current_task_btf(), 0, 0);
	__u64 now_ns, entered_ns;

	if (!pending || !pending->entered_ns)
		return 0;
	now_ns = bpf_ktime_get_ns();
	entered_ns = pending->entered_ns;
	pending->entered_ns = 0;
	INGERO_HOST_COUNT(finished);
	ioctl_done(now_ns, now_ns - entered_ns, pending->command, pending->number, context->result);
	return 0;
}
