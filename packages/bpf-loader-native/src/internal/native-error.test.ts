import { expect, it } from 'vitest';
import { nativeError } from './native-error';

// Printed by libbpf 1.1.2 on Linux 6.18, shortened.
const REJECTED = `libbpf: prog 'probe': BPF program load failed: Permission denied
libbpf: prog 'probe': -- BEGIN PROG LOAD LOG --
0: R1=ctx() R10=fp0
0: (b7) r1 = 0                        ; R1=0
13: (79) r0 = *(u64 *)(r0 +0)
R0 invalid mem access 'map_value_or_null'
processed 12 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 1
-- END PROG LOAD LOG --
libbpf: prog 'probe': failed to load: -13
libbpf: failed to load object 'object'
`;

it('takes the verifier log out of what libbpf printed', () => {
	const error = nativeError('INGERO_BPF_LOAD', 'bpf_object__load', 13, REJECTED);
	expect(error.verifierLog?.split('\n')).toHaveLength(6);
	expect(error.verifierLog).toMatch(/^0: R1=ctx/);
	expect(error.diagnostics?.split('\n')).toEqual([
		"libbpf: prog 'probe': BPF program load failed: Permission denied",
		"libbpf: prog 'probe': failed to load: -13",
		"libbpf: failed to load object 'object'",
	]);
	expect(error.message).toContain("R0 invalid mem access 'map_value_or_null'");
	expect(error.message).not.toContain('processed 12 insns');
	expect(error).toMatchObject({ errno: 13, errnoName: 'EACCES', hint: undefined });
});

it('names the failure behind a refusal of type information that libbpf ignored', () => {
	const text = `libbpf: BTF loading error: -22
libbpf: -- BEGIN BTF LOAD LOG ---
magic: 0xeb9f
-- END BTF LOAD LOG --
libbpf: Error loading .BTF into kernel: -22. BTF is optional, ignoring.
libbpf: map 'large': failed to create: Cannot allocate memory(-12)
libbpf: failed to load object 'object'
`;
	const error = nativeError('INGERO_BPF_LOAD', 'bpf_object__load', 12, text);
	expect(error.message).toContain("map 'large': failed to create");
	expect(error.diagnostics).toContain('BTF loading error');
});

it('names error numbers that only the kernel or libbpf has', () => {
	expect(nativeError('INGERO_BPF_MAP', 'x', 524, '').errnoName).toBe('ENOTSUPP');
	expect(nativeError('INGERO_BPF_OPEN', 'x', 4001, '').errnoName).toBe('FORMAT');
	expect(nativeError('INGERO_BPF_CLOSED', 'x', 0, '')).toMatchObject({ errno: undefined, errnoName: undefined });
});
