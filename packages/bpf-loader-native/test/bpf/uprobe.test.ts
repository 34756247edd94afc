import { expect, it } from 'vitest';
import { BpfError, type BpfLink, type BpfMap, BpfObject, detachAll, enableRunStatistics } from '../../src/index';
import { describeBpf, objectPath, readU64, TARGET, Target, u64 } from './support';

function open(multi = false): { object: BpfObject; hits: BpfMap } & Disposable {
	const object = BpfObject.open(objectPath('uprobe'), multi ? { attachTypes: { blnt_count: 'uprobe.multi' } } : {});
	object.load();
	return { object, hits: object.map('hits'), [Symbol.dispose]: () => object.close() };
}

function allHits(map: BpfMap): Record<string, number> {
	return Object.fromEntries([...map.entries()].map(([key, value]) => [readU64(key), readU64(value)]));
}

describeBpf('uprobe', ['uprobe', 'uprobeCookie'], () => {
	it('attaches by symbol and by file offset, tells sites apart by cookie, stops when detached', async () => {
		using session = open();
		await using target = new Target();
		const offsets = await target.offsets();
		const program = session.object.program('blnt_count');
		const bySymbol = program.attachUprobe({ path: TARGET, symbol: 'site_03', cookie: 3n, pid: target.pid });
		using byOffset = program.attachUprobe({
			path: TARGET,
			offset: offsets[4] as number,
			cookie: 2n ** 64n - 1n,
			pid: target.pid,
		});
		await target.ask('call 3 10');
		await target.ask('call 4 20');
		await target.ask('call 5 40');
		expect(readU64(session.hits.get(u64(3)))).toBe(10);
		expect(readU64(session.hits.get(u64(2n ** 64n - 1n)))).toBe(20);
		expect([...session.hits.keys()]).toHaveLength(2);
		bySymbol.detach();
		bySymbol.detach();
		expect([bySymbol.attached, byOffset.attached]).toEqual([false, true]);
		await target.ask('call 3 10');
		await target.ask('call 4 1');
		expect(readU64(session.hits.get(u64(3)))).toBe(10);
		expect(readU64(session.hits.get(u64(2n ** 64n - 1n)))).toBe(21);
	});

	it('counts one process when asked to, all threads of it, and every process otherwise', async () => {
		using session = open();
		await using one = new Target();
		await using other = new Target();
		const program = session.object.program('blnt_count');
		program.attachUprobe({ path: TARGET, symbol: 'site_00', cookie: 1n, pid: one.pid });
		program.attachUprobe({ path: TARGET, symbol: 'site_00', cookie: 2n });
		await one.ask('threads 0 50 4');
		await other.ask('call 0 1000');
		expect(allHits(session.hits)).toEqual({ 1: 200, 2: 1200 });
	});

	it('detaches many links of several objects at once, whatever kind they are', async () => {
		using one = open(true);
		using other = open();
		await using target = new Target();
		const offsets = await target.offsets();
		const multi = one.object.program('blnt_count');
		const attach = (site: number): BpfLink =>
			multi.attachUprobeMulti({ path: TARGET, offsets: [offsets[site] as number], cookies: [BigInt(site)] });
		const links = [0, 1, 2, 3, 4].map(attach);
		const kept = attach(5);
		const ended = attach(6);
		ended.detach();
		const single = other.object.program('blnt_count');
		links.push(single.attachUprobe({ path: TARGET, symbol: 'site_00', cookie: 9n, pid: target.pid }), ended);
		for (let site = 0; site < 7; site++) await target.ask(`call ${site} 10`);
		const before = [allHits(one.hits), allHits(other.hits)];
		expect(before).toEqual([{ 0: 10, 1: 10, 2: 10, 3: 10, 4: 10, 5: 10 }, { 9: 10 }]);
		detachAll(links);
		expect(links.some(({ attached }) => attached)).toBe(false);
		for (let site = 0; site < 7; site++) await target.ask(`call ${site} 10`);
		expect([allHits(one.hits), allHits(other.hits)]).toEqual([{ ...before[0], 5: 20 }, before[1]]);
		expect(kept.attached).toBe(true);
		detachAll([]);
	});

	it('runs at return', async () => {
		using session = open();
		await using target = new Target();
		const program = session.object.program('blnt_count');
		program.attachUprobe({ path: TARGET, symbol: 'site_recursive', cookie: 1n, pid: target.pid });
		program.attachUprobe({ path: TARGET, symbol: 'site_recursive', cookie: 2n, pid: target.pid, return: true });
		expect(await target.ask('recurse 6')).toBe('6');
		expect(allHits(session.hits)).toEqual({ 1: 6, 2: 6 });
	});

	it('ends its links with the object', async () => {
		const session = open();
		await using target = new Target();
		const link = session.object.program('blnt_count').attachUprobe({ path: TARGET, symbol: 'site_00' });
		session.object.close();
		expect(link.attached).toBe(false);
		link.detach();
		expect(await target.ask('call 0 10')).toBe('');
	});

	it('counts runs and time while statistics are on', async () => {
		using session = open();
		await using target = new Target();
		const program = session.object.program('blnt_count');
		program.attachUprobe({ path: TARGET, symbol: 'site_00', pid: target.pid });
		await target.ask('call 0 100');
		const statistics = enableRunStatistics();
		await target.ask('call 0 100');
		statistics.close();
		statistics.close();
		await target.ask('call 0 100');
		const { runCount, runTimeNs } = program.statistics();
		expect(runCount).toBe(100);
		expect(runTimeNs).toBeGreaterThan(0);
	});

	it('says what is wrong', () => {
		using session = open();
		const program = session.object.program('blnt_count');
		for (const [options, errno] of [
			[{ path: TARGET, symbol: 'no_such_function' }, 'ENOENT'],
			[{ path: '/no/such/file', offset: 64 }, 'ENOENT'],
			[{ path: TARGET, offset: 2 ** 40 }, 'EINVAL'],
		] as const) {
			expect(() => program.attachUprobe(options)).toThrow(
				expect.objectContaining({ code: 'INGERO_BPF_ATTACH', errnoName: errno, hint: expect.any(String) }),
			);
		}
		expect(() => program.attachUprobe({ path: TARGET })).toThrow(TypeError);
		expect(() => program.attachUprobe({ path: TARGET, symbol: 'main', cookie: -1n })).toThrow(TypeError);
		expect(() => program.attachUprobe({ path: TARGET, symbol: 'main', pid: 0 })).toThrow(TypeError);
		expect(() => program.attachUprobeMulti({ path: TARGET, offsets: [1] })).toThrow(TypeError);
	});
});

describeBpf('uprobe.multi', ['uprobeMulti', 'uprobeMultiPid'], () => {
	it('attaches 20 sites with a cookie each, in one process', async () => {
		using session = open(true);
		await using target = new Target();
		await using other = new Target();
		const offsets = (await target.offsets()).slice(0, 20);
		const link = session.object.program('blnt_count').attachUprobeMulti({
			path: TARGET,
			offsets,
			cookies: offsets.map((_, site) => BigInt(1000 + site)),
			pid: target.pid,
		});
		for (let site = 0; site < 40; site++) {
			await target.ask(`call ${site} ${site + 1}`);
			await other.ask(`call ${site} 100`);
		}
		await target.ask('threads 0 25 4');
		const expected = Object.fromEntries(offsets.map((_, site) => [1000 + site, site === 0 ? 101 : site + 1]));
		expect(allHits(session.hits)).toEqual(expected);
		link.detach();
		await target.ask('call 0 10');
		expect(allHits(session.hits)).toEqual(expected);
	});

	it('runs at return', async () => {
		using session = open(true);
		await using target = new Target();
		const offsets = (await target.offsets()).slice(0, 2);
		session.object
			.program('blnt_count')
			.attachUprobeMulti({ path: TARGET, offsets, cookies: [1n, 2n], pid: target.pid, return: true });
		await target.ask('call 0 3');
		await target.ask('call 1 5');
		expect(allHits(session.hits)).toEqual({ 1: 3, 2: 5 });
	});

	it('attaches nothing when one site is wrong', async () => {
		using session = open(true);
		await using target = new Target();
		const offsets = [...(await target.offsets()).slice(0, 3), 2 ** 40];
		const program = session.object.program('blnt_count');
		expect(() => program.attachUprobeMulti({ path: TARGET, offsets })).toThrow(BpfError);
		await target.ask('call 0 3');
		expect(allHits(session.hits)).toEqual({});
		expect(() => program.attachUprobeMulti({ path: '/', offsets })).toThrow(
			expect.objectContaining({ errnoName: 'EBADF' }),
		);
		expect(() => program.attachUprobeMulti({ path: TARGET, offsets: [] })).toThrow(TypeError);
		expect(() => program.attachUprobeMulti({ path: TARGET, offsets, cookies: [1n] })).toThrow(TypeError);
		expect(() => program.attachUprobe({ path: TARGET, symbol: 'site_00' })).toThrow(
			expect.objectContaining({ code: 'INGERO_BPF_ATTACH', errnoName: 'EINVAL' }),
		);
	});
});

describeBpf('uprobe.session', ['uprobeSession', 'btf'], () => {
	it('runs at entry and return and carries its cookie from one to the other, also when nested', async () => {
		using object = BpfObject.open(objectPath('session'), { attachTypes: { blnt_session: 'uprobe.session' } });
		object.load();
		await using target = new Target();
		const offsets = await target.offsets();
		const program = object.program('blnt_session');
		const options = { path: TARGET, offsets: offsets.slice(0, 1), pid: target.pid };
		expect(() => program.attachUprobeMulti({ ...options, return: true })).toThrow(TypeError);
		program.attachUprobeMulti(options);
		await target.ask('call 0 7');
		expect([0, 1, 2].map((index) => readU64(object.map('counts').getAt(index)))).toEqual([7, 7, 7]);
	});
});
