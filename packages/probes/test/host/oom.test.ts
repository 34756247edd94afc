import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { HostProbes } from '../../src/host/host-probes';
import { lossesOf } from '../../src/host/losses';
import { type GroupProgram, ProbeGroup } from '../../src/host/probe-group';
import { describeKernel } from '../helpers/kernel-suite';
import { OBJECT_DIRECTORY } from '../helpers/watch';
import { HostTarget } from './host-target';
import { HostWatch } from './host-watch';

const LIMIT = 24 << 20;

/** A cgroup whose processes get 24 MiB. */
class Cage implements Disposable {
	readonly path: string;

	constructor() {
		// The controller is in one of two hierarchies, as the machine was set up.
		const isV1 = existsSync('/sys/fs/cgroup/memory');
		this.path = `/sys/fs/cgroup/${isV1 ? 'memory/' : ''}ingero-test-${process.pid}`;
		if (!isV1) writeFileSync('/sys/fs/cgroup/cgroup.subtree_control', '+memory');
		mkdirSync(this.path);
		writeFileSync(`${this.path}/${isV1 ? 'memory.limit_in_bytes' : 'memory.max'}`, String(LIMIT));
		writeFileSync(`${this.path}/${isV1 ? 'memory.swappiness' : 'memory.swap.max'}`, '0');
	}

	[Symbol.dispose](): void {
		rmdirSync(this.path);
	}
}

/** Starts a target that is killed for want of memory; returns when it is over. */
async function killForMemory(): Promise<number> {
	using cage = new Cage();
	await using target = await HostTarget.start(`echo $$ > ${cage.path}/cgroup.procs`);
	target.tell('touch 64');
	await target.ended;
	return target.pid;
}

describeKernel('processes killed for want of memory', () => {
	it('are told, whoever they are', async () => {
		const probes = new HostProbes({ blockIo: false, tcp: false, objectDirectory: OBJECT_DIRECTORY });
		using watched = new HostWatch(probes);
		const victims = [await killForMemory(), await killForMemory()];
		watched.stop();
		const kills = watched.records.filter(({ name }) => name === 'oom_kill');
		// The one that asks for memory in a cgroup is the only one there to be killed.
		expect(kills.map(({ pid, tid, args }) => [pid, tid, args[0]])).toEqual(
			victims.map((pid) => [pid, pid, BigInt(pid)]),
		);
		expect(watched.probes.losses().oom).toMatchObject({ produced: 2, delivered: 2, summed: 0 });
	});

	// Older kernels do not hand over the victim's task.
	it('are told on kernels that know the victim by its number alone', async () => {
		const older: GroupProgram = {
			name: 'thread_oom_killed',
			attach: (program) => program.attachTracepoint('oom', 'mark_victim'),
		};
		const definition = { object: 'host_oom', programs: [older], unwanted: ['process_oom_killed'], ringBytes: 4096 };
		using watched = new HostWatch(new ProbeGroup(definition, OBJECT_DIRECTORY));
		const victim = await killForMemory();
		watched.stop();
		expect(watched.records.map(({ name, pid, args }) => [name, pid, args[0]])).toEqual([
			['oom_kill', victim, BigInt(victim)],
		]);
		expect(lossesOf(watched.probes, 0)).toMatchObject({ produced: 1, delivered: 1 });
	});
});
