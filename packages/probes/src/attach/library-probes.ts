import { type BpfError, type BpfLink, type BpfObject, detachAll } from '@ingero/bpf-loader-native';
import { type EntryProgram, type ProbedFunction, TIMED_PROGRAMS } from '../functions';
import { findFunctions } from '../sites/elf-symbols';
import { chooseSite, type ProbeSite, thisMachine } from '../sites/site';
import { attachPlaces } from './attach-sites';
import { attachCookie } from './cookie';

/** What became of one symbol of a library. */
export interface SymbolReport {
	readonly symbol: string;
	/** Whether the library exports it. */
	readonly exported: boolean;
	/** Where its probes are; with a refusal, the place that was refused, if there was one. */
	readonly site?: ProbeSite | undefined;
	/** Whether its return is probed too. */
	readonly returns: boolean;
	/** Another symbol with the same code, whose probes see its calls. */
	readonly sameAs?: string;
	/** Why it is not probed. */
	readonly refused?: string;
}

/** The probes on one library file. */
export interface LibraryProbes {
	readonly path: string;
	readonly symbols: readonly SymbolReport[];
	/**
	 * Attaches or detaches the probes on kernel launches alone.
	 *
	 * @throws BpfError when the kernel refuses what it allowed before
	 */
	watchLaunches(isWanted: boolean): void;
	detach(): void;
}

/** How the sites of a library are chosen. */
export interface SitePolicy {
	/** Probe functions where the kernel has to single-step, at 5 to 17 us a call. Default: they are refused. */
	readonly allowStepped?: boolean | undefined;
	/** False where the self-test saw probes on long nops do harm. Default true. */
	readonly longNops?: boolean | undefined;
}

interface PlannedSite {
	readonly symbol: string;
	readonly program: EntryProgram;
	readonly fileOffset: number;
	readonly cookie: bigint;
}

/** Programs that count kernel launches: most calls of most processes, and what guard mode leaves out. */
const LAUNCH_PROGRAMS: ReadonlySet<EntryProgram> = new Set(['launch_kernel', 'launch_kernel_ex']);

/**
 * Attaches every probe to a library. A site that the kernel refuses is reported and does not stop the others.
 *
 * Return probes come first and go last: an entry whose return was not probed would leave its call pending.
 *
 * @param options.multi one link for all sites of a program (kernel 6.6), else one perf event a site
 * @param options.pid limits the probes to one process; leave out for every process that maps the file
 * @param options.functions what is probed, of whatever family the library is
 * @throws ProbeError for a file that is no library; BpfError when the kernel refuses all
 */
export function attachLibrary(
	object: BpfObject,
	path: string,
	options: SitePolicy & {
		readonly multi: boolean;
		readonly pid?: number | undefined;
		readonly functions: readonly ProbedFunction[];
	},
): LibraryProbes {
	const { sites, symbols } = planSites(path, options.functions, options);
	const links: Record<'returns' | 'entries' | 'launches', BpfLink[]> = { returns: [], entries: [], launches: [] };
	const refused = new Map<string, BpfError>();
	const detach = () => {
		detachAll([...links.launches.splice(0), ...links.entries.splice(0)]);
		detachAll(links.returns.splice(0));
	};
	const attach = (to: BpfLink[], program: string, own: readonly PlannedSite[], atReturn: boolean) => {
		const wanted = own.filter(({ symbol }) => !refused.has(symbol));
		const attached = attachPlaces(object.program(program), path, wanted, { ...options, return: atReturn });
		to.push(...attached.links);
		for (const [{ symbol }, error] of attached.refused) refused.set(symbol, error);
	};
	const attachEntries = (to: BpfLink[], own: readonly PlannedSite[]) => {
		for (const program of new Set(own.map((site) => site.program))) {
			attach(
				to,
				program,
				own.filter((site) => site.program === program),
				false,
			);
		}
	};
	const launches = sites.filter(({ program }) => LAUNCH_PROGRAMS.has(program));
	try {
		attach(
			links.returns,
			'timed_call_returned',
			sites.filter((site) => TIMED_PROGRAMS.has(site.program)),
			true,
		);
		attachEntries(
			links.entries,
			sites.filter(({ program }) => !LAUNCH_PROGRAMS.has(program)),
		);
		attachEntries(links.launches, launches);
		const [first] = refused.values();
		if (first !== undefined && refused.size === sites.length) throw first;
	} catch (error) {
		detach();
		throw error;
	}
	return {
		path,
		symbols: withRefusals(symbols, refused),
		detach,
		watchLaunches: (isWanted) => {
			if (!isWanted) detachAll(links.launches.splice(0));
			else if (links.launches.length === 0) attachEntries(links.launches, launches);
		},
	};
}

/** Decides, without touching the kernel, where the probes of a library would go. */
export function planSites(
	path: string,
	functions: readonly ProbedFunction[],
	policy: SitePolicy = {},
): { sites: PlannedSite[]; symbols: SymbolReport[] } {
	const variants = functions.flatMap((probed) => variantsOf(probed));
	const found = new Map(
		findFunctions(path, new Set(variants.map(({ symbol }) => symbol))).map((symbol) => [symbol.name, symbol]),
	);
	const machine = { ...thisMachine(), longNops: policy.longNops ?? true };
	const taken = new Map<number, string>();
	const sites: PlannedSite[] = [];
	const symbols: SymbolReport[] = [];
	for (const { symbol, probed, perThread } of variants) {
		const code = found.get(symbol);
		const returns = TIMED_PROGRAMS.has(probed.program);
		if (code === undefined) {
			symbols.push({ symbol, exported: false, returns });
			continue;
		}
		const sameAs = taken.get(code.fileOffset);
		if (sameAs !== undefined) {
			symbols.push({ symbol, exported: true, returns, sameAs });
			continue;
		}
		taken.set(code.fileOffset, symbol);
		const allowStepped = (policy.allowStepped ?? false) || probed.isRare === true;
		const decision = chooseSite(code.code, { returns, allowStepped }, machine);
		symbols.push({ symbol, exported: true, returns, ...decision });
		if (decision.site === undefined || decision.refused !== undefined) continue;
		sites.push({
			symbol,
			program: probed.program,
			fileOffset: code.fileOffset + decision.site.offset,
			cookie: attachCookie(probed, { perThread, stackShiftBytes: decision.site.stackShiftBytes }),
		});
	}
	return { sites, symbols };
}

function variantsOf(probed: ProbedFunction): { symbol: string; probed: ProbedFunction; perThread: boolean }[] {
	const plain = { symbol: probed.name, probed, perThread: false };
	if (probed.perThreadSuffix === undefined) return [plain];
	return [plain, { symbol: probed.name + probed.perThreadSuffix, probed, perThread: true }];
}

function withRefusals(symbols: readonly SymbolReport[], refused: ReadonlyMap<string, BpfError>): SymbolReport[] {
	return symbols.map((report) => {
		const error = refused.get(report.symbol);
		return error === undefined ? report : { ...report, refused: `the kernel refuses it: ${error.errnoName}` };
	});
}
