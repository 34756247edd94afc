import {
	type BpfError,
	type BpfLink,
	type BpfMap,
	BpfObject,
	type BpfProgram,
	isBpfError,
} from '@ingero/bpf-loader-native';
import { EVENT_WORDS } from '../decode/layout';
import { objectFile } from '../object-file';
import { GROUP_COUNTER_NAMES, type GroupCounters } from './group-counters';

/** A program of a group and how it is attached. */
export interface GroupProgram {
	readonly name: string;
	readonly attach: (program: BpfProgram) => BpfLink;
	/** The program that this one replaces on kernels that do not take it; it is not loaded elsewhere. */
	readonly insteadOf?: string;
}

/** Programs that share an object, and with it a ring. */
export interface GroupDefinition {
	/** Name of the object (bpf/programs). */
	readonly object: string;
	readonly programs: readonly GroupProgram[];
	/** Programs of the object that are not wanted. */
	readonly unwanted?: readonly string[];
	/** Room for records between kernel and reader; a record takes 56 bytes. */
	readonly ringBytes: number;
}

/** What became of one program. */
export interface ProgramReport {
	readonly program: string;
	readonly attached: boolean;
	/** Why it is not attached, in the kernel's words and with what can be done about it. */
	readonly reason?: string;
}

const FIRST_KEY = new Uint8Array(4);
const NOTHING: GroupCounters = Object.fromEntries(GROUP_COUNTER_NAMES.map((name) => [name, 0])) as GroupCounters;

/**
 * One object about the host, attached as far as the kernel lets it: a program that cannot be loaded or attached is
 * reported, the others go on.
 */
export class ProbeGroup implements Disposable {
	readonly #reports: ProgramReport[] = [];
	readonly #links: BpfLink[] = [];
	readonly #attached: BpfProgram[] = [];
	readonly #definition: GroupDefinition;
	readonly #path: string;
	#object: BpfObject | undefined;
	#final: { readonly counters: GroupCounters; readonly received: number; readonly nested: number } | undefined;

	/** @throws ProbeError where the objects are missing or the platform has no probes */
	constructor(definition: GroupDefinition, objectDirectory?: string) {
		this.#definition = definition;
		this.#path = objectFile(objectDirectory, definition.object);
		const { object, programs } = this.#load();
		this.#object = object;
		if (object === undefined) return;
		try {
			for (const program of programs) this.#attach(object, program);
		} catch (error) {
			object.close();
			throw error;
		}
	}

	get reports(): readonly ProgramReport[] {
		return this.#reports;
	}

	/** One of the object's maps, while there is an object. */
	map(name: string): BpfMap | undefined {
		return this.#object?.map(name);
	}

	/** @returns words read into `target`; 0 when there is nothing, or no room for a record */
	drain(target: Uint32Array): number {
		if (this.#object === undefined || target.length < EVENT_WORDS) return 0;
		const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
		return this.#object.ring('host_ring').drain(bytes) / 4;
	}

	get counters(): GroupCounters {
		if (this.#object === undefined) return this.#final?.counters ?? NOTHING;
		const sums = this.#object.map('host_counters').sumPerCpuU64(FIRST_KEY) ?? [];
		return Object.fromEntries(GROUP_COUNTER_NAMES.map((name, i) => [name, sums[i] ?? 0])) as GroupCounters;
	}

	/** Records read. */
	get received(): number {
		return this.#object?.ring('host_ring').counters.records ?? this.#final?.received ?? 0;
	}

	/** Hits that the kernel let go by, because a program was at work on that CPU already. */
	get nested(): number {
		if (this.#object === undefined) return this.#final?.nested ?? 0;
		return this.#attached.reduce((sum, program) => sum + program.statistics().recursionMisses, 0);
	}

	/** Detaches; what was seen until now can still be drained. */
	stop(): void {
		for (const link of this.#links) link.detach();
	}

	/** Unloads everything; the counters stay what they were. */
	close(): void {
		if (this.#object === undefined) return;
		this.stop();
		this.#final = { counters: this.counters, received: this.received, nested: this.nested };
		this.#object.close();
		this.#object = undefined;
	}

	[Symbol.dispose](): void {
		this.close();
	}

	/** All programs at once; where that fails, those that can be loaded alone. */
	#load(): { readonly object: BpfObject | undefined; readonly programs: readonly GroupProgram[] } {
		const { programs } = this.#definition;
		const wanted = programs.filter(({ insteadOf }) => insteadOf === undefined);
		const whole = this.#tryLoad(wanted);
		if (whole instanceof BpfObject) return { object: whole, programs: wanted };
		const possible = wanted.flatMap((program) => this.#possible(program));
		if (possible.length === 0) return { object: undefined, programs: [] };
		const object = this.#tryLoad(possible);
		if (object instanceof BpfObject) return { object, programs: possible };
		this.#reports.push(...possible.map(({ name }) => ({ program: name, attached: false, reason: object.message })));
		return { object: undefined, programs: [] };
	}

	/** The program if this kernel takes it, else what can replace it, else nothing and a report. */
	#possible(program: GroupProgram): GroupProgram[] {
		const replacements = this.#definition.programs.filter(({ insteadOf }) => insteadOf === program.name);
		let refusal: BpfError | undefined;
		for (const candidate of [program, ...replacements]) {
			const alone = this.#tryLoad([candidate]);
			if (alone instanceof BpfObject) {
				alone.close();
				return [candidate];
			}
			refusal ??= alone;
		}
		this.#reports.push({ program: program.name, attached: false, reason: refusal?.message ?? '' });
		return [];
	}

	/** @returns the loaded object, or the kernel's refusal */
	#tryLoad(programs: readonly GroupProgram[]): BpfObject | BpfError {
		const { programs: all, unwanted = [], ringBytes } = this.#definition;
		const left = all.filter((program) => !programs.includes(program)).map(({ name }) => name);
		const object = BpfObject.open(this.#path, {
			maxEntries: { host_ring: ringBytes },
			disable: [...left, ...unwanted],
		});
		try {
			object.load();
			return object;
		} catch (error) {
			object.close();
			if (!isBpfError(error)) throw error;
			return error;
		}
	}

	#attach(object: BpfObject, { name, attach }: GroupProgram): void {
		const program = object.program(name);
		try {
			this.#links.push(attach(program));
			this.#attached.push(program);
			this.#reports.push({ program: name, attached: true });
		} catch (error) {
			if (!isBpfError(error)) throw error;
			this.#reports.push({ program: name, attached: false, reason: error.message });
		}
	}
}
