import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FileTree } from '../../test/proc-tree';
import { type Capabilities, readCapabilities } from './capabilities';
import { type CapabilityName, parseCapabilityMask } from './capability-names';
import { checkTracingPrivileges } from './tracing-privileges';

const LINUX_6_8 = { major: 6, minor: 8, patch: 0 };

function holding(...effective: CapabilityName[]): Capabilities {
	return { effective: new Set(effective), effectiveUid: 1000, inInitialUserNamespace: true };
}

describe('masks', () => {
	test.each([
		['0000000000000000', []],
		['0000000000000001', ['cap_chown']],
		['0000000001000000', ['cap_sys_resource']],
		['000000c000200000', ['cap_sys_admin', 'cap_perfmon', 'cap_bpf']],
		['8000010000000000', ['cap_checkpoint_restore']],
	])('%s', (mask, names) => {
		expect(parseCapabilityMask(mask)).toEqual(names);
	});

	test('this process', () => {
		const mask = readFileSync('/proc/self/status', 'utf8').match(/CapEff:\s*(\w+)/)?.[1] ?? '';
		const { effective, effectiveUid } = readCapabilities();
		expect([...effective]).toEqual(parseCapabilityMask(mask));
		expect(effectiveUid).toBe(process.geteuid?.());
	});

	test('root of a user namespace', () => {
		using proc = new FileTree({
			'self/status': 'Uid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\n',
			'self/ns/user': { link: 'user:[4026532588]' },
		});
		const capabilities = readCapabilities({ procRoot: proc.root });
		expect(capabilities.effective.size).toBe(41);
		expect(capabilities.inInitialUserNamespace).toBe(false);
		const { canTrace, remedy } = checkTracingPrivileges({ capabilities, kernelVersion: LINUX_6_8 });
		expect(canTrace).toBe(false);
		expect(remedy).toMatch(/^Run it outside the user namespace/);
	});
});

describe('what tracing lacks', () => {
	test('nothing, for root as containers and VMs have it', () => {
		const capabilities = holding('cap_sys_admin', 'cap_sys_ptrace', 'cap_dac_override');
		expect(checkTracingPrivileges({ capabilities, kernelVersion: LINUX_6_8 })).toEqual({
			missing: [],
			canTrace: true,
			remedy: undefined,
		});
	});

	test('nothing required, for the two capabilities made for it', () => {
		const capabilities = holding('cap_bpf', 'cap_perfmon');
		const { canTrace, missing } = checkTracingPrivileges({ capabilities, kernelVersion: LINUX_6_8 });
		expect(canTrace).toBe(true);
		expect(missing.map((privilege) => privilege.capabilities[0])).toEqual(['cap_sys_ptrace', 'cap_dac_read_search']);
	});

	test('everything, for an ordinary user; the remedy can be pasted', () => {
		const { canTrace, remedy } = checkTracingPrivileges({
			capabilities: holding(),
			kernelVersion: LINUX_6_8,
			executable: "/opt/it's node/bin/node",
		});
		expect(canTrace).toBe(false);
		expect(remedy).toBe(
			'Run it with sudo, or grant it once with: ' +
				`sudo setcap cap_bpf,cap_perfmon,cap_sys_ptrace,cap_dac_read_search+ep '/opt/it'\\''s node/bin/node'`,
		);
	});

	test.each([
		[{ major: 5, minor: 10, patch: 209 }, true],
		[{ major: 4, minor: 18, patch: 0 }, true],
		[{ major: 5, minor: 11, patch: 0 }, false],
		[{ major: 6, minor: 1, patch: 0 }, false],
	])('the locked-memory limit matters before 5.11: %j', (kernelVersion, matters) => {
		const { missing } = checkTracingPrivileges({ capabilities: holding('cap_sys_admin'), kernelVersion });
		expect(missing.some((privilege) => privilege.capabilities.includes('cap_sys_resource'))).toBe(matters);
	});
});
