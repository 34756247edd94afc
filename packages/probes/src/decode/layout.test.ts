import { BpfObject, type StructLayout } from '@ingero/bpf-loader-native';
import { Ledger, SourceClock, ThreadTimes } from '@ingero/steps';
import { afterAll, describe, expect, it } from 'vitest';
import * as layout from './layout';
import { readLedgerPart } from './ledger-part';
import { readThreadTimes } from './thread-times';

const OBJECTS = new URL('../../../../bpf/build/', import.meta.url).pathname;

const camelCase = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const offsets = ({ fields }: StructLayout) => Object.fromEntries(fields.map(({ name, offset }) => [name, offset]));

// Opening an object needs no privilege, but the addon, which only Linux has.
describe.skipIf(process.platform !== 'linux').each(['x86', 'arm64'])('the object for %s', (architecture) => {
	const object = BpfObject.open(`${OBJECTS}${architecture}/ingero.bpf.o`);
	afterAll(() => object.close());

	it('has events where we read them', () => {
		const event = object.structLayout('ingero_event');
		expect(event.size).toBe(layout.EVENT_WORDS * 4);
		expect(offsets(event)).toEqual({
			ts_ns: 0,
			duration_ns: layout.EVENT_DURATION * 4,
			pid: layout.EVENT_PID * 4,
			tid: layout.EVENT_TID * 4,
			op: layout.EVENT_OP * 4,
			args: layout.EVENT_ARG0 * 4,
		});
	});

	it('has the ledger of a ledger part where we read it', () => {
		const part = object.structLayout('ingero_ledger_part');
		expect(part.size).toBe(layout.LEDGER_PART_WORDS * 4);
		expect(offsets(part)).toMatchObject({ event: 0, ledger: layout.LEDGER_AT * 4 });
	});

	it('has every field of a ledger where we read it', () => {
		const { fields } = object.structLayout('ingero_ledger');
		const words = new Uint32Array(layout.LEDGER_PART_WORDS);
		// A number of its own in every word, times after the base.
		for (let i = 0; i < words.length; i++) words[i] = 1000 + i;
		const clock = new SourceClock(5n);
		const ledger = new Ledger();
		readLedgerPart(words, 0, clock, ledger);
		for (const { name, offset, elements } of fields) {
			const at = layout.LEDGER_AT + offset / 4;
			const [low, high] = [words[at] as number, words[at + 1] as number];
			if (name === 'sketch') {
				expect([...ledger.sketch]).toEqual([...words.subarray(at, at + 2 * elements)]);
			} else if (name === 'fingerprint') {
				expect([ledger.fingerprint0, ledger.fingerprint1]).toEqual([low, high]);
			} else {
				const value = high * 2 ** 32 + low;
				expect([name, ledger[camelCase(name) as keyof Ledger]]).toEqual([
					name,
					name.endsWith('work_ns') ? value - 5 : value,
				]);
			}
		}
		// Whatever a ledger has is in the record.
		const derived = ['fingerprint0', 'fingerprint1', 'lossy', 'launchesUnseen'];
		expect(new Set(fields.map(({ name }) => camelCase(name)))).toEqual(
			new Set([...Object.keys(ledger).filter((name) => !derived.includes(name)), 'fingerprint']),
		);
	});

	it('has every one of the times of a thread where we read it', () => {
		const record = object.structLayout('ingero_edge_with_times');
		expect(record.size).toBe(layout.EDGE_WITH_TIMES_WORDS * 4);
		expect(offsets(record)).toEqual({
			event: 0,
			thread: layout.THREAD_SUMS_AT * 4,
			around: layout.SURROUNDINGS_AT * 4,
		});
		const words = Uint32Array.from({ length: layout.EDGE_WITH_TIMES_WORDS }, (_, i) => 1000 + i);
		const parts = [
			{ struct: 'ingero_thread_sums', at: layout.THREAD_SUMS_AT },
			{ struct: 'ingero_surroundings', at: layout.SURROUNDINGS_AT },
		];
		const inRecord = parts.flatMap(({ struct, at }) =>
			object.structLayout(struct).fields.map(({ name, offset }) => {
				const word = at + offset / 4;
				return [camelCase(name), (words[word + 1] as number) * 2 ** 32 + (words[word] as number)];
			}),
		);
		const times = new ThreadTimes();
		readThreadTimes(words, 0, times);
		expect(times.values).toHaveLength(inRecord.length);
		for (const [name, value] of inRecord) expect([name, times[name as keyof ThreadTimes]]).toEqual([name, value]);
	});

	it('has the configuration where we write it', () => {
		const config = object.structLayout('ingero_config');
		expect(config.size).toBe(layout.CONFIG_BYTES);
		expect(offsets(config)).toEqual({
			admit_below: layout.CONFIG_ADMIT_BELOW,
			admit_all_until_ns: layout.CONFIG_ADMIT_ALL_UNTIL,
			only_targets: layout.CONFIG_ONLY_TARGETS,
			only_users: layout.CONFIG_ONLY_USERS,
			epoch: layout.CONFIG_EPOCH,
			reserved: layout.CONFIG_EPOCH + 4,
		});
	});

	it('has what a process has hit where we read it', () => {
		const fields = offsets(object.structLayout('ingero_process'));
		expect([fields.launches, fields.other_hits]).toEqual([8 * layout.PROCESS_LAUNCHES, 8 * layout.PROCESS_OTHER_HITS]);
	});

	it('has the counters in the order of their names', () => {
		const { fields, size } = object.structLayout('ingero_counters');
		expect(fields.map(({ name }) => camelCase(name))).toEqual(layout.COUNTER_NAMES);
		expect(size).toBe(8 * layout.COUNTER_NAMES.length);
	});
});
