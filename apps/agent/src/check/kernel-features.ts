import { type Feature, features, version as libbpfVersion } from '@ingero/bpf-loader-native';
import { messageOf } from '../errors';
import { type CheckResult, ok } from './result';

/** What the kernel has, each tried with a program of two instructions. */
export function kernelFeatures(): CheckResult[] {
	try {
		const found = features();
		const need = (name: string, feature: Feature, status: 'optional' | 'missing'): CheckResult =>
			feature.supported ? ok(name, 'works') : { name, status, value: feature.reason };
		return [
			ok('libbpf', libbpfVersion()),
			need('uprobes', found.uprobe, 'missing'),
			need('uprobe cookies', found.uprobeCookie, 'missing'),
			need('ring buffers', found.ring, 'missing'),
			need('uprobe multi links', found.uprobeMulti, 'optional'),
			need('process filter', found.uprobeMultiPid, 'optional'),
			need('session uprobes', found.uprobeSession, 'optional'),
			need('kprobes', found.kprobe, 'optional'),
		];
	} catch (error) {
		return [{ name: 'eBPF', status: 'missing', value: messageOf(error) }];
	}
}
