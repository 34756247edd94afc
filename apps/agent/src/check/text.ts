import { type SymbolReport, surveySymbols } from '@ingero/probes';
import type { LibraryReport } from './libraries';
import type { CheckResult } from './result';
import type { CheckReport } from './run-checks';

const MARKS = { ok: '✓', optional: '~', missing: '✗' } as const;
const NAME_WIDTH = 22;
const FAMILY_NAMES = { driver: 'CUDA driver', runtime: 'CUDA runtime', nccl: 'NCCL' } as const;

/**
 * The report for people: a line a check and a library, and of the functions those that are not probed as they should be.
 *
 * @param options.sites list every function with its site
 */
export function describeReport(
	{ checks, libraries, losses }: CheckReport,
	options: { readonly sites: boolean },
): string[] {
	return [
		...checks.flatMap(describeCheck),
		...(libraries.length === 0
			? describeCheck({
					name: 'CUDA libraries',
					status: 'ok',
					value: 'none in use or installed; they are found when a process loads one',
				})
			: libraries.flatMap((library) => describeLibrary(library, options.sites))),
		`losses are counted by cause: ${losses.map(({ cause }) => cause).join(', ')} (--json says where)`,
	];
}

function describeCheck({ name, status, value, advice }: CheckResult): string[] {
	const line = `${MARKS[status]} ${name.padEnd(NAME_WIDTH)} ${value}`;
	return advice === undefined ? [line] : [line, `  → ${advice}`];
}

function describeLibrary({ path, families, pid, symbols, problem }: LibraryReport, sites: boolean): string[] {
	const name = families.map((family) => FAMILY_NAMES[family]).join(', ') || 'CUDA library';
	const use = pid === undefined ? 'not in use' : `process ${pid}`;
	if (problem !== undefined)
		return describeCheck({ name, status: 'optional', value: `${path} (${use})`, advice: problem });
	const { probed, stepped, refused, absent } = surveySymbols(symbols);
	const value = `${path} (${use}): ${probed.length} functions can be probed${stepped.length > 0 ? `, ${stepped.length} of them slowly` : ''}${refused.length > 0 ? `, ${refused.length} not` : ''}`;
	const odd = symbols.filter(({ refused: reason, site }) => reason !== undefined || site?.siteClass === 'stepped');
	return [
		...describeCheck({ name, status: stepped.length + refused.length > 0 ? 'optional' : 'ok', value }),
		...(sites ? symbols.filter(({ exported }) => exported) : odd).map((report) => `  ${describeSymbol(report)}`),
		...(absent.length > 0 ? [`  not exported: ${absent.join(', ')}`] : []),
	];
}

/** `cuLaunchKernel: +0 push %rbp, emulated`. */
export function describeSymbol({ symbol, site, returns, sameAs, refused }: SymbolReport): string {
	if (sameAs !== undefined) return `${symbol}: the same code as ${sameAs}`;
	if (refused !== undefined || site === undefined) return `${symbol}: not probed: ${refused ?? 'no site'}`;
	const { offset, instruction, siteClass, stackShiftBytes } = site;
	const shift = stackShiftBytes === 0 ? '' : `, ${stackShiftBytes} bytes of stack before it`;
	return `${symbol}: +${offset} ${instruction}, ${siteClass}${returns ? ', with its return' : ''}${shift}`;
}
