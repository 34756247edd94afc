import type { BpfLink, BpfObject } from '@ingero/bpf-loader-native';
import type { EntryProgram, ProbedFunction } from '../functions';
import { probedFunctions } from '../memory-functions';
import { findFunctions } from '../sites/elf-symbols';
import { chooseSite, type ProbeSite } from '../sites/site';
import { attachCookie } from './cookie';

/** What became of one symbol of a library. */
export interface SymbolReport {
	readonly symbol: string;
	/** `undefined` when the library does not export it. */
	readonly site: ProbeSite | undefined;
	/** Why it is not probed. */
	readonly refused?: string;
}

/** The probes on one library file; detaching them is the only thing left to do. */
export interface LibraryProbes {
	readonly path: string;
	readonly symbols: readonly SymbolReport[];
	detach(): void;
}

interface PlannedSite {
	readonly program: EntryProgram;
	readonly fileOffset: number;
	readonly cookie: bigint;
}

/**
 * Attaches every probe to a library.
 *
 * Return probes come first and go last: an entry whose return was not probed would leave its call pending.
 *
 * @param options.multi one link for all sites of a program (kernel 6.6), else one perf event a site
 * @param options.pid limits the probes to one process; leave out for every process that maps the file
 * @param options.memory follow the memory of processes
 * @throws ProbeError for a file that is no library; BpfError when the kernel refuses
 */
export function attachLibrary(
	object: BpfObject,
	path: string,
	options: { readonly multi: boolean; readonly pid?: number | undefined; readonly memory: boolean },
): LibraryProbes {
	const { sites, symbols } = planSites(path, options);
	const links: BpfLink[] = [];
	const detach = () => {
		for (const link of links.splice(0).reverse()) link.detach();
	};
	try {
		const timed = sites.filter((site) => site.program === 'timed_call_entered');
		links.push(...attachSites(object, 'timed_call_returned', path, timed, { ...options, return: true }));
		for (const program of ['timed_call_entered', 'call_entered', 'launch_kernel_ex', 'launch_kernel'] as const) {
			const own = sites.filter((site) => site.program === program);
			links.push(...attachSites(object, program, path, own, { ...options, return: false }));
		}
	} catch (error) {
		detach();
		throw error;
	}
	return { path, symbols, detach };
}

/** Decides, without touching the kernel, where the probes of a library would go. */
export function planSites(
	path: string,
	options: { readonly memory: boolean } = { memory: false },
): { sites: PlannedSite[]; symbols: SymbolReport[] } {
	const variants = probedFunctions(options.memory).flatMap((probed) => variantsOf(probed));
	const found = new Map(
		findFunctions(path, new Set(variants.map(({ symbol }) => symbol))).map((symbol) => [symbol.name, symbol]),
	);
	const taken = new Map<number, string>();
	const sites: PlannedSite[] = [];
	const symbols: SymbolReport[] = [];
	for (const { symbol, probed, perThread } of variants) {
		const code = found.get(symbol);
		if (code === undefined) {
			symbols.push({ symbol, site: undefined });
			continue;
		}
		const site = chooseSite(code.code);
		const alias = taken.get(code.fileOffset);
		if (alias !== undefined) {
			symbols.push({ symbol, site, refused: `the same code as ${alias}` });
			continue;
		}
		taken.set(code.fileOffset, symbol);
		symbols.push({ symbol, site });
		sites.push({
			program: probed.program,
			fileOffset: code.fileOffset + site.offset,
			cookie: attachCookie(probed, { perThread, stackShiftBytes: site.stackShiftBytes }),
		});
	}
	return { sites, symbols };
}

function variantsOf(probed: ProbedFunction): { symbol: string; probed: ProbedFunction; perThread: boolean }[] {
	const plain = { symbol: probed.name, probed, perThread: false };
	if (probed.perThreadSuffix === undefined) return [plain];
	return [plain, { symbol: probed.name + probed.perThreadSuffix, probed, perThread: true }];
}

function attachSites(
	object: BpfObject,
	programName: string,
	path: string,
	sites: readonly PlannedSite[],
	options: { readonly multi: boolean; readonly pid?: number | undefined; readonly return: boolean },
): BpfLink[] {
	if (sites.length === 0) return [];
	const program = object.program(programName);
	const pid = options.pid === undefined ? {} : { pid: options.pid };
	if (options.multi) {
		const offsets = sites.map((site) => site.fileOffset);
		const cookies = sites.map((site) => site.cookie);
		return [program.attachUprobeMulti({ path, offsets, cookies, return: options.return, ...pid })];
	}
	const links: BpfLink[] = [];
	try {
		for (const { fileOffset, cookie } of sites) {
			links.push(program.attachUprobe({ path, offset: fileOffset, cookie, return: options.return, ...pid }));
		}
	} catch (error) {
		for (const link of links) link.detach();
		throw error;
	}
	return links;
}
