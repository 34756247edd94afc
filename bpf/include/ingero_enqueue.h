/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/* Work on its way to a stream: what goes on its ledger, and what does not because it is captured into a graph. */
#ifndef INGERO_ENQUEUE_H
#define INGERO_ENQUEUE_H

#include "ingero_cookie.h"
#include "ingero_deliver.h"

/* What is enqueued on this stream now becomes part of a graph, and is not executed. */
static __always_inline int is_captured(struct ingero_stream *stream, __u32 pid)
{
	struct ingero_stream *origin;

	if (!stream->captured_by)
		return 0;
	if (stream->captured_by == stream->name)
		return 1;
	/* Joined to a capture, which may be over, and another begun. */
	origin = ingero_known_stream(pid, stream->captured_by);
	if (origin && origin->captured_by == origin->name && origin->captures_begun == stream->capture)
		return 1;
	stream->captured_by = 0;
	return 0;
}

/* The stream that this call's work goes to; a call that names no stream belongs to the thread's latest one. */
static __always_inline struct ingero_stream *open_stream(struct ingero_thread *thread, __u64 name, int names_stream)
{
	struct ingero_stream *stream;

	if (!names_stream)
		name = thread->has_last_stream ? thread->last_stream : 0;
	if (!thread->has_last_stream || thread->last_stream != name) {
		__u32 slot = ingero_new_slot(thread->pid, name);

		stream = bpf_map_lookup_elem(&streams, &slot);
		if (!stream) {
			thread->lossy = 1;
			return 0;
		}
		if (!names_stream) {
			ingero_touch_stream(thread, slot);
			return stream;
		}
		thread->has_last_stream = 1;
		thread->last_stream = name;
		thread->last_slot = slot;
		thread->last_owner = stream->owner;
	} else {
		stream = bpf_map_lookup_elem(&streams, &thread->last_slot);
		if (!stream || stream->owner != thread->last_owner) {
			/* Given up meanwhile: the next call finds another. */
			thread->has_last_stream = 0;
			thread->lossy = 1;
			return 0;
		}
	}
	ingero_touch_stream(thread, thread->last_slot);
	return stream;
}

/* A host function right behind a read-back reads it: nobody will wait. */
static __always_inline void call_back(struct ingero_thread *thread, __u64 now_ns, __u32 pid, __u32 tid, __u32 op,
				      const __u64 *args)
{
	struct ingero_process *process = bpf_map_lookup_elem(&processes, &pid);

	if (process)
		process->called_back_ns = now_ns;
	ingero_deliver_order(thread, now_ns, 0, pid, tid, op, args);
}

/* Puts anything but a launch of a kernel on a stream's ledger. */
static __always_inline void enqueue(struct ingero_thread *thread, __u64 now_ns, __u32 pid, __u32 tid, __u32 op,
				    enum ingero_kind kind, __u64 name, int names_stream, __u64 bytes, const __u64 *args)
{
	struct ingero_stream *stream = open_stream(thread, name, names_stream);
	struct ingero_ledger *ledger;

	if (stream && is_captured(stream, pid))
		return;
	if (stream)
		name = stream->name;
	if (kind == INGERO_KIND_GRAPH_LAUNCH)
		ingero_launched(&thread->account);
	else if (kind >= INGERO_KIND_COPY_HOST_TO_DEVICE && kind <= INGERO_KIND_COPY_DEVICE_TO_HOST_BLOCKING)
		ingero_copied(&thread->account, pid, bytes);
	if (kind == INGERO_KIND_HOST_FUNCTION && thread->has_read_back && thread->read_back_stream == name)
		call_back(thread, now_ns, pid, tid, op, args);
	thread->has_read_back = kind == INGERO_KIND_COPY_DEVICE_TO_HOST;
	thread->read_back_stream = name;
	if (!stream)
		return;
	ledger = &stream->ledger;
	switch (kind) {
	case INGERO_KIND_GRAPH_LAUNCH:
		ingero_ledger_graph_launch(ledger, now_ns, args[0]);
		return;
	case INGERO_KIND_COLLECTIVE:
		ingero_ledger_touch(ledger, now_ns);
		__sync_fetch_and_add(&ledger->collectives, 1);
		return;
	case INGERO_KIND_MEMSET:
		ingero_ledger_touch(ledger, now_ns);
		__sync_fetch_and_add(&ledger->memsets, 1);
		return;
	case INGERO_KIND_HOST_FUNCTION:
		ingero_ledger_touch(ledger, now_ns);
		__sync_fetch_and_add(&ledger->host_functions, 1);
		return;
	case INGERO_KIND_ALLOC:
		__sync_fetch_and_add(&ledger->allocs, 1);
		__sync_fetch_and_add(&ledger->alloc_bytes, bytes);
		return;
	case INGERO_KIND_FREE:
		__sync_fetch_and_add(&ledger->frees, 1);
		return;
	default:
		break;
	}
	ingero_ledger_copy(ledger, now_ns, kind, bytes);
	if (kind == INGERO_KIND_COPY_DEVICE_TO_HOST || kind == INGERO_KIND_COPY_DEVICE_TO_HOST_BLOCKING)
		ingero_close_step(thread, now_ns, pid, tid, op, args);
}

/* What is recorded on events so far of one process is bounded: one that records new ones without end blinds nobody. */
static __always_inline void record_event(__u32 pid, __u64 event, __u64 stream)
{
	struct ingero_event_key key = { .pid = pid, .event = event };
	__u64 *known = bpf_map_lookup_elem(&recorded_events, &key);
	struct ingero_process *process;

	if (known) {
		*known = stream;
		return;
	}
	process = bpf_map_lookup_elem(&processes, &pid);
	if (!process || process->events >= INGERO_EVENTS_OF_A_PROCESS ||
	    bpf_map_update_elem(&recorded_events, &key, &stream, BPF_NOEXIST)) {
		INGERO_COUNT(events_overflow);
		return;
	}
	__sync_fetch_and_add(&process->events, 1);
}

static __always_inline void forget_event(__u32 pid, __u64 event)
{
	struct ingero_event_key key = { .pid = pid, .event = event };
	struct ingero_process *process;

	if (bpf_map_delete_elem(&recorded_events, &key))
		return;
	process = bpf_map_lookup_elem(&processes, &pid);
	if (process)
		__sync_fetch_and_sub(&process->events, 1);
}

/* A stream waits for what another has come to: the thread's next read-back is behind both, and so is a capture. */
static __always_inline void join_streams(struct ingero_thread *thread, __u32 pid, __u64 name, __u64 event)
{
	struct ingero_event_key key = { .pid = pid, .event = event };
	__u64 *recorded_on = bpf_map_lookup_elem(&recorded_events, &key);
	struct ingero_stream *from, *to;
	__u32 from_slot, to_slot;

	if (!recorded_on)
		return;
	from_slot = ingero_new_slot(pid, *recorded_on);
	from = bpf_map_lookup_elem(&streams, &from_slot);
	if (!from)
		return;
	ingero_touch_stream(thread, from_slot);
	to_slot = ingero_new_slot(pid, name);
	to = bpf_map_lookup_elem(&streams, &to_slot);
	if (!to)
		return;
	ingero_join(to, to_slot, from_slot);
	if (is_captured(from, pid) && !is_captured(to, pid)) {
		to->capture = from->capture;
		to->captured_by = from->captured_by;
	}
}

/* The legacy stream, 0, cannot be captured. */
static __always_inline void capture_began(__u32 pid, __u64 name)
{
	__u32 slot = ingero_new_slot(pid, name);
	struct ingero_stream *stream = bpf_map_lookup_elem(&streams, &slot);

	if (!stream)
		return;
	stream->capture = ++stream->captures_begun;
	stream->captured_by = name;
}

static __always_inline void capture_ended(__u32 pid, __u64 name)
{
	struct ingero_stream *stream = ingero_known_stream(pid, name);

	if (stream)
		stream->captured_by = 0;
}

#endif
