/* SPDX-License-Identifier: Apache-2.0 */
/* A struct with every kind of member that a record may have; compiled by clang for BPF and by the host's compiler. */
#ifndef LAYOUT_H
#define LAYOUT_H

#include <linux/types.h>

enum layout_kind { LAYOUT_FIRST, LAYOUT_SECOND };

struct layout_header {
	__u8 kind;
	__u8 version;
	__u16 flags;
	__u32 tid;
};

struct layout_record {
	struct layout_header header;
	__u64 timestamp_ns;
	union {
		__u64 handle;
		struct {
			__u32 low;
			__u32 high;
		};
	};
	char comm[16];
	__s16 matrix[3][2];
	enum layout_kind kind;
	__u8 last;
};

#define LAYOUT_FIELDS(FIELD)                                                                                           \
	FIELD(header) FIELD(timestamp_ns) FIELD(handle) FIELD(low) FIELD(high) FIELD(comm) FIELD(matrix) FIELD(kind)   \
	FIELD(last)

#endif
