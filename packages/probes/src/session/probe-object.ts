import { BpfObject } from '@ingero/bpf-loader-native';
import { UPROBE_PROGRAMS, uprobeAttachTypes } from '../functions';
import { objectFile } from '../object-file';
import type { ProbeSessionOptions } from './session-options';

/** Room for ledgers, unless another is asked for. */
const LEDGER_RING_BYTES = 16 << 20;
/** The programs know within two seconds when the agent stands still: from then on they deliver no raw events. */
const HEARTBEAT_MS = 100;
/** Different stacks that are kept; one more of them costs 520 bytes. */
const STACKS = 16_384;

/** Programs that say when a process is over, and where the time of its threads goes. */
const SCHEDULER_PROGRAMS = ['thread_exited', 'program_replaced', 'thread_switched', 'thread_woken'] as const;

/**
 * Loads the programs of a session, with room as its options ask for, and gives them signs of life from then on; nothing
 * is attached.
 *
 * @param setup.programs what calls run; the other programs of calls are left out
 * @param setup.multi whether one link may hold many probes
 * @throws ProbeError on a platform without probes, and where the file is missing; BpfError when the kernel refuses
 */
export function loadProbeObject(
	options: Pick<ProbeSessionOptions, 'objectDirectory' | 'stacks' | 'eventRingBytes' | 'ledgerRingBytes'>,
	setup: { readonly programs: ReadonlySet<string>; readonly multi: boolean },
): BpfObject {
	const { objectDirectory, stacks = false, eventRingBytes, ledgerRingBytes } = options;
	const object = BpfObject.open(objectFile(objectDirectory), {
		name: 'ingero',
		attachTypes: uprobeAttachTypes(setup.multi),
		maxEntries: {
			...(eventRingBytes === undefined ? {} : { event_ring: eventRingBytes }),
			...(ledgerRingBytes === undefined ? {} : { ledger_ring: ledgerRingBytes }),
			...(stacks ? { stacks: STACKS } : {}),
		},
		readOnlyData: {
			takes_stacks: stacks ? 1 : 0,
			ledger_ring_half: (ledgerRingBytes ?? LEDGER_RING_BYTES) / 2,
		},
		disable: UPROBE_PROGRAMS.filter((name) => !setup.programs.has(name)),
	});
	try {
		object.load();
		object.map('heartbeat').startHeartbeat({ key: new Uint8Array(4), intervalMs: HEARTBEAT_MS });
		return object;
	} catch (error) {
		object.close();
		throw error;
	}
}

/** @throws BpfError when the kernel refuses */
export function attachScheduler(object: BpfObject): void {
	for (const name of SCHEDULER_PROGRAMS) object.program(name).attachBtfTracepoint();
}
