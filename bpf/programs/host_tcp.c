// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * TCP segments sent again, of the whole machine.
 *
 * Hooks:   tp_btf tcp_retransmit_skb (records), inet_sock_set_state (whose socket it is).
 * Kernel:  5.15.
 *
 * A retransmission happens in a timer, under whatever task runs then. The process is that which connected the socket, or
 * listened where it was accepted: sockets inherit it from the one they come from. One older than the probe has none:
 * pid 0.
 */
#include "ingero_host.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>

#define AF_INET6 10
/* include/net/tcp_states.h */
#define TCP_SYN_SENT 2
#define TCP_LISTEN 10

struct in6_addr {
	union {
		__be32 u6_addr32[4];
	} in6_u;
};

struct sock_common {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	struct in6_addr skc_v6_daddr;
} __attribute__((preserve_access_index));

struct sock {
	struct sock_common __sk_common;
} __attribute__((preserve_access_index));

struct sk_buff {
	unsigned int len;
} __attribute__((preserve_access_index));

struct ingero_socket_owner {
	__u32 pid;
	__u32 tid;
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
	__type(key, int);
	__type(value, struct ingero_socket_owner);
} socket_owners SEC(".maps");

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(socket_opened, struct sock *sk, int old_state, int new_state)
{
	struct ingero_socket_owner *owner;
	__u64 pid_tid = bpf_get_current_pid_tgid();

	if (new_state != TCP_SYN_SENT && new_state != TCP_LISTEN)
		return 0;
	if (((struct task_struct *)bpf_get_current_task_btf())->flags & PF_KTHREAD)
		return 0;
	owner = bpf_sk_storage_get(&socket_owners, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (owner) {
		owner->pid = pid_tid >> 32;
		owner->tid = (__u32)pid_tid;
	}
	return 0;
}

static __always_inline __u64 two_words(__be32 high, __be32 low)
{
	return (__u64)bpf_ntohl(high) << 32 | bpf_ntohl(low);
}

/* ::ffff:a.b.c.d, RFC 4291, 2.5.5.2: IPv4 through a socket of the other family. */
static __always_inline int is_mapped_ipv4(const __be32 *address)
{
	return !address[0] && !address[1] && address[2] == bpf_htonl(0xffff);
}

SEC("tp_btf/tcp_retransmit_skb")
int BPF_PROG(segment_retransmitted, struct sock *sk, struct sk_buff *skb)
{
	struct ingero_socket_owner *owner = bpf_sk_storage_get(&socket_owners, sk, 0, 0);
	__u32 pid = owner ? owner->pid : 0, tid = owner ? owner->tid : 0;
	struct sock_common *common = &sk->__sk_common;
	__u64 ends = bpf_ntohs(common->skc_dport) | (__u64)common->skc_num << 16 | (__u64)common->skc_state << 32;
	__be32 peer[4] = {};

	INGERO_HOST_COUNT(produced);
	if (common->skc_family == AF_INET6 && bpf_core_field_exists(common->skc_v6_daddr)) {
		peer[0] = common->skc_v6_daddr.in6_u.u6_addr32[0];
		peer[1] = common->skc_v6_daddr.in6_u.u6_addr32[1];
		peer[2] = common->skc_v6_daddr.in6_u.u6_addr32[2];
		peer[3] = common->skc_v6_daddr.in6_u.u6_addr32[3];
	}
	if (common->skc_family == AF_INET6 && !is_mapped_ipv4(peer))
		ingero_host_deliver(bpf_ktime_get_ns(), 0, pid, tid, INGERO_OP_TCP_RETRANSMIT_IPV6,
				    two_words(peer[0], peer[1]), two_words(peer[2], peer[3]), ends);
	else
		ingero_host_deliver(bpf_ktime_get_ns(), 0, pid, tid, INGERO_OP_TCP_RETRANSMIT,
				    two_words(common->skc_rcv_saddr, common->skc_daddr), ends, skb->len);
	return 0;
}
