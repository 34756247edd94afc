import { expect, it } from 'vitest';
import { HostProbes } from '../../src/host/host-probes';
import { OBJECT_DIRECTORY } from '../helpers/watch';
import { HostTarget } from './host-target';
import { HostWatch } from './host-watch';
import { describeWithTools } from './with-tools';

/** include/net/tcp_states.h */
const [ESTABLISHED, SYN_SENT] = [1n, 2n];

/** A network with one end of a cable whose other end takes everything and answers nothing. */
const SILENT_NETWORK = `
	ip link set lo up
	ip link add here type veth peer name there
	ip link set here up
	ip link set there up
	ip addr add 192.0.2.1/24 dev here
	ip -6 addr add 2001:db8::1/64 dev here nodad
	ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev here
	ip -6 neigh add 2001:db8::2 lladdr 02:00:00:00:00:02 dev here
`;

function watch(): HostWatch<HostProbes> {
	return new HostWatch(new HostProbes({ blockIo: false, objectDirectory: OBJECT_DIRECTORY }));
}

const ends = (word: bigint | undefined = 0n) => ({
	peerPort: Number(word & 0xffffn),
	localPort: Number((word >> 16n) & 0xffffn),
	state: word >> 32n,
});

describeWithTools('TCP segments sent again', ['unshare', 'nsenter', 'ip', 'tc'], () => {
	it('are told with both ends and the process that connects, over IPv4', async () => {
		await using target = await HostTarget.startInNetwork(SILENT_NETWORK);
		using watched = watch();
		expect(watched.probes.reports.filter(({ attached }) => !attached)).toEqual([]);
		const localPort = Number(await target.ask('connect 192.0.2.2 4711'));
		await watched.until(() => watched.of(target.pid, 'tcp_retransmit').length >= 2, 'the third SYN');
		watched.stop();
		for (const { args, tid } of watched.of(target.pid, 'tcp_retransmit')) {
			expect(args[0]).toBe((0xc0000201n << 32n) | 0xc0000202n);
			expect(ends(args[1])).toEqual({ peerPort: 4711, localPort, state: SYN_SENT });
			expect(args[2]).toBe(0n);
			expect(tid).toBe(target.pid);
		}
	});

	it('are told over IPv6, and over IPv4 through an IPv6 socket', async () => {
		await using target = await HostTarget.startInNetwork(SILENT_NETWORK);
		using watched = watch();
		const ports = [
			Number(await target.ask('connect 2001:db8::2 4712')),
			Number(await target.ask('connect ::ffff:192.0.2.2 4713')),
		];
		await watched.until(() => new Set(watched.of(target.pid).map(({ name }) => name)).size === 2, 'a SYN of both');
		watched.stop();
		const [six] = watched.of(target.pid, 'tcp_retransmit_ipv6');
		expect(six?.args.slice(0, 2)).toEqual([0x2001_0db8_0000_0000n, 2n]);
		expect(ends(six?.args[2])).toEqual({ peerPort: 4712, localPort: ports[0], state: SYN_SENT });
		const [mapped] = watched.of(target.pid, 'tcp_retransmit');
		expect(mapped?.args[0]).toBe((0xc0000201n << 32n) | 0xc0000202n);
		expect(ends(mapped?.args[1])).toEqual({ peerPort: 4713, localPort: ports[1], state: SYN_SENT });
	});

	it('of an accepted connection belong to the process that listens', async () => {
		await using server = await HostTarget.startInNetwork('ip link set lo up');
		using watched = watch();
		await server.ask('accept-and-send 127.0.0.1 4714');
		await using client = await server.startNextTo();
		const clientPort = Number(await client.ask('connect 127.0.0.1 4714'));
		// The client is there, and the way to it is gone.
		server.cutLoopback();
		await server.ask('');
		await watched.until(() => watched.of(server.pid, 'tcp_retransmit').length > 0, 'the data again');
		watched.stop();
		const [again] = watched.of(server.pid, 'tcp_retransmit');
		expect(again?.args[0]).toBe((0x7f000001n << 32n) | 0x7f000001n);
		expect(ends(again?.args[1])).toEqual({ peerPort: clientPort, localPort: 4714, state: ESTABLISHED });
		expect(again?.args[2]).toBe(1000n);
		const losses = watched.probes.losses().tcp;
		expect(losses?.produced).toBe(losses?.delivered);
		expect(losses?.delivered).toBe(watched.records.filter(({ name }) => name.startsWith('tcp_')).length);
	});
});
