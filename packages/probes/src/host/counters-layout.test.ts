import { BpfObject } from '@ingero/bpf-loader-native';
import { describe, expect, it } from 'vitest';
import * as layout from '../decode/layout';
import { GROUP_COUNTER_NAMES } from './group-counters';

const OBJECTS = new URL('../../../../bpf/build/', import.meta.url).pathname;
const GROUPS = ['host_processes', 'host_oom', 'host_block', 'host_tcp', 'memory_ioctl'];

const camelCase = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

// Opening an object needs no privilege, but the addon, which only Linux has.
describe.skipIf(process.platform !== 'linux').each(['x86', 'arm64'])('the objects about the host for %s', (folder) => {
	it.each(GROUPS)('%s has its counters and records where we read them', (group) => {
		using object = BpfObject.open(`${OBJECTS}${folder}/${group}.bpf.o`);
		const counters = object.structLayout('ingero_host_counters');
		expect(counters.fields.map(({ name }) => camelCase(name))).toEqual(GROUP_COUNTER_NAMES);
		expect(counters.size).toBe(8 * GROUP_COUNTER_NAMES.length);
		expect(object.structLayout('ingero_event').size).toBe(4 * layout.EVENT_WORDS);
	});
});
